//! PNG third edition (W3C 2025): chunks, animation included.

use image::metadata::Orientation;

use super::{Facts, exif};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk: its type, its data, and all of it with length and checksum.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

/// All chunks up to and with IEND.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, ImageError> {
    let mut reader = Reader::new(bytes);
    if reader.take(8)? != SIGNATURE {
        return Err(broken("no PNG signature"));
    }
    let mut found = Vec::new();
    loop {
        let start = reader.at();
        let length = reader.u32()? as usize;
        let kind = reader.array()?;
        let data = reader.take(length)?;
        reader.u32()?;
        found.push(Chunk { kind, data, whole: &bytes[start..reader.at()] });
        if &kind == b"IEND" {
            return Ok(found);
        }
    }
}

/// Chunks without which the picture would look or move differently. Text, time, EXIF, suggested
/// palettes (which carry a name) and whatever isn't known are not among them.
const fn is_needed(kind: &[u8; 4]) -> bool {
    matches!(
        kind,
        b"IHDR"
            | b"PLTE"
            | b"IDAT"
            | b"IEND"
            | b"tRNS"
            | b"acTL"
            | b"fcTL"
            | b"fdAT"
            | b"iCCP"
            | b"sRGB"
            | b"gAMA"
            | b"cHRM"
            | b"cICP"
            | b"mDCV"
            | b"cLLI"
            | b"sBIT"
            | b"bKGD"
            | b"pHYs"
    )
}

/// Bit 5 of the first letter: a decoder that doesn't know the chunk can't show the picture.
const fn is_critical(kind: [u8; 4]) -> bool {
    kind[0] & 0x20 == 0
}

fn orientation(chunks: &[Chunk<'_>]) -> Orientation {
    chunks
        .iter()
        .find(|chunk| &chunk.kind == b"eXIf")
        .map_or(Orientation::NoTransforms, |chunk| exif::orientation(chunk.data))
}

pub(super) fn facts(bytes: &[u8]) -> Result<Facts, ImageError> {
    let chunks = chunks(bytes)?;
    let header = chunks.first().filter(|c| &c.kind == b"IHDR").ok_or_else(|| broken("no header chunk"))?;
    let mut reader = Reader::new(header.data);
    let (width, height) = (reader.u32()?, reader.u32()?);
    if chunks.iter().any(|c| is_critical(c.kind) && !is_needed(&c.kind)) {
        return Err(broken("unknown critical chunk"));
    }
    let frames = match chunks.iter().find(|c| &c.kind == b"acTL") {
        None => 1,
        Some(animation) => {
            let announced = Reader::new(animation.data).u32()?;
            let there = chunks.iter().filter(|c| &c.kind == b"fcTL").count();
            if usize::try_from(announced) != Ok(there) {
                return Err(broken("frames are missing"));
            }
            announced
        }
    };
    Ok(Facts { width, height, frames, orientation: orientation(&chunks) })
}

pub(super) fn can_move(bytes: &[u8]) -> Result<bool, ImageError> {
    Ok(chunks(bytes)?.iter().any(|chunk| &chunk.kind == b"acTL"))
}

pub(super) fn end(bytes: &[u8]) -> Result<usize, ImageError> {
    Ok(SIGNATURE.len() + chunks(bytes)?.iter().map(|chunk| chunk.whole.len()).sum::<usize>())
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let chunks = chunks(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(SIGNATURE);
    for chunk in chunks.iter().filter(|c| is_needed(&c.kind)) {
        out.extend_from_slice(chunk.whole);
        if &chunk.kind == b"IHDR"
            && let Some(block) = exif::minimal(orientation(&chunks))
        {
            write(&mut out, *b"eXIf", &block);
        }
    }
    Ok(out)
}

/// A PNG of ours with the chunks of another one that say what colours mean.
pub(in crate::images) fn colored_as(png: &[u8], other: &[u8]) -> Result<Vec<u8>, ImageError> {
    let (chunks, others) = (chunks(png)?, chunks(other)?);
    let mut out = SIGNATURE.to_vec();
    out.reserve(png.len());
    for chunk in &chunks {
        out.extend_from_slice(chunk.whole);
        if &chunk.kind == b"IHDR" {
            let colors = others.iter().filter(|other| {
                matches!(&other.kind, b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cICP" | b"mDCV" | b"cLLI")
            });
            colors.for_each(|color| out.extend_from_slice(color.whole));
        }
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend_from_slice(data);
    let crc = crc32(&out[start..]);
    out.extend(crc.to_be_bytes());
}

/// The checksum of PNG annex D, bit by bit: it runs over one small chunk per file.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
