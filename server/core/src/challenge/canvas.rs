//! What drawing the pictures shares. A picture is a function from a place to a colour.

use std::f32::consts::TAU;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::DynamicImage;
use model::types::{Picture, VariantFormat};
use rand::Rng;

use crate::images::{self, ImageError};

/// Pixels of the file for each of the page's, for sharp screens.
const SHARPNESS: u32 = 2;
/// Bytes that drawing one challenge holds.
pub(super) const MEMORY: u64 = 4 * 1024 * 1024;

/// Red, green, blue, opacity, from 0 to 1.
pub(super) type Color = [f32; 4];

/// Draws a picture of `width` by `height` of the page's pixels. Colours are asked for by places in these.
pub(super) fn draw(
    width: u32,
    height: u32,
    mut color: impl FnMut(f32, f32) -> Color,
) -> Result<Picture, ImageError> {
    let place = |n: u32| (n as f32 + 0.5) / SHARPNESS as f32;
    let pixels = image::RgbaImage::from_fn(width * SHARPNESS, height * SHARPNESS, |x, y| {
        image::Rgba(color(place(x), place(y)).map(|part| (part * 255.0).round().clamp(0.0, 255.0) as u8))
    });
    let file = images::encode(&DynamicImage::ImageRgba8(pixels), None, VariantFormat::WebP)?;
    Ok(Picture { url: format!("data:image/webp;base64,{}", STANDARD.encode(file)), width, height })
}

/// `share` of `b` in `a`.
pub(super) fn mix(a: Color, b: Color, share: f32) -> Color {
    let [r, g, b, opacity] = std::array::from_fn(|i| {
        let (a, b) = (a.get(i).copied().unwrap_or_default(), b.get(i).copied().unwrap_or_default());
        a + (b - a) * share
    });
    [r, g, b, opacity]
}

/// An opaque colour: hue in turns, saturation and lightness from 0 to 1.
pub(super) fn hsl(hue: f32, saturation: f32, lightness: f32) -> Color {
    let strength = saturation * lightness.min(1.0 - lightness);
    let part = |n: f32| {
        let k = (n + hue * 12.0).rem_euclid(12.0);
        lightness - strength * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    [part(0.0), part(8.0), part(4.0), 1.0]
}

/// A sine wave along one axis.
#[derive(Clone, Copy)]
pub(super) struct Wave {
    height: f32,
    length: f32,
    phase: f32,
}

impl Wave {
    /// One of about that height and length.
    pub(super) fn around(height: f32, length: f32, rng: &mut impl Rng) -> Self {
        Self {
            height: height * rng.random_range(0.7..1.3),
            length: length * rng.random_range(0.75..1.25),
            phase: rng.random_range(0.0..TAU),
        }
    }

    pub(super) fn at(self, place: f32) -> f32 {
        self.height * (place / self.length * TAU + self.phase).sin()
    }
}
