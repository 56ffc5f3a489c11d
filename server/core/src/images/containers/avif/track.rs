//! The picture track of an AVIF sequence.

use super::{
    boxes::{Area, children, find, inside},
    full_box,
};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// The track that is shown.
pub(super) struct Track {
    /// Pixels across.
    pub(super) width: u32,
    /// Pixels down.
    pub(super) height: u32,
    /// Samples, which are frames.
    pub(super) frames: u32,
    first_at: u64,
    first_size: u32,
}

impl Track {
    /// The first picture track of a `moov` box.
    pub(super) fn find(bytes: &[u8], movie: &Area) -> Result<Option<Self>, ImageError> {
        for track in children(bytes, movie.body.clone())?.iter().filter(|area| &area.kind == b"trak") {
            let Some(media) = inside(bytes, track, *b"mdia")? else { continue };
            let parts = children(bytes, media.body)?;
            let Some(handler) = find(&parts, *b"hdlr") else { continue };
            let (_, _, mut reader) = full_box(bytes, handler)?;
            reader.u32()?;
            if !matches!(&reader.array()?, b"pict" | b"vide") {
                continue;
            }
            let info = find(&parts, *b"minf").ok_or_else(|| broken("no media information"))?;
            let table = inside(bytes, info, *b"stbl")?.ok_or_else(|| broken("no sample table"))?;
            return Self::read(bytes, &children(bytes, table.body)?).map(Some);
        }
        Ok(None)
    }

    fn read(bytes: &[u8], table: &[Area]) -> Result<Self, ImageError> {
        let part = |kind| find(table, kind).ok_or_else(|| broken("sample table"));
        let (_, _, mut reader) = full_box(bytes, part(*b"stsd")?)?;
        reader.u32()?;
        // The first entry: size, type, then a visual sample entry with the size at byte 24.
        reader.u32()?;
        if reader.take(4)? != b"av01" {
            return Err(broken("a sequence that isn't AV1"));
        }
        reader.take(24)?;
        let (width, height) = (u32::from(reader.u16()?), u32::from(reader.u16()?));

        let (_, _, mut reader) = full_box(bytes, part(*b"stsz")?)?;
        let (same, frames) = (reader.u32()?, reader.u32()?);
        let first_size = if same == 0 && frames > 0 { reader.u32()? } else { same };

        let (mut reader, wide) = match find(table, *b"co64") {
            Some(area) => (full_box(bytes, area)?.2, true),
            None => (full_box(bytes, part(*b"stco")?)?.2, false),
        };
        let first_at = match reader.u32()? {
            0 => return Err(broken("no samples")),
            _ => reader.uint(if wide { 8 } else { 4 })?,
        };
        Ok(Self { width, height, frames, first_at, first_size })
    }

    /// The bytes of the first frame.
    pub(super) fn first_sample<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], ImageError> {
        let at = usize::try_from(self.first_at).map_err(|_| broken("cut off"))?;
        let mut reader = Reader::starting(bytes, at);
        reader.take(self.first_size as usize)
    }
}
