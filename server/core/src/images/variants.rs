//! Smaller renditions: made once, kept.

use bytes::Bytes;
use model::types::{VariantFormat, VariantWidth};

use super::{ImageError, library::StoredImage};
use crate::Core;

/// The variant's bytes, from the store or made now; however many ask at once, made once.
pub async fn get_or_make(
    _core: &Core,
    _image: &StoredImage,
    _width: VariantWidth,
    _format: VariantFormat,
) -> Result<Bytes, ImageError> {
    unimplemented!()
}
