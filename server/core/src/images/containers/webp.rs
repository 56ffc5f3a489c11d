//! WebP (RFC 9649): RIFF chunks.

use image::metadata::Orientation;
use img_parts::{Bytes, ImageICC, webp::WebP};

use super::{Facts, exif};
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

const FLAG_ICC: u8 = 0x20;
const FLAG_EXIF: u8 = 0x08;
const FLAG_XMP: u8 = 0x04;
const FLAG_ANIMATION: u8 = 0x02;

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
}

/// The chunks of the RIFF form; what follows its announced size isn't looked at.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, ImageError> {
    let mut reader = Reader::new(bytes);
    if reader.take(4)? != b"RIFF" {
        return Err(broken("no RIFF header"));
    }
    let size = reader.u32_le()? as usize;
    let mut reader = Reader::new(reader.take(size)?);
    if reader.take(4)? != b"WEBP" {
        return Err(broken("no WebP form"));
    }
    read_chunks(&mut reader)
}

pub(super) fn end(bytes: &[u8]) -> Result<usize, ImageError> {
    chunks(bytes)?;
    let mut reader = Reader::starting(bytes, 4);
    Ok(8 + reader.u32_le()? as usize)
}

fn read_chunks<'a>(reader: &mut Reader<'a>) -> Result<Vec<Chunk<'a>>, ImageError> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        let kind = reader.array()?;
        let size = reader.u32_le()? as usize;
        let data = reader.take(size)?;
        // The padding byte of an odd last chunk is left out by some encoders.
        if size % 2 == 1 && !reader.is_empty() {
            reader.u8()?;
        }
        found.push(Chunk { kind, data });
    }
    Ok(found)
}

fn orientation(chunks: &[Chunk<'_>]) -> Orientation {
    chunks
        .iter()
        .find(|chunk| &chunk.kind == b"EXIF")
        .map_or(Orientation::NoTransforms, |chunk| exif::orientation(chunk.data))
}

/// The size that a bitstream announces (RFC 6386 §9.1; RFC 9649 §3.4).
fn bitstream_size(chunk: &Chunk<'_>) -> Result<(u32, u32), ImageError> {
    let mut reader = Reader::new(chunk.data);
    if &chunk.kind == b"VP8L" {
        if reader.u8()? != 0x2f {
            return Err(broken("VP8L signature"));
        }
        let bits = reader.u32_le()?;
        return Ok(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1));
    }
    reader.take(3)?;
    if reader.take(3)? != b"\x9d\x01\x2a" {
        return Err(broken("VP8 start code"));
    }
    Ok((u32::from(reader.u16_le()? & 0x3fff), u32::from(reader.u16_le()? & 0x3fff)))
}

fn bitstream<'a, 'b>(chunks: &'b [Chunk<'a>]) -> Result<&'b Chunk<'a>, ImageError> {
    chunks.iter().find(|c| matches!(&c.kind, b"VP8 " | b"VP8L")).ok_or_else(|| broken("no bitstream"))
}

pub(super) fn facts(bytes: &[u8]) -> Result<Facts, ImageError> {
    let chunks = chunks(bytes)?;
    let first = chunks.first().ok_or_else(|| broken("no chunk"))?;
    if &first.kind != b"VP8X" {
        let (width, height) = bitstream_size(first)?;
        return Ok(Facts { width, height, frames: 1, orientation: Orientation::NoTransforms });
    }
    let mut reader = Reader::new(first.data);
    let flags = reader.u8()?;
    reader.take(3)?;
    let (width, height) = (reader.u24_le()? + 1, reader.u24_le()? + 1);
    let frames = if flags & FLAG_ANIMATION == 0 {
        if bitstream_size(bitstream(&chunks)?)? != (width, height) {
            return Err(broken("canvas and picture differ in size"));
        }
        1
    } else {
        let mut count = 0_u32;
        for frame in chunks.iter().filter(|c| &c.kind == b"ANMF") {
            check_frame(frame, width, height)?;
            count = count.saturating_add(1);
        }
        count
    };
    Ok(Facts { width, height, frames, orientation: orientation(&chunks) })
}

/// A frame lies on the canvas, and its bitstream has its size.
fn check_frame(frame: &Chunk<'_>, width: u32, height: u32) -> Result<(), ImageError> {
    let mut reader = Reader::new(frame.data);
    let (x, y) = (reader.u24_le()? * 2, reader.u24_le()? * 2);
    let (w, h) = (reader.u24_le()? + 1, reader.u24_le()? + 1);
    reader.take(4)?;
    if x + w > width || y + h > height {
        return Err(broken("a frame beyond the canvas"));
    }
    if bitstream_size(bitstream(&read_chunks(&mut reader)?)?)? != (w, h) {
        return Err(broken("frame and picture differ in size"));
    }
    Ok(())
}

pub(super) fn can_move(bytes: &[u8]) -> Result<bool, ImageError> {
    let chunks = chunks(bytes)?;
    let header = chunks.first().filter(|chunk| &chunk.kind == b"VP8X");
    Ok(header.and_then(|header| header.data.first()).is_some_and(|flags| flags & FLAG_ANIMATION != 0))
}

/// Whether a still picture is coded so that nothing is lost.
pub(in crate::images) fn is_lossless(bytes: &[u8]) -> Result<bool, ImageError> {
    Ok(&bitstream(&chunks(bytes)?)?.kind == b"VP8L")
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let chunks = chunks(bytes)?;
    let first = chunks.first().ok_or_else(|| broken("no chunk"))?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    out.reserve(bytes.len());
    if &first.kind == b"VP8X" {
        let profile = chunks.iter().find(|c| &c.kind == b"ICCP");
        let block = exif::minimal(orientation(&chunks));
        let mut header = first.data.get(..10).ok_or_else(|| broken("VP8X"))?.to_vec();
        header[0] &= !(FLAG_ICC | FLAG_EXIF | FLAG_XMP);
        header[0] |=
            if profile.is_some() { FLAG_ICC } else { 0 } | if block.is_some() { FLAG_EXIF } else { 0 };
        write(&mut out, *b"VP8X", &header);
        for chunk in &chunks[1..] {
            match &chunk.kind {
                b"ICCP" if profile.is_some_and(|p| std::ptr::eq(p, chunk)) => {
                    write(&mut out, chunk.kind, chunk.data);
                }
                b"ANIM" | b"ALPH" | b"VP8 " | b"VP8L" => write(&mut out, chunk.kind, chunk.data),
                b"ANMF" => write(&mut out, chunk.kind, &strip_frame(chunk.data)?),
                _ => {}
            }
        }
        if let Some(block) = block {
            write(&mut out, *b"EXIF", &block);
        }
    } else {
        write(&mut out, first.kind, first.data);
    }
    let size = u32::try_from(out.len() - 8).map_err(|_| broken("too long"))?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(out)
}

/// A frame without unknown chunks in it.
fn strip_frame(frame: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut reader = Reader::new(frame);
    let mut out = reader.take(16)?.to_vec();
    for chunk in read_chunks(&mut reader)? {
        if matches!(&chunk.kind, b"ALPH" | b"VP8 " | b"VP8L") {
            write(&mut out, chunk.kind, chunk.data);
        }
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(kind);
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

/// A WebP file of ours with a colour profile put in.
pub(in crate::images) fn with_icc(webp: Vec<u8>, profile: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut parsed = WebP::from_bytes(webp.into()).map_err(|e| ImageError::Encode(e.to_string()))?;
    parsed.set_icc_profile(Some(Bytes::copy_from_slice(profile)));
    Ok(parsed.encoder().bytes().to_vec())
}
