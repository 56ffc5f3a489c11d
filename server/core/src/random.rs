//! The operating system's CSPRNG, in the one place that touches it.

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

/// A UUIDv7 (RFC 9562 §5.7) that sorts by `now`.
///
/// # Errors
/// As [`bytes`].
pub fn uuid_v7(now: OffsetDateTime) -> Result<Uuid, AuthError> {
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes()?).into_uuid())
}
