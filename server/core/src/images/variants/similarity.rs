//! How alike two pictures look, from 0 to 1.
//!
//! Multi-scale structural similarity of their lightness: Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural
//! similarity for image quality assessment" (Asilomar 2003), with the measure of Wang, Bovik, Sheikh, Simoncelli,
//! "Image quality assessment: from error visibility to structural similarity" (2004) over square windows. Of its five
//! scales the first three, since what is compared here is small.

use image::{DynamicImage, Rgba};

/// Pixels along a window, and from one to the next.
const WINDOW: usize = 8;
const STEP: usize = 4;
/// How much each scale counts, the finest first.
const WEIGHTS: [f64; 3] = [0.0448, 0.2856, 0.3001];
/// What keeps the measure steady where there is hardly any light or structure: (0.01 · 255)² and (0.03 · 255)².
const STEADY: (f64, f64) = (6.5025, 58.5225);
/// The least that a scale counts as, since structures may be opposed.
const LEAST: f64 = 1e-6;

/// A picture's lightness, where it lies on a white page.
#[derive(Clone, Debug)]
pub(super) struct Luma {
    width: usize,
    height: usize,
    /// Pixels along each of the parts that it is put together from. An eighth at their edges isn't looked at: encoders
    /// smooth what lies side by side.
    part: Option<usize>,
    shades: Vec<u8>,
}

impl Luma {
    /// Of a picture that is put together from squares of so many pixels, or of a whole one.
    pub(super) fn of(picture: &DynamicImage, part: Option<u32>) -> Self {
        let part = part.map(|part| part as usize);
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let shades = match picture {
            DynamicImage::ImageRgb8(pixels) => pixels.pixels().map(|pixel| shade(pixel.0)).collect(),
            other => other.to_rgba8().pixels().map(on_white).collect(),
        };
        Self { width, height, part, shades }
    }

    /// The same half as large.
    fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut shades = Vec::with_capacity(width * height);
        for rows in self.shades.chunks_exact(self.width * 2).take(height) {
            let (upper, lower) = rows.split_at(self.width);
            for (upper, lower) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                let sum: u32 = upper.iter().chain(lower).map(|shade| u32::from(*shade)).sum();
                shades.push(((sum + 2) / 4) as u8);
            }
        }
        Self { width, height, part: self.part.map(|part| part / 2), shades }
    }

    /// Where windows begin along a side.
    fn places(&self, side: usize) -> impl Iterator<Item = usize> + use<> {
        let part = self.part;
        let starts = (0..=side.saturating_sub(WINDOW)).step_by(STEP);
        starts.filter(move |start| {
            part.is_none_or(|part| {
                let (at, edge) = (start % part, part / 8);
                at >= edge && at + WINDOW <= part - edge
            })
        })
    }

    /// The rows of a window.
    fn window(&self, left: usize, top: usize) -> impl Iterator<Item = &[u8]> {
        let rows = self.shades.chunks_exact(self.width).skip(top).take(WINDOW);
        rows.map(move |row| &row[left..self.width.min(left + WINDOW)])
    }
}

/// ITU-R BT.601.
fn shade([r, g, b]: [u8; 3]) -> u8 {
    let [r, g, b] = [r, g, b].map(u32::from);
    ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8
}

fn on_white(pixel: &Rgba<u8>) -> u8 {
    let [r, g, b, alpha] = pixel.0;
    let alpha = u32::from(alpha);
    ((u32::from(shade([r, g, b])) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// How alike they are; those of different sizes aren't.
pub(super) fn similarity(one: &Luma, other: &Luma) -> f64 {
    if (one.width, one.height) != (other.width, other.height) || one.shades.is_empty() {
        return 0.0;
    }
    let (sum, weights) = scales(one, other, &WEIGHTS);
    (sum / weights).exp()
}

/// The logarithms of all scales from this one on, and what these count together.
fn scales(one: &Luma, other: &Luma, weights: &[f64]) -> (f64, f64) {
    let [weight, coarser @ ..] = weights else { return (0.0, 0.0) };
    let is_coarsest = coarser.is_empty() || one.width.min(one.height) / 2 < WINDOW;
    let (structure, whole) = means(one, other);
    // Only there the light itself counts.
    let found = if is_coarsest { whole } else { structure };
    let log = weight * found.max(LEAST).ln();
    if is_coarsest {
        return (log, *weight);
    }
    let (sum, count) = scales(&one.half(), &other.half(), coarser);
    (log + sum, weight + count)
}

/// Of all windows: contrast and structure, and with the light.
fn means(one: &Luma, other: &Luma) -> (f64, f64) {
    let (mut structures, mut wholes, mut count) = (0.0, 0.0, 0.0);
    for top in one.places(one.height) {
        for left in one.places(one.width) {
            let (light, structure) = compare(one, other, left, top);
            structures += structure;
            wholes += light * structure;
            count += 1.0;
        }
    }
    (structures / count, wholes / count)
}

/// Two windows: their light, and their contrast and structure.
fn compare(one: &Luma, other: &Luma, left: usize, top: usize) -> (f64, f64) {
    let [mut count, mut a, mut b, mut aa, mut bb, mut ab] = [0_u32; 6];
    for (row, others) in one.window(left, top).zip(other.window(left, top)) {
        for (x, y) in row.iter().zip(others) {
            let (x, y) = (u32::from(*x), u32::from(*y));
            count += 1;
            a += x;
            b += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
    }
    let mean = |sum: u32| f64::from(sum) / f64::from(count);
    let (a, b) = (mean(a), mean(b));
    let light = (2.0 * a * b + STEADY.0) / (a * a + b * b + STEADY.0);
    let variances = mean(aa) - a * a + mean(bb) - b * b;
    (light, (2.0 * (mean(ab) - a * b) + STEADY.1) / (variances + STEADY.1))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, RgbaImage};
    use proptest::prelude::*;

    use super::*;
    use crate::images::likeness::scene;

    fn luma(picture: RgbImage) -> Luma {
        Luma::of(&picture.into(), None)
    }

    /// With some of the noise of a hash, up to `most` up or down.
    fn noisy(picture: &RgbImage, most: u8) -> RgbImage {
        let mut state = 1_u32;
        let mut out = picture.clone();
        for value in out.iter_mut() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 24) % (2 * u32::from(most) + 1);
            *value = value.saturating_add(noise as u8).saturating_sub(most);
        }
        out
    }

    #[test]
    fn plain_pictures_differ_by_their_light_alone() {
        let plain = |shade| luma(RgbImage::from_pixel(9, 12, Rgb([shade; 3])));
        for (one, other) in [(100.0_f64, 110.0_f64), (10.0, 200.0), (0.0, 255.0), (7.0, 7.0)] {
            let expected = (2.0 * one * other + 6.5025) / (one * one + other * other + 6.5025);
            let found = similarity(&plain(one as u8), &plain(other as u8));
            assert!((found - expected.max(LEAST)).abs() < 1e-9, "{one} {other}: {found} {expected}");
        }
    }

    #[test]
    fn the_more_is_wrong_the_less_alike_they_are() {
        let scene = scene(3, 200, 150);
        let mut last = 1.0;
        for most in [2, 6, 12, 25, 50, 90] {
            let found = similarity(&luma(scene.clone()), &luma(noisy(&scene, most)));
            assert!(found < last && found > 0.0, "{most}: {found} {last}");
            last = found;
        }
        let blurred = image::imageops::blur(&noisy(&scene, 40), 3.0);
        assert!(similarity(&luma(noisy(&scene, 40)), &luma(blurred)) < 0.9);
    }

    #[test]
    fn what_parts_do_to_each_other_at_their_edges_does_not_count() {
        let picture = noisy(&scene(1, 128, 64), 9);
        let parts = |picture: &RgbImage| Luma::of(&picture.clone().into(), Some(64));
        let changed = |columns: std::ops::Range<u32>| {
            let mut changed = picture.clone();
            for (x, y) in columns.flat_map(|x| (0..64).map(move |y| (x, y))) {
                changed.put_pixel(x, y, Rgb([x as u8 ^ y as u8; 3]));
            }
            similarity(&parts(&picture), &parts(&changed))
        };
        assert!((changed(60..68) - 1.0).abs() < 1e-9);
        assert!(changed(20..28) < 0.99);
    }

    #[test]
    fn what_cannot_be_seen_does_not_count() {
        let clear = |color| Luma::of(&RgbaImage::from_pixel(20, 20, Rgba(color)).into(), None);
        assert!((similarity(&clear([0, 0, 0, 0]), &clear([255, 9, 9, 0])) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn pictures_of_different_sizes_are_not_alike() {
        assert!(similarity(&luma(scene(1, 20, 20)), &luma(scene(1, 20, 21))) < LEAST);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn it_is_a_share_and_the_same_both_ways(
            seeds in (0_u64..9, 0_u64..9), width in 1_u32..80, height in 1_u32..80, most in 0_u8..60,
        ) {
            let one = luma(noisy(&scene(seeds.0, width, height), most));
            let other = luma(scene(seeds.1, width, height));
            let found = similarity(&one, &other);
            prop_assert!(found > 0.0 && found <= 1.0 + 1e-9, "{}", found);
            prop_assert!((found - similarity(&other, &one)).abs() < 1e-9);
            prop_assert!((similarity(&one, &one) - 1.0).abs() < 1e-9);
        }
    }
}
