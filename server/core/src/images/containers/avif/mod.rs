//! AVIF (AOM AV1 image file format 1.1) on HEIF (ISO/IEC 23008-12) and ISO base media boxes
//! (ISO/IEC 14496-12).
//!
//! Read by hand because the libraries at hand give the coded bytes but not orientation, grids,
//! colour boxes or sequences.

mod boxes;
mod items;
mod picture;
mod strip;
mod track;

use image::metadata::Orientation;

pub(super) use self::strip::strip;
use self::{
    boxes::{Area, children, find},
    items::Items,
};
use super::Facts;
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// Colour of coded samples as numbers of ITU-T H.273 (`colr` of type `nclx`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::images) struct Nclx {
    /// Matrix coefficients.
    pub(in crate::images) matrix: u16,
    /// Whether samples use their full range.
    pub(in crate::images) full_range: bool,
}

/// AV1 pictures that make one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::images) struct Coded {
    /// The AV1 bitstreams, row by row.
    pub(in crate::images) tiles: Vec<Vec<u8>>,
    /// Tiles in a row; 1 unless a grid.
    pub(in crate::images) columns: usize,
    /// Pixels across; tiles may reach beyond.
    pub(in crate::images) width: u32,
    /// Pixels down.
    pub(in crate::images) height: u32,
    /// What the container says about colour; the bitstream says it otherwise.
    pub(in crate::images) nclx: Option<Nclx>,
}

/// What has to be decoded to show the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::images) struct Source {
    /// The colours.
    pub(in crate::images) color: Coded,
    /// The opacity.
    pub(in crate::images) alpha: Option<Coded>,
    /// Whether colours are multiplied with opacity already.
    pub(in crate::images) premultiplied: bool,
    /// The ICC profile.
    pub(in crate::images) icc: Option<Vec<u8>>,
}

/// The structure of a file.
pub(in crate::images) struct Avif {
    top: Vec<Area>,
    items: Option<Items>,
    track: Option<track::Track>,
}

impl Avif {
    /// Reads the boxes.
    ///
    /// # Errors
    /// [`ImageError::Broken`] where they aren't whole or hold no picture.
    pub(in crate::images) fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let top = children(bytes, 0..bytes.len())?;
        let items = match find(&top, *b"meta") {
            Some(meta) => Items::parse(bytes, meta)?,
            None => None,
        };
        let track = match find(&top, *b"moov") {
            Some(movie) => track::Track::find(bytes, movie)?,
            None => None,
        };
        if items.is_none() && track.is_none() {
            return Err(broken("no picture in the file"));
        }
        Ok(Self { top, items, track })
    }

    pub(super) fn facts(&self, bytes: &[u8]) -> Result<Facts, ImageError> {
        let (width, height, orientation) = match (&self.items, &self.track) {
            (Some(items), _) => {
                let (width, height) = items.size(bytes, items.primary)?;
                (width, height, items.orientation(bytes, items.primary)?)
            }
            (None, Some(track)) => (track.width, track.height, Orientation::NoTransforms),
            (None, None) => return Err(broken("no picture in the file")),
        };
        // A sequence counts the frames of its track, whatever still stands beside it.
        let frames = self.track.as_ref().map_or(1, |track| track.frames);
        Ok(Facts { width, height, frames, orientation })
    }

    /// The bitstreams of the still picture, or of the first frame where there is none.
    ///
    /// # Errors
    /// [`ImageError::Broken`] where they are not all there.
    pub(in crate::images) fn source(&self, bytes: &[u8]) -> Result<Source, ImageError> {
        match (&self.items, &self.track) {
            (Some(items), _) => items.source(bytes),
            (None, Some(track)) => Ok(Source {
                color: Coded {
                    tiles: vec![track.first_sample(bytes)?.to_vec()],
                    columns: 1,
                    width: track.width,
                    height: track.height,
                    nclx: None,
                },
                alpha: None,
                premultiplied: false,
                icc: None,
            }),
            (None, None) => Err(broken("no picture in the file")),
        }
    }
}

/// The body of a full box after its version and flags, with both.
fn full_box<'a>(bytes: &'a [u8], area: &Area) -> Result<(u8, u32, Reader<'a>), ImageError> {
    let body = bytes.get(..area.body.end).ok_or_else(|| broken("cut off"))?;
    let mut reader = Reader::starting(body, area.body.start);
    let word = reader.u32()?;
    let [version, ..] = word.to_be_bytes();
    Ok((version, word & 0x00ff_ffff, reader))
}
