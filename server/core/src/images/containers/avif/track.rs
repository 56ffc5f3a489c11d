//! The tracks of an AVIF sequence: its pictures, and their opacity.

use std::ops::Range;

use super::{
    boxes::{Area, children, find, inside},
    full_box,
};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// A track that is shown.
pub(super) struct Track {
    /// The whole `trak` box.
    pub(super) area: Area,
    /// Pixels across.
    pub(super) width: u32,
    /// Pixels down.
    pub(super) height: u32,
    /// Samples, which are frames.
    pub(super) frames: u32,
    /// `stsz`: how long samples are.
    sizes: Area,
    /// `stsc`: how many samples chunks hold.
    runs: Area,
    /// `stco` or `co64`: where chunks are.
    chunks: Area,
}

/// What is shown of a `moov` box: everything else in it belongs to no picture.
pub(super) struct Tracks {
    /// The pictures.
    pub(super) color: Track,
    /// Their opacity.
    pub(super) opacity: Option<Track>,
}

impl Tracks {
    /// The first picture track of a `moov` box, and the first of opacity.
    pub(super) fn find(bytes: &[u8], movie: &Area) -> Result<Option<Self>, ImageError> {
        let (mut color, mut opacity) = (None, None);
        for area in children(bytes, movie.body.clone())?.iter().filter(|area| &area.kind == b"trak") {
            let Some(media) = inside(bytes, area, *b"mdia")? else { continue };
            let parts = children(bytes, media.body)?;
            let Some(handler) = find(&parts, *b"hdlr") else { continue };
            let (_, _, mut reader) = full_box(bytes, handler)?;
            reader.u32()?;
            let place = match &reader.array()? {
                b"pict" | b"vide" => &mut color,
                b"auxv" => &mut opacity,
                _ => continue,
            };
            if place.is_none() {
                let info = find(&parts, *b"minf").ok_or_else(|| broken("no media information"))?;
                let table = inside(bytes, info, *b"stbl")?.ok_or_else(|| broken("no sample table"))?;
                *place = Some(Track::read(bytes, area, &children(bytes, table.body)?)?);
            }
        }
        let Some(color) = color else { return Ok(None) };
        let differs = |opacity: &Track| {
            (opacity.width, opacity.height, opacity.frames) != (color.width, color.height, color.frames)
        };
        if opacity.as_ref().is_some_and(differs) {
            return Err(broken("opacity of another size or length"));
        }
        Ok(Some(Self { color, opacity }))
    }

    /// Both.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Track> {
        [&self.color].into_iter().chain(&self.opacity)
    }
}

impl Track {
    fn read(bytes: &[u8], area: &Area, table: &[Area]) -> Result<Self, ImageError> {
        let part = |kind| find(table, kind).cloned().ok_or_else(|| broken("sample table"));
        let (_, _, mut reader) = full_box(bytes, &part(*b"stsd")?)?;
        reader.u32()?;
        // The first entry: size, type, then a visual sample entry with the size at byte 24.
        reader.u32()?;
        if reader.take(4)? != b"av01" {
            return Err(broken("a sequence that isn't AV1"));
        }
        reader.take(24)?;
        let (width, height) = (u32::from(reader.u16()?), u32::from(reader.u16()?));
        let sizes = part(*b"stsz")?;
        let (_, _, mut reader) = full_box(bytes, &sizes)?;
        reader.u32()?;
        let frames = reader.u32()?;
        let chunks = part(*b"co64").or_else(|_| part(*b"stco"))?;
        Ok(Self { area: area.clone(), width, height, frames, sizes, runs: part(*b"stsc")?, chunks })
    }

    /// Where the samples are in the file, in the order they are shown in.
    pub(super) fn samples(&self, bytes: &[u8]) -> Result<Vec<Range<usize>>, ImageError> {
        let (_, _, mut sizes) = full_box(bytes, &self.sizes)?;
        let (same, count) = (sizes.u32()?, sizes.u32()?);
        let mut runs = Runs::read(bytes, &self.runs)?;
        let (_, _, mut chunks) = full_box(bytes, &self.chunks)?;
        let width = if &self.chunks.kind == b"co64" { 8 } else { 4 };
        let mut found = Vec::new();
        // No file holds more than itself, however often its tables name the same bytes.
        let mut room = bytes.len();
        for chunk in 1..=chunks.u32()? {
            let at = usize::try_from(chunks.uint(width)?).map_err(|_| broken("cut off"))?;
            let mut data = Reader::starting(bytes, at);
            for _ in 0..runs.samples_in(chunk)? {
                if found.len() == count as usize {
                    return Ok(found);
                }
                let size = if same == 0 { sizes.u32()? } else { same } as usize;
                room = room.checked_sub(size).filter(|_| size > 0).ok_or_else(|| broken("sample sizes"))?;
                let start = data.at();
                data.take(size)?;
                found.push(start..data.at());
            }
        }
        if found.is_empty() || found.len() != count as usize {
            return Err(broken("samples are missing"));
        }
        Ok(found)
    }
}

/// Which chunks hold how many samples: runs of chunks that hold equally many.
struct Runs<'a> {
    reader: Reader<'a>,
    left: u32,
    /// The first chunk of the run after this one.
    next: Option<u32>,
    samples: u32,
}

impl<'a> Runs<'a> {
    fn read(bytes: &'a [u8], area: &Area) -> Result<Self, ImageError> {
        let (_, _, mut reader) = full_box(bytes, area)?;
        let left = reader.u32()?;
        let mut runs = Self { reader, left, next: None, samples: 0 };
        runs.next = runs.first_chunk()?;
        if runs.next != Some(1) {
            return Err(broken("sample table"));
        }
        Ok(runs)
    }

    fn first_chunk(&mut self) -> Result<Option<u32>, ImageError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.reader.u32().map(Some)
    }

    /// For chunks in ascending order.
    fn samples_in(&mut self, chunk: u32) -> Result<u32, ImageError> {
        if self.next == Some(chunk) {
            self.samples = self.reader.u32()?;
            self.reader.u32()?;
            self.next = self.first_chunk()?;
        }
        Ok(self.samples)
    }
}
