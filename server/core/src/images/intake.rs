//! An image's way in: sniff, limits, decode, strip, hash, one transaction.

use bytes::Bytes;
use model::types::{ByteSize, Image, UserId};

use super::ImageError;
use crate::Core;

/// What an upload may be.
#[derive(Clone, Debug)]
pub struct IntakeLimits {
    /// Bytes of one file.
    pub bytes: ByteSize,
    /// Pixels, all frames counted.
    pub pixels: u64,
    /// Pixels along a side.
    pub side: u32,
    /// Frames of an animation.
    pub frames: u32,
}

/// Takes one file in. When this returns `Ok`, the image is durable.
pub async fn accept(
    _core: &Core,
    _owner: UserId,
    _filename: &str,
    _bytes: Bytes,
) -> Result<Image, ImageError> {
    unimplemented!()
}
