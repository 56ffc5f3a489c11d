//! How near a thumbnail is to the best that can be made of its original.

use std::path::Path;

use image::{RgbImage, imageops::FilterType};
use serde::Serialize;

use crate::Result;

/// Pixels along a window of SSIM, and from one window to the next.
const WINDOW: u32 = 8;
const STEP: u32 = 4;

/// Likeness of two pictures.
#[derive(Serialize)]
pub struct Score {
    /// Peak signal-to-noise ratio over all channels, in dB.
    psnr: f64,
    /// Mean structural similarity of the luma, 1 for equal pictures.
    ssim: f64,
    /// Of the file.
    bytes: u64,
}

/// The original, decoded whole and scaled by Lanczos with three lobes in floating point.
pub fn reference(original: &Path, width: u32, height: u32) -> Result<RgbImage> {
    let whole = image::open(original)?.to_rgb8();
    Ok(image::imageops::resize(&whole, width, height, FilterType::Lanczos3))
}

/// Compares a file with the reference.
pub fn score(reference: &RgbImage, file: &Path) -> Result<Score> {
    let made = image::open(file)?.to_rgb8();
    if made.dimensions() != reference.dimensions() {
        return Err(format!("{} is {:?} pixels large", file.display(), made.dimensions()).into());
    }
    let bytes = std::fs::metadata(file)?.len();
    Ok(Score { psnr: psnr(reference, &made), ssim: ssim(reference, &made), bytes })
}

fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    let squares = one.iter().zip(other.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = squares.sum::<f64>() / one.len() as f64;
    10.0 * (255.0_f64.powi(2) / mean.max(1e-9)).log10()
}

fn ssim(one: &RgbImage, other: &RgbImage) -> f64 {
    let (width, height) = one.dimensions();
    let places = |side: u32| (0..=side.saturating_sub(WINDOW)).step_by(STEP as usize);
    let (mut sum, mut windows) = (0.0, 0.0);
    for (x, y) in places(height).flat_map(|y| places(width).map(move |x| (x, y))) {
        sum += window(one, other, x, y);
        windows += 1.0;
    }
    sum / windows
}

/// Wang, Bovik, Sheikh, Simoncelli 2004, over a square window.
fn window(one: &RgbImage, other: &RgbImage, left: u32, top: u32) -> f64 {
    let (mut a1, mut b1, mut a2, mut b2, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in (top..top + WINDOW).flat_map(|y| (left..left + WINDOW).map(move |x| (x, y))) {
        let (a, b) = (luma(one, x, y), luma(other, x, y));
        a1 += a;
        b1 += b;
        a2 += a * a;
        b2 += b * b;
        ab += a * b;
    }
    let n = f64::from(WINDOW * WINDOW);
    let (mean_a, mean_b) = (a1 / n, b1 / n);
    let (var_a, var_b) = (a2 / n - mean_a * mean_a, b2 / n - mean_b * mean_b);
    let covariance = ab / n - mean_a * mean_b;
    let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
    (2.0 * mean_a * mean_b + c1) * (2.0 * covariance + c2)
        / ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2))
}

fn luma(image: &RgbImage, x: u32, y: u32) -> f64 {
    let [r, g, b] = image.get_pixel(x, y).0.map(f64::from);
    0.299 * r + 0.587 * g + 0.114 * b
}
