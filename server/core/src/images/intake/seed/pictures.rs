//! Small pictures, each of another shape and colour: a sky, a sun and hills.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use model::types::MediaType;

use crate::images::ImageError;

/// How many there are. A multiple of no small prime that pictures are chosen by.
pub(super) const COUNT: usize = 200;

/// Pixels of the longer side.
const LONGEST: u32 = 320;

/// Widths by heights that cameras, telephones and screens have, and some odd ones.
const SHAPES: [(u32, u32); 10] =
    [(4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16), (1, 1), (5, 4), (21, 9), (1, 2)];

/// The file of the picture with this number: every fifth a PNG, the others JPEGs.
///
/// # Errors
/// [`ImageError::Encode`]
pub(super) fn picture(number: usize) -> Result<(MediaType, Vec<u8>), ImageError> {
    let pixels = draw(number);
    let mut bytes = Vec::new();
    if number % 5 == 4 {
        let png = DynamicImage::ImageRgb8(pixels);
        png.write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png)
            .map_err(|error| ImageError::Encode(error.to_string()))?;
        return Ok((MediaType::Png, bytes));
    }
    let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    Encoder::new(&mut bytes, 70)
        .encode(pixels.as_raw(), side(pixels.width()), side(pixels.height()), ColorType::Rgb)
        .map_err(|error| ImageError::Encode(error.to_string()))?;
    Ok((MediaType::Jpeg, bytes))
}

fn draw(number: usize) -> RgbImage {
    let (across, down) = SHAPES.get(number % SHAPES.len()).copied().unwrap_or((1, 1));
    let longest = LONGEST - u32::try_from(number % 7).unwrap_or(0) * 16;
    let (width, height) = (longest * across / across.max(down), longest * down / across.max(down));
    // The golden angle: hues of neighbours are far from each other.
    let hue = number as f32 * 137.508 % 360.0;
    let (sky, light, hill) = (rgb(hue, 0.75), rgb(hue + 40.0, 0.95), rgb(hue + 160.0, 0.45));
    let sun = (width as f32 * (0.2 + 0.6 * (number % 11) as f32 / 10.0), height as f32 * 0.35);
    let radius = width.min(height) as f32 * 0.12;
    let wave = 2.0 + (number % 4) as f32;
    RgbImage::from_fn(width, height, |x, y| {
        let (right, below) = (x as f32 / width as f32, y as f32 / height as f32);
        let crest = 0.68 + 0.1 * (right * wave + number as f32).sin();
        let distance = (x as f32 - sun.0).hypot(y as f32 - sun.1);
        if below > crest {
            mix(hill, [20.0; 3], below - crest)
        } else if distance < radius {
            mix(light, [255.0; 3], 0.7)
        } else {
            mix(sky, light, below)
        }
    })
}

/// A colour of this hue in degrees, `light` times as light as it can be.
fn rgb(hue: f32, light: f32) -> [f32; 3] {
    let part = |shift: f32| (0.55 + 0.45 * (hue + shift).to_radians().cos()) * 255.0 * light;
    [part(0.0), part(-120.0), part(120.0)]
}

fn mix(one: [f32; 3], other: [f32; 3], share: f32) -> Rgb<u8> {
    let [r, g, b] = one;
    let [to_r, to_g, to_b] = other;
    Rgb([(r, to_r), (g, to_g), (b, to_b)]
        .map(|(from, to)| (from + (to - from) * share).clamp(0.0, 255.0) as u8))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pictures_differ_and_are_small() {
        let all: BTreeSet<Vec<u8>> = (0..COUNT).map(|number| picture(number).unwrap().1).collect();
        assert_eq!(all.len(), COUNT);
        let bytes: usize = all.iter().map(Vec::len).sum();
        assert!(bytes / COUNT < 12_000, "{}", bytes / COUNT);
    }
}
