//! Keys and slugs. Randomness is a parameter.

use model::types::{ImageId, Slug};
use rand::{TryRngCore, rngs::OsRng};
use time::OffsetDateTime;
use uuid::Builder;

use crate::{images::ImageError, random};

/// A slug from the operating system's generator.
pub(super) fn random_slug() -> Result<Slug, ImageError> {
    slug(&mut OsRng)
}

/// A slug: every character is equally likely.
pub(super) fn slug(rng: &mut impl TryRngCore) -> Result<Slug, ImageError> {
    let text = random::base62(rng, Slug::LENGTH).map_err(|_| ImageError::Worker)?;
    text.parse().map_err(|_| ImageError::Worker)
}

/// A `UUIDv7` of the moment `now`.
pub(super) fn image_id(now: OffsetDateTime, rng: &mut impl TryRngCore) -> Result<ImageId, ImageError> {
    let mut random = [0; 10];
    rng.try_fill_bytes(&mut random).map_err(|_| ImageError::Worker)?;
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Ok(ImageId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid()))
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn slugs_use_the_whole_alphabet_evenly() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut counts = [0_u32; 62];
        for _ in 0..2000 {
            for c in slug(&mut rng).unwrap().as_str().bytes() {
                counts[Slug::ALPHABET.iter().position(|a| *a == c).unwrap()] += 1;
            }
        }
        // 30,000 draws over 62: 484 each, with a deviation of 22.
        assert!(counts.iter().all(|n| (370..600).contains(n)), "{counts:?}");
    }

    #[test]
    fn keys_sort_by_time() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let start = datetime!(2026-11-20 12:00 UTC);
        let ids: Vec<_> =
            (0..50).map(|i| image_id(start + Duration::milliseconds(i), &mut rng).unwrap()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].0.get_version_num(), 7);
    }
}
