//! The file formats from the outside: what they announce, and their private metadata removed.
//!
//! One strict reader per format. It walks the whole structure before any pixel is decoded, so a
//! file that is cut off or has no proper end is refused here, and dimensions and frame counts
//! are known before memory is spent. Stripping copies what is needed to show the picture and
//! nothing else: what isn't known to be harmless goes.

mod avif;
mod exif;
mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;
use model::types::MediaType;

pub(super) use self::{
    avif::{Avif, Coded, Nclx, Sequence, with_icc as avif_with_icc},
    jpeg::{Segment as JpegSegment, icc as jpeg_icc, segments as jpeg_segments, turned as jpeg_turned},
    png::colored_as as png_colored_as,
    webp::{is_lossless as is_lossless_webp, with_icc as webp_with_icc},
};
use super::ImageError;

/// What a file announces about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Pixels across, as coded.
    pub(super) width: u32,
    /// Pixels down, as coded.
    pub(super) height: u32,
    /// Frames; 1 unless animated.
    pub(super) frames: u32,
    /// What has to be done to the coded picture so that it is upright.
    pub(super) orientation: Orientation,
}

impl Facts {
    /// Width and height as shown.
    pub(super) fn shown(&self) -> (u32, u32) {
        if swaps_sides(self.orientation) { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Pixels of one frame.
    pub(super) fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Whether `orientation` turns the picture by a quarter.
pub(super) const fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Reads what the file announces.
///
/// # Errors
/// [`ImageError::Broken`] where the structure isn't whole.
pub(super) fn facts(kind: MediaType, bytes: &[u8]) -> Result<Facts, ImageError> {
    let facts = match kind {
        MediaType::Jpeg => jpeg::facts(bytes),
        MediaType::Png => png::facts(bytes),
        MediaType::Gif => gif::facts(bytes),
        MediaType::WebP => webp::facts(bytes),
        MediaType::Avif => Avif::parse(bytes)?.facts(bytes),
    }?;
    if facts.width == 0 || facts.height == 0 || facts.frames == 0 {
        return Err(super::wire::broken("no pixels"));
    }
    Ok(facts)
}

/// Whether a file is made to move, though it may have one frame only, of which the rest of it may show another one.
///
/// # Errors
/// [`ImageError::Broken`] where the structure isn't whole.
pub(super) fn can_move(kind: MediaType, bytes: &[u8]) -> Result<bool, ImageError> {
    match kind {
        MediaType::Png => png::can_move(bytes),
        MediaType::WebP => webp::can_move(bytes),
        MediaType::Jpeg | MediaType::Gif | MediaType::Avif => Ok(facts(kind, bytes)?.frames > 1),
    }
}

/// The file without private metadata and without bytes after its end. Pixels, animation, colour
/// profile and orientation stay; stripping twice changes nothing more.
///
/// # Errors
/// [`ImageError::Broken`] where the structure isn't whole.
pub(super) fn strip(kind: MediaType, bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    match kind {
        MediaType::Jpeg => jpeg::strip(bytes),
        MediaType::Png => png::strip(bytes),
        MediaType::Gif => gif::strip(bytes),
        MediaType::WebP => webp::strip(bytes),
        MediaType::Avif => avif::strip(bytes),
    }
}

/// Where the file ends: what follows is no part of the picture, nor of what is said of it.
///
/// # Errors
/// [`ImageError::Broken`] where the structure isn't whole.
pub(super) fn end(kind: MediaType, bytes: &[u8]) -> Result<usize, ImageError> {
    match kind {
        MediaType::Jpeg => jpeg::end(bytes),
        MediaType::Png => png::end(bytes),
        MediaType::Gif => gif::end(bytes),
        MediaType::WebP => webp::end(bytes),
        // Its boxes fill the file.
        MediaType::Avif => Avif::parse(bytes).map(|_| bytes.len()),
    }
}

#[cfg(test)]
pub(super) mod fixtures;
#[cfg(test)]
mod tests;
