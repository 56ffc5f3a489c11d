//! Randomness, as [`Core`](crate::Core) has it: the operating system's CSPRNG, or in tests what they say.

use std::{fmt, sync::Arc};

use model::types::Slug;
use rand::TryRngCore as _;
#[expect(clippy::disallowed_types, reason = "the one place that touches it")]
use rand::rngs::OsRng;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::AuthError;

/// Where random bytes come from.
pub trait Source: Send + Sync {
    /// Fills `bytes`, each of them equally likely to be anything.
    ///
    /// # Errors
    /// [`NoRandomness`]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// There is none to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no randomness")]
pub struct NoRandomness;

impl From<NoRandomness> for AuthError {
    fn from(_: NoRandomness) -> Self {
        Self::Crypto("no randomness")
    }
}

#[expect(clippy::disallowed_types, reason = "the one place that touches it")]
impl Source for OsRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        // Nothing of it is kept in the process: a copy of one would be a second one that says the same.
        let mut rng = *self;
        rng.try_fill_bytes(bytes).map_err(|_| NoRandomness)
    }
}

/// What everything that must not be guessed, or must differ, is drawn from. Cheap to clone.
#[derive(Clone)]
pub struct Random(Arc<dyn Source>);

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// Digits, upper case, lower case.
pub(crate) const BASE62: &[u8; 62] = Slug::ALPHABET;

impl Random {
    /// The operating system's.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(OsRng))
    }

    /// From another source.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn of(source: impl Source + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] when there are none to give.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], AuthError> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// `length` characters of base62. Each is equally likely, since bytes beyond the alphabet are thrown away.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub(crate) fn base62(&self, length: usize) -> Result<String, AuthError> {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let bytes: [u8; 32] = self.bytes()?;
            let characters = bytes.iter().filter_map(|byte| BASE62.get(usize::from(byte & 0x3f)));
            text.extend(characters.map(|c| char::from(*c)).take(length - text.len()));
        }
        Ok(text)
    }

    /// A UUIDv7 (RFC 9562 §5.7) that sorts by `now`.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn uuid_v7(&self, now: OffsetDateTime) -> Result<Uuid, AuthError> {
        let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()?).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;
    use crate::testing::{filling, seeded};

    #[test]
    fn base62_uses_the_whole_alphabet_evenly() {
        let random = seeded(1);
        let mut counts = [0_u32; 62];
        for c in random.base62(30_000).unwrap().bytes() {
            counts[BASE62.iter().position(|a| *a == c).unwrap()] += 1;
        }
        // 30,000 draws over 62: 484 each, with a deviation of 22.
        assert!(counts.iter().all(|n| (370..600).contains(n)), "{counts:?}");
    }

    #[test]
    fn keys_sort_by_time() {
        let random = seeded(2);
        let start = datetime!(2026-11-20 12:00 UTC);
        let ids: Vec<_> =
            (0..50).map(|i| random.uuid_v7(start + Duration::milliseconds(i)).unwrap()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].get_version_num(), 7);
    }

    #[test]
    fn one_seed_says_the_same_and_the_system_does_not() {
        let draw = |random: Random| random.bytes::<32>().unwrap();
        assert_eq!(draw(seeded(3)), draw(seeded(3)));
        assert_ne!(draw(seeded(3)), draw(seeded(4)));
        assert_ne!(draw(Random::system()), draw(Random::system()));
    }

    #[test]
    fn a_script_is_followed_and_then_there_is_none() {
        let random = filling([1, 2]);
        assert_eq!((random.bytes().unwrap(), random.bytes().unwrap()), ([1; 3], [2]));
        assert!(matches!(random.bytes::<1>(), Err(AuthError::Crypto(_))));
    }
}
