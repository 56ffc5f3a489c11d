//! Which pictures look alike, whatever their bytes.

use std::{array, f32::consts::PI};

use image::{DynamicImage, GrayImage, Luma, imageops};
use sqlx::{Postgres, QueryBuilder};

/// Side of the picture that is looked at.
const SIDE: usize = 32;
/// Lowest frequencies that are kept, across and down.
const KEPT: usize = 8;
/// Shades, of 255, by which a picture must vary (standard deviation): what is plainer looks like anything plain.
const PLAIN: f32 = 2.0;

/// What a picture looks like from afar: 63 bits, of which like pictures have most in common. Each says whether a low
/// frequency of its lightness is above the median one; scaling, another format and another quality change few.
///
/// C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), §3.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Likeness(i64);

impl Likeness {
    /// Bits by which pictures may differ to be found as alike.
    pub(super) const ALIKE: u32 = 10;
    /// Bits by which they may differ to be taken for the same picture.
    pub(super) const SAME: u32 = 4;

    /// Of an upright picture of any size; `None` of one without anything to see on it.
    pub(super) fn of(picture: &DynamicImage) -> Option<Self> {
        let small =
            imageops::resize(&on_white(picture), SIDE as u32, SIDE as u32, imageops::FilterType::Triangle);
        let rows: [[f32; SIDE]; SIDE] =
            array::from_fn(|y| array::from_fn(|x| f32::from(small.as_raw()[y * SIDE + x])));
        // All of it but the average, by Parseval.
        let count = (SIDE * SIDE) as f32;
        let mean = rows.iter().flatten().sum::<f32>() / count;
        let variance = rows.iter().flatten().map(|shade| (shade - mean).powi(2)).sum::<f32>() / count;
        if variance.sqrt() < PLAIN {
            return None;
        }
        let waves: [[f32; SIDE]; KEPT] =
            array::from_fn(|k| array::from_fn(|n| (PI / SIDE as f32 * (n as f32 + 0.5) * k as f32).cos()));
        let across: [[f32; KEPT]; SIDE] = array::from_fn(|y| array::from_fn(|u| dot(&rows[y], &waves[u])));
        let columns: [[f32; SIDE]; KEPT] = array::from_fn(|u| array::from_fn(|y| across[y][u]));
        // Without the first, which is the average.
        let strengths: [f32; KEPT * KEPT - 1] =
            array::from_fn(|n| dot(&columns[(n + 1) % KEPT], &waves[(n + 1) / KEPT]));
        let mut ordered = strengths;
        ordered.sort_by(f32::total_cmp);
        let median = ordered[ordered.len() / 2];
        Some(Self(strengths.iter().fold(0, |bits, strength| bits << 1 | i64::from(*strength > median))))
    }

    /// Bits that differ.
    #[cfg(test)]
    pub(super) const fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// As it is stored of a picture that was looked at.
    pub(super) fn stored(found: Option<Self>) -> i64 {
        found.map_or(-1, |Self(bits)| bits)
    }

    /// As it was stored.
    pub(super) fn from_stored(bits: i64) -> Option<Self> {
        (bits >= 0).then_some(Self(bits))
    }

    /// In an SQL text of images: those that differ in so many bits at most, and are somebody's.
    pub(super) fn push(self, query: &mut QueryBuilder<Postgres>, most: u32) {
        query.push(" AND likeness >= 0 AND ");
        self.push_distance(query);
        query.push(format_args!(" <= {most}"));
    }

    /// In an SQL text of images: the bits that differ.
    pub(super) fn push_distance(self, query: &mut QueryBuilder<Postgres>) {
        query.push("bit_count((likeness # ").push_bind(self.0).push(")::bit(64))");
    }
}

fn dot(shades: &[f32; SIDE], wave: &[f32; SIDE]) -> f32 {
    shades.iter().zip(wave).map(|(shade, wave)| shade * wave).sum()
}

/// Its lightness where it lies on a white page.
fn on_white(picture: &DynamicImage) -> GrayImage {
    match picture {
        DynamicImage::ImageRgba8(pixels) => {
            let mut shades = GrayImage::new(pixels.width(), pixels.height());
            for (shade, pixel) in shades.pixels_mut().zip(pixels.pixels()) {
                let [r, g, b, alpha] = pixel.0.map(u32::from);
                // ITU-R BT.709, as `image` does.
                let light = (2126 * r + 7152 * g + 722 * b) / 10_000;
                let seen = (light * alpha + 255 * (255 - alpha)) / 255;
                *shade = Luma([u8::try_from(seen).unwrap_or(255)]);
            }
            shades
        }
        other => other.to_luma8(),
    }
}

#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use self::scene::scene;
