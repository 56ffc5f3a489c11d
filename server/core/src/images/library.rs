//! A person's images: list, find, bin.

use model::types::{BinnedImage, Image, ImageId, Page, Slug, Usage, UserId};
use time::OffsetDateTime;

use super::ImageError;
use crate::Core;

/// Which images to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Entries at most; 1 to 200.
    pub limit: u32,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
    /// Words that the file name has, in any case.
    pub search: Option<String>,
}

/// An image with what serving it needs.
#[derive(Clone, Debug)]
pub struct StoredImage {
    /// The image.
    pub image: Image,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
}

/// One page of `owner`'s images.
pub async fn list(_core: &Core, _owner: UserId, _query: &ListQuery) -> Result<Page<Image>, ImageError> {
    unimplemented!()
}

/// One of `owner`'s images, the bin excepted.
pub async fn get(_core: &Core, _owner: UserId, _id: ImageId) -> Result<Option<Image>, ImageError> {
    unimplemented!()
}

/// Whoever's image has this slug, the bin excepted.
pub async fn by_slug(_core: &Core, _slug: &Slug) -> Result<Option<StoredImage>, ImageError> {
    unimplemented!()
}

/// Moves images to the bin; answers which were. One transaction.
pub async fn delete(_core: &Core, _owner: UserId, _ids: &[ImageId]) -> Result<Vec<ImageId>, ImageError> {
    unimplemented!()
}

/// Takes images out of the bin; answers which were.
pub async fn restore(_core: &Core, _owner: UserId, _ids: &[ImageId]) -> Result<Vec<ImageId>, ImageError> {
    unimplemented!()
}

/// Deletes binned images for good and frees their space; `None` empties the bin. Answers how many.
pub async fn purge(_core: &Core, _owner: UserId, _ids: Option<&[ImageId]>) -> Result<u64, ImageError> {
    unimplemented!()
}

/// One page of the bin, last deleted first.
pub async fn bin(
    _core: &Core,
    _owner: UserId,
    _limit: u32,
    _cursor: Option<&str>,
) -> Result<Page<BinnedImage>, ImageError> {
    unimplemented!()
}

/// The owner's space.
pub async fn usage(_core: &Core, _owner: UserId) -> Result<Option<Usage>, ImageError> {
    unimplemented!()
}

/// Deletes for good what has been in the bin for seven days.
pub async fn purge_expired(_core: &Core, _now: OffsetDateTime) -> Result<u64, ImageError> {
    unimplemented!()
}
