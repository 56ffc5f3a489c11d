//! The operating system's CSPRNG, in the one place that touches it.

use model::types::Slug;
use rand::{TryRngCore, rngs::OsRng};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::AuthError;

/// `N` random bytes.
///
/// # Errors
/// [`AuthError::Crypto`] when the operating system has none to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], AuthError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| AuthError::Crypto("no randomness"))?;
    Ok(bytes)
}

/// Digits, upper case, lower case.
pub(crate) const BASE62: &[u8; 62] = Slug::ALPHABET;

/// `length` characters of base62. Each is equally likely, since bytes beyond the alphabet are thrown away.
///
/// # Errors
/// When `rng` has none to give.
pub(crate) fn base62<R: TryRngCore>(rng: &mut R, length: usize) -> Result<String, R::Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 32];
    while text.len() < length {
        rng.try_fill_bytes(&mut bytes)?;
        let characters = bytes.iter().filter_map(|byte| BASE62.get(usize::from(byte & 0x3f)));
        text.extend(characters.map(|c| char::from(*c)).take(length - text.len()));
    }
    Ok(text)
}

/// A UUIDv7 (RFC 9562 §5.7) that sorts by `now`.
///
/// # Errors
/// As [`bytes`].
pub fn uuid_v7(now: OffsetDateTime) -> Result<Uuid, AuthError> {
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes()?).into_uuid())
}
