//! GIF89a: blocks.

use image::metadata::Orientation;

use super::Facts;
use crate::images::{
    ImageError,
    wire::{Reader, broken},
};

/// What was found, in order.
enum Block<'a> {
    /// An image with the graphic control extension that belongs to it, ready to be written.
    Image(&'a [u8], &'a [u8]),
    /// How often the animation runs; 0 for ever.
    Loop(u16),
    /// An ICC profile extension, whole.
    Icc(&'a [u8]),
}

struct Gif<'a> {
    width: u16,
    height: u16,
    /// Header, screen descriptor and global colour table.
    head: &'a [u8],
    blocks: Vec<Block<'a>>,
    /// Where the trailer ends.
    end: usize,
}

fn parse(bytes: &[u8]) -> Result<Gif<'_>, ImageError> {
    let mut reader = Reader::new(bytes);
    if !matches!(reader.take(6)?, b"GIF87a" | b"GIF89a") {
        return Err(broken("no GIF signature"));
    }
    let (width, height) = (reader.u16_le()?, reader.u16_le()?);
    let flags = reader.u8()?;
    reader.take(2)?;
    skip_color_table(&mut reader, flags)?;
    let head = &bytes[..reader.at()];
    let mut blocks = Vec::new();
    let mut control: &[u8] = &[];
    loop {
        let start = reader.at();
        match reader.u8()? {
            0x2c => {
                reader.take(8)?;
                let flags = reader.u8()?;
                skip_color_table(&mut reader, flags)?;
                reader.u8()?;
                sub_blocks(&mut reader)?;
                blocks.push(Block::Image(control, &bytes[start..reader.at()]));
                control = &[];
            }
            0x21 => match reader.u8()? {
                0xf9 => {
                    if reader.u8()? != 4 {
                        return Err(broken("graphic control extension"));
                    }
                    reader.take(4)?;
                    if reader.u8()? != 0 {
                        return Err(broken("graphic control extension"));
                    }
                    control = &bytes[start..reader.at()];
                }
                0xff => {
                    let name_length = usize::from(reader.u8()?);
                    let name = reader.take(name_length)?;
                    let data_at = reader.at();
                    sub_blocks(&mut reader)?;
                    match name {
                        b"NETSCAPE2.0" | b"ANIMEXTS1.0" => {
                            if let [3, 1, low, high, ..] = bytes[data_at..reader.at()] {
                                blocks.push(Block::Loop(u16::from_le_bytes([low, high])));
                            }
                        }
                        b"ICCRGBG1012" => blocks.push(Block::Icc(&bytes[start..reader.at()])),
                        _ => {}
                    }
                }
                // Plain text is a picture of its own that no browser draws; the control extension
                // before it is spent on it. Comments and unknown ones leave it alone.
                label => {
                    sub_blocks(&mut reader)?;
                    if label == 0x01 {
                        control = &[];
                    }
                }
            },
            0x3b => return Ok(Gif { width, height, head, blocks, end: reader.at() }),
            // Some encoders leave zeros between blocks, and decoders skip them.
            0 => {}
            _ => return Err(broken("unknown block")),
        }
    }
}

fn skip_color_table(reader: &mut Reader<'_>, flags: u8) -> Result<(), ImageError> {
    if flags & 0x80 != 0 {
        reader.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

fn sub_blocks(reader: &mut Reader<'_>) -> Result<(), ImageError> {
    loop {
        let length = usize::from(reader.u8()?);
        if length == 0 {
            return Ok(());
        }
        reader.take(length)?;
    }
}

pub(super) fn facts(bytes: &[u8]) -> Result<Facts, ImageError> {
    let gif = parse(bytes)?;
    let images = gif.blocks.iter().filter(|block| matches!(block, Block::Image(..))).count();
    Ok(Facts {
        width: gif.width.into(),
        height: gif.height.into(),
        frames: u32::try_from(images).unwrap_or(u32::MAX),
        orientation: Orientation::NoTransforms,
    })
}

pub(super) fn end(bytes: &[u8]) -> Result<usize, ImageError> {
    Ok(parse(bytes)?.end)
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let gif = parse(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(gif.head);
    for block in &gif.blocks {
        match block {
            Block::Image(control, image) => {
                out.extend_from_slice(control);
                out.extend_from_slice(image);
            }
            Block::Loop(times) => {
                out.extend_from_slice(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
                out.extend(times.to_le_bytes());
                out.push(0);
            }
            Block::Icc(whole) => out.extend_from_slice(whole),
        }
    }
    out.push(0x3b);
    Ok(out)
}
