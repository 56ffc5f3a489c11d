//! From bytes to pixels.

mod avif;
mod bits;
mod frames;
mod jpeg;
mod jpeg_scan;
mod jpeg_walk;
mod leaps;
mod yuv;

use image::DynamicImage;
use model::types::MediaType;

pub(super) use self::{frames::png_exact, jpeg::scaled as jpeg_scaled};
use super::{ImageError, containers::Facts};

/// The first frame, as coded: not yet turned upright.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    /// Eight bits, RGB or RGBA.
    pub(super) pixels: DynamicImage,
    /// The profile its colours are meant in; sRGB without one.
    pub(super) icc: Option<Vec<u8>>,
    /// How much of it shows the original, in pixels: of one made smaller, the last row and column
    /// may lie partly beyond the edge.
    pub(super) covered: (f64, f64),
}

impl Picture {
    /// With `pixels` brought to eight bits of RGB or RGBA, and `icc` kept only where it is for
    /// RGB: greys and CMYK are RGB by now, and their profiles mean nothing for it.
    pub(super) fn new(pixels: DynamicImage, icc: Option<Vec<u8>>) -> Self {
        let pixels = match pixels {
            pixels @ (DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_)) => pixels,
            pixels if pixels.color().has_alpha() => DynamicImage::ImageRgba8(pixels.into_rgba8()),
            pixels => DynamicImage::ImageRgb8(pixels.into_rgb8()),
        };
        // ICC.1 §7.2: the data colour space at byte 16, the file signature at byte 36.
        let icc = icc.filter(|icc| icc.get(16..20) == Some(b"RGB ") && icc.get(36..40) == Some(b"acsp"));
        let covered = (f64::from(pixels.width()), f64::from(pixels.height()));
        Self { pixels, icc, covered }
    }
}

/// How much of an animation to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Only what is shown as its still.
    FirstFrame,
    /// Everything, to know that it all decodes; one frame at a time is held.
    EveryFrame,
}

/// Bytes that decoding holds at once, roughly: the canvas and what decoders keep beside it.
pub(super) fn memory(kind: MediaType, facts: &Facts) -> u64 {
    let bytes_per_pixel = match kind {
        // The picture, and coefficients where it is progressive.
        MediaType::Jpeg => 9,
        // Sixteen-bit samples before they are cut to eight, or canvas, frame and previous frame.
        MediaType::Png | MediaType::Gif | MediaType::WebP => 12,
        // Planes of sixteen bits, colours and opacity.
        MediaType::Avif => 16,
    };
    facts.area().saturating_mul(bytes_per_pixel)
}

/// Decodes.
///
/// # Errors
/// [`ImageError::Broken`] where a decoder refuses, or answers other than `facts` announced.
pub(super) fn decode(
    kind: MediaType,
    bytes: &[u8],
    facts: &Facts,
    extent: Extent,
) -> Result<Picture, ImageError> {
    let picture = match kind {
        MediaType::Jpeg => jpeg::full(bytes, facts, extent),
        MediaType::Png => frames::png(bytes, facts, extent),
        MediaType::Gif => frames::gif(bytes, facts, extent),
        MediaType::WebP => frames::webp(bytes, facts, extent),
        MediaType::Avif => avif::decode(bytes, facts, extent),
    }?;
    if (picture.pixels.width(), picture.pixels.height()) != (facts.width, facts.height) {
        return Err(super::wire::broken("the picture has another size than announced"));
    }
    Ok(picture)
}

#[cfg(test)]
pub(super) mod fixtures;
#[cfg(test)]
mod tests;
