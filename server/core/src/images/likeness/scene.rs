//! Pictures for tests.

use std::array;

use image::{Rgb, RgbImage};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Something like a photo: soft shapes of many sizes.
pub(in crate::images) fn scene(seed: u64, width: u32, height: u32) -> RgbImage {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let shapes: Vec<[f32; 6]> = (0..24).map(|_| array::from_fn(|_| rng.random_range(0.0..1.0))).collect();
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let mut light = [120.0_f32; 3];
        for [at_x, at_y, size, r, g, b] in &shapes {
            let near = (-((x - at_x).powi(2) + (y - at_y).powi(2)) / (0.02 + 0.05 * size)).exp();
            for (light, way) in light.iter_mut().zip([r, g, b]) {
                *light += near * 120.0 * (way - 0.5);
            }
        }
        Rgb(light.map(|light| light.clamp(0.0, 255.0) as u8))
    })
}
