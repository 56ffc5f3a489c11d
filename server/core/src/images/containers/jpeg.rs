//! JPEG (ITU-T T.81 Annex B): marker segments.

use std::ops::Range;

use image::metadata::Orientation;

use super::{Facts, exif};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

const JFIF: &[u8] = b"JFIF\0";
const ADOBE: &[u8] = b"Adobe";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// A marker segment.
pub(in crate::images) struct Segment {
    /// Its kind.
    pub(in crate::images) marker: u8,
    /// After the length field; for SOS without the entropy-coded data.
    pub(in crate::images) payload: Range<usize>,
    /// Where the segment ends, entropy-coded data included.
    pub(in crate::images) end: usize,
}

/// All segments between SOI and EOI. Stray bytes between segments, which libjpeg forgives, are in
/// none of them; without an EOI the file is cut off.
pub(in crate::images) fn segments(bytes: &[u8]) -> Result<Vec<Segment>, ImageError> {
    if !bytes.starts_with(&[0xff, SOI]) {
        return Err(broken("no start of image"));
    }
    let mut found = Vec::new();
    let mut at = 2;
    loop {
        let marker_at = next_marker(bytes, at).ok_or_else(|| broken("no end of image"))?;
        let marker = bytes.get(marker_at + 1).copied().unwrap_or(EOI);
        match marker {
            EOI => return Ok(found),
            // A second start of image, temporary or restart markers stand alone and mean nothing here.
            SOI => return Err(broken("a second start of image")),
            0x01 | 0xd0..=0xd7 => {
                at = marker_at + 2;
                continue;
            }
            _ => {}
        }
        let mut reader = Reader::starting(bytes, marker_at + 2);
        let length = usize::from(reader.u16()?).checked_sub(2).ok_or_else(|| broken("segment length"))?;
        let start = reader.at();
        reader.take(length)?;
        let payload = start..reader.at();
        let end = if marker == SOS { entropy_end(bytes, payload.end)? } else { payload.end };
        found.push(Segment { marker, payload, end });
        at = end;
    }
}

/// Where the next marker's 0xff is: 0xff followed by neither another (fill) nor a stuffed zero.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    tail.windows(2).position(|pair| pair[0] == 0xff && pair[1] != 0xff && pair[1] != 0).map(|i| from + i)
}

/// Where the entropy-coded data ends that starts at `from`: at the next marker but restarts.
fn entropy_end(bytes: &[u8], mut from: usize) -> Result<usize, ImageError> {
    loop {
        let at = next_marker(bytes, from).ok_or_else(|| broken("no end of image"))?;
        match bytes.get(at + 1) {
            Some(0xd0..=0xd7) => from = at + 2,
            _ => return Ok(at),
        }
    }
}

const fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

pub(super) fn facts(bytes: &[u8]) -> Result<Facts, ImageError> {
    let segments = segments(bytes)?;
    let header = segments.iter().find(|s| is_frame_header(s.marker)).ok_or_else(|| broken("no frame"))?;
    let mut reader = Reader::new(&bytes[header.payload.clone()]);
    reader.u8()?;
    let (height, width) = (u32::from(reader.u16()?), u32::from(reader.u16()?));
    if !segments.iter().any(|s| s.marker == SOS) {
        return Err(broken("no scan"));
    }
    Ok(Facts { width, height, frames: 1, orientation: orientation(bytes, &segments) })
}

fn orientation(bytes: &[u8], segments: &[Segment]) -> Orientation {
    segments
        .iter()
        .filter(|s| s.marker == APP1)
        .filter_map(|s| bytes[s.payload.clone()].strip_prefix(exif::PREFIX))
        .map(exif::orientation)
        .next()
        .unwrap_or(Orientation::NoTransforms)
}

/// The ICC profile, joined from its segments (ICC.1 B.4), if there is a whole one.
pub(in crate::images) fn icc(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<(u8, u8, &[u8])> = segments(bytes)
        .ok()?
        .iter()
        .filter(|s| s.marker == APP2)
        .filter_map(|s| bytes[s.payload.clone()].strip_prefix(ICC))
        .filter_map(|part| Some((*part.first()?, *part.get(1)?, part.get(2..)?)))
        .collect();
    parts.sort_by_key(|part| part.0);
    let complete = !parts.is_empty()
        && parts
            .iter()
            .enumerate()
            .all(|(i, part)| usize::from(part.0) == i + 1 && usize::from(part.1) == parts.len());
    complete.then(|| parts.iter().flat_map(|part| part.2).copied().collect())
}

pub(super) fn end(bytes: &[u8]) -> Result<usize, ImageError> {
    let mut at = segments(bytes)?.last().map_or(2, |segment| segment.end);
    loop {
        at = next_marker(bytes, at).ok_or_else(|| broken("no end of image"))? + 2;
        if bytes.get(at - 1) == Some(&EOI) {
            return Ok(at);
        }
    }
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let segments = segments(bytes)?;
    let orientation = orientation(bytes, &segments);
    Ok(copy(bytes, &segments, orientation))
}

/// The same, to be shown in another orientation than it says.
pub(in crate::images) fn turned(bytes: &[u8], orientation: Orientation) -> Result<Vec<u8>, ImageError> {
    Ok(copy(bytes, &segments(bytes)?, orientation))
}

fn copy(bytes: &[u8], segments: &[Segment], orientation: Orientation) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend([0xff, SOI]);
    let jfif = segments.iter().filter(|s| s.marker == APP0).find_map(|s| {
        let payload = &bytes[s.payload.clone()];
        payload.starts_with(JFIF).then(|| payload.get(..12)).flatten()
    });
    if let Some(header) = jfif {
        // Without the thumbnail that may follow: its two sizes are zero.
        write(&mut out, APP0, &[header, &[0, 0]]);
    }
    if let Some(block) = exif::minimal(orientation) {
        write(&mut out, APP1, &[exif::PREFIX, &block]);
    }
    for segment in segments {
        let payload = &bytes[segment.payload.clone()];
        let keep = match segment.marker {
            APP2 => payload.starts_with(ICC),
            APP14 => payload.starts_with(ADOBE) && payload.len() >= 12,
            // Tables, frames, scans, restart interval: what pixels are made of.
            0xc0..=0xcf | SOS..=0xdf => true,
            _ => false,
        };
        if !keep {
            continue;
        }
        // The Adobe segment is twelve bytes; more would be somebody's own.
        let payload = if segment.marker == APP14 { &payload[..12] } else { payload };
        write(&mut out, segment.marker, &[payload]);
        out.extend_from_slice(&bytes[segment.payload.end..segment.end]);
    }
    out.extend([0xff, EOI]);
    out
}

fn write(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend([0xff, marker]);
    // Payloads come from segments, so the length fits; a longer one can't be built here.
    out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
}
