//! Private metadata overwritten in place.
//!
//! Offsets in these files are absolute, so nothing is taken out: bytes become zeros, boxes become
//! `free`, and metadata items become items of a type that no reader knows.

use std::ops::Range;

use super::{
    Avif,
    boxes::{Area, children, find},
    full_box,
    track::Tracks,
};
use crate::images::{ImageError, wire::broken};

/// The type of an item that was emptied.
const EMPTIED: [u8; 4] = *b"zero";

pub(in crate::images) fn strip(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let avif = Avif::parse(bytes)?;
    let mut out = bytes.to_vec();
    let mut kept: Vec<Range<usize>> = avif.sequences(bytes)?.into_iter().flat_map(|s| s.samples).collect();
    if let Some(items) = &avif.items {
        let private = |kind: &[u8; 4]| !matches!(kind, b"av01" | b"grid" | b"iovl" | b"iden" | b"tmap");
        for item in items.all.values().filter(|item| !private(&item.kind)) {
            kept.extend(item.extents.iter().filter(|e| !e.is_empty()).cloned());
        }
        for item in items.all.values().filter(|item| private(&item.kind)) {
            if item.extents.iter().any(|gone| kept.iter().any(|kept| overlap(kept, gone))) {
                return Err(broken("metadata and picture share bytes"));
            }
            for extent in &item.extents {
                blank(&mut out, extent, &avif.top)?;
            }
            write(&mut out, item.kind_at, &EMPTIED)?;
        }
    }
    let shown: Vec<&Area> = avif.tracks.iter().flat_map(Tracks::iter).map(|track| &track.area).collect();
    for area in &avif.top {
        match &area.kind {
            b"moov" => strip_movie(bytes, &mut out, area, &shown)?,
            // Every byte is accounted for: what no item and no frame owns is not part of the picture.
            b"mdat" => blank_between(&mut out, &area.body, &kept)?,
            b"ftyp" | b"meta" => {}
            _ => {
                if kept.iter().any(|kept| overlap(kept, &area.body)) {
                    return Err(broken("picture data in an unknown box"));
                }
                free(&mut out, area)?;
            }
        }
    }
    Ok(out)
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Zeros `range`, which must lie in the data of the file and not in its structure: a location
/// that pointed at a box header would break the file.
fn blank(out: &mut [u8], range: &Range<usize>, top: &[Area]) -> Result<(), ImageError> {
    if range.is_empty() {
        return Ok(());
    }
    let inside = |home: &Range<usize>| home.start <= range.start && range.end <= home.end;
    let in_data = top.iter().any(|area| match &area.kind {
        b"mdat" => inside(&area.body),
        b"meta" => full_box(out, area)
            .and_then(|(_, _, reader)| children(out, reader.at()..area.body.end))
            .is_ok_and(|parts| find(&parts, *b"idat").is_some_and(|idat| inside(&idat.body))),
        _ => false,
    });
    if !in_data {
        return Err(broken("metadata outside the data"));
    }
    zero(out, range)
}

fn zero(out: &mut [u8], range: &Range<usize>) -> Result<(), ImageError> {
    out.get_mut(range.clone()).ok_or_else(|| broken("cut off"))?.fill(0);
    Ok(())
}

fn write(out: &mut [u8], at: usize, bytes: &[u8]) -> Result<(), ImageError> {
    out.get_mut(at..at + bytes.len()).ok_or_else(|| broken("cut off"))?.copy_from_slice(bytes);
    Ok(())
}

/// Zeros what lies in `range` and in none of `kept`.
fn blank_between(out: &mut [u8], range: &Range<usize>, kept: &[Range<usize>]) -> Result<(), ImageError> {
    let mut kept: Vec<_> = kept.iter().filter(|kept| overlap(kept, range)).collect();
    kept.sort_by_key(|kept| kept.start);
    let mut at = range.start;
    for kept in kept {
        if kept.start > at {
            zero(out, &(at..kept.start))?;
        }
        at = at.max(kept.end);
    }
    if at < range.end { zero(out, &(at..range.end)) } else { Ok(()) }
}

/// Makes a box free space.
fn free(out: &mut [u8], area: &Area) -> Result<(), ImageError> {
    write(out, area.kind_at, b"free")?;
    zero(out, &area.body)
}

/// User data and metadata of a movie and its tracks go, tracks that aren't `shown`, and the times of creation.
fn strip_movie(bytes: &[u8], out: &mut [u8], area: &Area, shown: &[&Area]) -> Result<(), ImageError> {
    for part in children(bytes, area.body.clone())? {
        match &part.kind {
            b"trak" if !shown.contains(&&part) => free(out, &part)?,
            b"trak" | b"mdia" => strip_movie(bytes, out, &part, shown)?,
            b"mvhd" | b"tkhd" | b"mdhd" => {
                let (version, _, reader) = full_box(bytes, &part)?;
                let length = if version == 1 { 16 } else { 8 };
                let times = reader.at()..reader.at() + length;
                if times.end > part.body.end {
                    return Err(broken("movie header"));
                }
                zero(out, &times)?;
            }
            b"udta" | b"meta" | b"uuid" | b"free" | b"skip" => free(out, &part)?,
            _ => {}
        }
    }
    Ok(())
}
