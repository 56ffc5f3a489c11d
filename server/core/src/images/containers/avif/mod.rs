//! AVIF (AOM AV1 image file format 1.1) on HEIF (ISO/IEC 23008-12) and ISO base media boxes
//! (ISO/IEC 14496-12).
//!
//! Read by hand because the libraries at hand give the coded bytes but not orientation, grids,
//! colour boxes or sequences.

mod boxes;
mod items;
mod picture;
mod profile;
mod strip;
mod track;

use std::ops::Range;

use image::metadata::Orientation;

pub(in crate::images) use self::profile::with_icc;
pub(super) use self::strip::strip;
use self::{
    boxes::{Area, children, find},
    items::Items,
    track::Tracks,
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

/// Pictures that follow on one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::images) struct Sequence {
    /// Pixels across.
    pub(in crate::images) width: u32,
    /// Pixels down.
    pub(in crate::images) height: u32,
    /// Where the AV1 bitstream of each picture is in the file.
    pub(in crate::images) samples: Vec<Range<usize>>,
}

/// The structure of a file.
pub(in crate::images) struct Avif {
    top: Vec<Area>,
    items: Option<Items>,
    tracks: Option<Tracks>,
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
        let tracks = match find(&top, *b"moov") {
            Some(movie) => Tracks::find(bytes, movie)?,
            None => None,
        };
        if items.is_none() && tracks.is_none() {
            return Err(broken("no picture in the file"));
        }
        Ok(Self { top, items, tracks })
    }

    pub(super) fn facts(&self, bytes: &[u8]) -> Result<Facts, ImageError> {
        let color = self.tracks.as_ref().map(|tracks| &tracks.color);
        let (width, height, orientation) = match (&self.items, color) {
            (Some(items), _) => {
                let (width, height) = items.size(bytes, items.primary)?;
                (width, height, items.orientation(bytes, items.primary)?)
            }
            (None, Some(track)) => (track.width, track.height, Orientation::NoTransforms),
            (None, None) => return Err(broken("no picture in the file")),
        };
        // Limits hold for what a viewer plays, and that isn't the still picture beside it.
        if color.is_some_and(|track| (track.width, track.height) != (width, height)) {
            return Err(broken("the animation has another size than its still picture"));
        }
        let frames = color.map_or(1, |track| track.frames);
        Ok(Facts { width, height, frames, orientation })
    }

    /// The bitstreams of the still picture, or of the first frame where there is none.
    ///
    /// # Errors
    /// [`ImageError::Broken`] where they are not all there.
    pub(in crate::images) fn source(&self, bytes: &[u8]) -> Result<Source, ImageError> {
        match (&self.items, &self.tracks) {
            (Some(items), _) => items.source(bytes),
            (None, Some(tracks)) => {
                let track = &tracks.color;
                let first = track.samples(bytes)?.into_iter().next().and_then(|sample| bytes.get(sample));
                Ok(Source {
                    color: Coded {
                        tiles: vec![first.ok_or_else(|| broken("no samples"))?.to_vec()],
                        columns: 1,
                        width: track.width,
                        height: track.height,
                        nclx: None,
                    },
                    alpha: None,
                    premultiplied: false,
                    icc: None,
                })
            }
            (None, None) => Err(broken("no picture in the file")),
        }
    }

    /// What is played: pictures and their opacity. None of a still picture.
    ///
    /// # Errors
    /// [`ImageError::Broken`] where they are not all there.
    pub(in crate::images) fn sequences(&self, bytes: &[u8]) -> Result<Vec<Sequence>, ImageError> {
        let tracks = self.tracks.iter().flat_map(Tracks::iter);
        tracks
            .map(|track| {
                let samples = track.samples(bytes)?;
                Ok(Sequence { width: track.width, height: track.height, samples })
            })
            .collect()
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
