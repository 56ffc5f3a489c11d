//! PNG, GIF and WebP, still or animated.

use std::io::Cursor;

use image::{
    AnimationDecoder, DynamicImage, Frame, Frames, ImageDecoder, ImageResult, Limits,
    codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder},
};

use super::{Extent, Picture, memory};
use crate::images::{ImageError, containers::Facts, wire::broken};
use model::types::MediaType;

/// What a decoder may allocate beyond the pixels: tables, profiles, windows.
const OVERHEAD: u64 = 32 * 1024 * 1024;

fn refused(error: image::ImageError) -> ImageError {
    ImageError::Broken(error.to_string())
}

fn limits(kind: MediaType, facts: &Facts) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(facts.width);
    limits.max_image_height = Some(facts.height);
    limits.max_alloc = Some(memory(kind, facts).saturating_add(OVERHEAD));
    limits
}

pub(super) fn png(bytes: &[u8], facts: &Facts, extent: Extent) -> Result<Picture, ImageError> {
    let open = || PngDecoder::with_limits(Cursor::new(bytes), limits(MediaType::Png, facts));
    let mut decoder = open().map_err(refused)?;
    let icc = decoder.icc_profile().ok().flatten();
    if facts.frames > 1 || decoder.is_apng().map_err(refused)? {
        let frames = decoder.apng().map_err(refused)?.into_frames();
        return animation(frames, facts, extent, icc);
    }
    still(decoder, icc)
}

/// A still PNG with all its depth, in the colours that it has.
pub(in crate::images) fn png_exact(bytes: &[u8], facts: &Facts) -> Result<DynamicImage, ImageError> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits(MediaType::Png, facts));
    DynamicImage::from_decoder(decoder.map_err(refused)?).map_err(refused)
}

pub(super) fn gif(bytes: &[u8], facts: &Facts, extent: Extent) -> Result<Picture, ImageError> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    decoder.set_limits(limits(MediaType::Gif, facts)).map_err(refused)?;
    animation(decoder.into_frames(), facts, extent, None)
}

pub(super) fn webp(bytes: &[u8], facts: &Facts, extent: Extent) -> Result<Picture, ImageError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    decoder.set_limits(limits(MediaType::WebP, facts)).map_err(refused)?;
    let icc = decoder.icc_profile().ok().flatten();
    if decoder.has_animation() {
        return animation(decoder.into_frames(), facts, extent, icc);
    }
    still(decoder, icc)
}

fn still(decoder: impl ImageDecoder, icc: Option<Vec<u8>>) -> Result<Picture, ImageError> {
    Ok(Picture::new(DynamicImage::from_decoder(decoder).map_err(refused)?, icc))
}

/// The first frame; the others are decoded and dropped one by one where they are asked for.
fn animation(
    mut frames: Frames<'_>,
    facts: &Facts,
    extent: Extent,
    icc: Option<Vec<u8>>,
) -> Result<Picture, ImageError> {
    let next = |frames: &mut Frames<'_>| frames.next().transpose();
    let first: Frame = next(&mut frames).map_err(refused)?.ok_or_else(|| broken("no frame"))?;
    if extent == Extent::EveryFrame {
        let rest = frames.try_fold(0_u32, |count, frame: ImageResult<Frame>| frame.map(|_| count + 1));
        if rest.map_err(refused)? != facts.frames - 1 {
            return Err(broken("frames are missing"));
        }
    }
    Ok(Picture::new(DynamicImage::ImageRgba8(first.into_buffer()), icc))
}
