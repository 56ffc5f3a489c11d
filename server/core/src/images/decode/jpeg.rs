//! JPEG.

use image::{DynamicImage, RgbImage};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::Picture;
use crate::images::{
    ImageError,
    containers::{Facts, jpeg_icc},
    wire::broken,
};

/// All pixels. Strict, so that data which ends early or is damaged is an error and not grey.
pub(super) fn full(bytes: &[u8], facts: &Facts) -> Result<Picture, ImageError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(facts.width as usize)
        .set_max_height(facts.height as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(|e| ImageError::Broken(e.to_string()))?;
    let image = RgbImage::from_raw(facts.width, facts.height, pixels).ok_or_else(|| broken("pixels are missing"))?;
    Ok(Picture::new(DynamicImage::ImageRgb8(image), jpeg_icc(bytes)))
}

/// Fewer pixels for less work, where the file allows it.
pub(in crate::images) fn scaled(_bytes: &[u8], _facts: &Facts, _width: u32) -> Option<Picture> {
    None
}
