//! Keys and slugs.

use model::types::{ImageId, Slug};
use time::OffsetDateTime;

use crate::{images::ImageError, random::Random};

/// A slug: every character is equally likely.
pub(super) fn slug(random: &Random) -> Result<Slug, ImageError> {
    let text = random.base62(Slug::LENGTH).map_err(|_| ImageError::Worker)?;
    text.parse().map_err(|_| ImageError::Worker)
}

/// A `UUIDv7` of the moment `now`.
pub(super) fn image_id(random: &Random, now: OffsetDateTime) -> Result<ImageId, ImageError> {
    random.uuid_v7(now).map(ImageId).map_err(|_| ImageError::Worker)
}
