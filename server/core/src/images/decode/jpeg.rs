//! JPEG.

use image::{DynamicImage, RgbImage};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::{
    Extent, Picture,
    jpeg_scan::{Component, Depth, Scanned, scan},
};
use crate::images::{
    ImageError,
    containers::{Facts, jpeg_icc},
    wire::broken,
};

/// Samples along the side of a block.
const BLOCK: u8 = 8;

/// All pixels. Data that ends early or is damaged is an error and not grey: the decoder is set to
/// be strict, and where everything is to be checked, the scans are walked to their last block.
pub(super) fn full(bytes: &[u8], facts: &Facts, extent: Extent) -> Result<Picture, ImageError> {
    if extent == Extent::EveryFrame {
        scan(bytes, Depth::All)?;
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(facts.width as usize)
        .set_max_height(facts.height as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(|e| ImageError::Broken(e.to_string()))?;
    let image =
        RgbImage::from_raw(facts.width, facts.height, pixels).ok_or_else(|| broken("pixels are missing"))?;
    Ok(Picture::new(DynamicImage::ImageRgb8(image), jpeg_icc(bytes)))
}

/// The picture at an eighth of its size, each pixel the mean of a block, if that is still at least
/// `width` by `height` and the file is of a kind that can be read so.
pub(in crate::images) fn scaled(bytes: &[u8], facts: &Facts, width: u32, height: u32) -> Option<Picture> {
    let block = u32::from(BLOCK);
    if facts.width / block < width || facts.height / block < height {
        return None;
    }
    let scanned = scan(bytes, Depth::Means).ok().flatten()?;
    let size = (facts.width.div_ceil(block), facts.height.div_ceil(block));
    let image = RgbImage::from_raw(size.0, size.1, colors(&scanned, size.0 as usize, size.1 as usize)?)?;
    let mut picture = Picture::new(DynamicImage::ImageRgb8(image), jpeg_icc(bytes));
    let side = f64::from(BLOCK);
    picture.covered = (f64::from(facts.width) / side, f64::from(facts.height) / side);
    Some(picture)
}

/// The means of a row of blocks, one for each pixel of `width`.
fn row(component: &Component, most: (usize, usize), y: usize, width: usize) -> Option<Vec<i32>> {
    let start = y * component.down / most.1 * component.stride;
    let means = component.means.get(start..start + component.stride)?;
    (0..width).map(|x| means.get(x * component.across / most.0).copied()).collect()
}

fn colors(scanned: &Scanned, width: usize, height: usize) -> Option<Vec<u8>> {
    let byte = |value: i32| value.clamp(0, 255) as u8;
    let mut out = Vec::with_capacity(width * height * 3);
    match &scanned.components[..] {
        [gray] => {
            for y in 0..height {
                out.extend(row(gray, scanned.most, y, width)?.into_iter().flat_map(|v| [byte(v); 3]));
            }
        }
        [a, b, c] => {
            let named_rgb = [a.id, b.id, c.id] == *b"RGB";
            let is_rgb = scanned.adobe.map_or(named_rgb, |transform| transform == 0);
            for y in 0..height {
                let rows = [a, b, c].map(|component| row(component, scanned.most, y, width));
                let [Some(a), Some(b), Some(c)] = rows else { return None };
                for ((a, b), c) in a.into_iter().zip(b).zip(c) {
                    if is_rgb {
                        out.extend([a, b, c].map(byte));
                        continue;
                    }
                    // JFIF 1.02, in 16 bits of fraction.
                    let (cb, cr) = (b - 128, c - 128);
                    let y = (a << 16) + (1 << 15);
                    let rgb = [y + 91_881 * cr, y - 22_554 * cb - 46_802 * cr, y + 116_130 * cb];
                    out.extend(rgb.map(|value| byte(value >> 16)));
                }
            }
        }
        // CMYK is left to the full decoder.
        _ => return None,
    }
    Some(out)
}
