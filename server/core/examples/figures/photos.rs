//! Pictures with the statistics of photos: detail at every scale, edges, the noise of a sensor. Every one is
//! another part of one endless (that is, periodic) scene, so that hundreds are made quickly.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread,
};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::Result;

/// What photos are made.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Pixels across and down.
    pub size: (u16, u16),
    /// Most that the noise adds to a sample or takes from it, of 255.
    pub noise: u8,
    /// Of the JPEG, 1 to 100.
    pub quality: u8,
}

/// Writes `0000.jpg` and on into the folder, as baseline 4:2:0 JPEGs on as many threads as there are cores.
/// Answers the bytes of them all.
pub fn write(folder: &Path, count: usize, kind: Kind) -> Result<u64> {
    std::fs::create_dir_all(folder)?;
    let scene = Scene::new(kind);
    let (next, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Relaxed);
            if number >= count {
                return Ok(());
            }
            let jpeg = scene.jpeg(number)?;
            bytes.fetch_add(jpeg.len() as u64, Relaxed);
            std::fs::write(folder.join(format!("{number:04}.jpg")), jpeg)?;
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    Ok(bytes.into_inner())
}

struct Scene {
    kind: Kind,
    rgb: Vec<u8>,
    noise: Vec<u8>,
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let size = (usize::from(kind.size.0), usize::from(kind.size.1));
        let mut random = Random(1);
        let light = field(size, 2..9, &mut random);
        let shapes = field(size, 1..7, &mut random);
        let (warm, cool) = (field(size, 0..4, &mut random), field(size, 0..4, &mut random));
        let mut rgb = Vec::with_capacity(size.0 * size.1 * 3);
        for (((light, shape), warm), cool) in light.iter().zip(&shapes).zip(&warm).zip(&cool) {
            // Where a smooth field passes its middle, one thing ends and another begins: an edge.
            let thing = if *shape > 0.0 { 45.0 } else { -25.0 };
            let luma = 120.0 + light * 85.0 + thing;
            rgb.extend([luma + warm * 70.0, luma, luma + cool * 70.0].map(byte));
        }
        let span = u64::from(kind.noise) * 2 + 1;
        let noise = (0..1 << 20).map(|_| u8::try_from(random.next() % span).unwrap_or(0)).collect();
        Self { kind, rgb, noise }
    }

    /// The scene from another corner, with other noise.
    fn jpeg(&self, number: usize) -> Result<Vec<u8>> {
        let (width, height) = (usize::from(self.kind.size.0), usize::from(self.kind.size.1));
        let mut random = Random(number as u64 + 2);
        let mut pick = |below: usize| usize::try_from(random.next()).unwrap_or(usize::MAX) % below;
        let (right, down) = (pick(width) * 3, pick(height));
        let mut pixels = Vec::with_capacity(self.rgb.len());
        for y in 0..height {
            let row = &self.rgb[(y + down) % height * width * 3..][..width * 3];
            let noise = &self.noise[pick(self.noise.len() - width * 3)..];
            let samples = row[right..].iter().chain(&row[..right]).zip(noise);
            pixels.extend(samples.map(|(s, n)| s.saturating_add(*n).saturating_sub(self.kind.noise)));
        }
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, self.kind.quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.encode(&pixels, self.kind.size.0, self.kind.size.1, ColorType::Rgb)?;
        Ok(out)
    }
}

fn byte(value: f32) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

/// Smooth noise that repeats after `size`, about -1 to 1: `octaves` of it, each twice as fine and half as
/// strong as the one before, the way power is spread in photos.
fn field((width, height): (usize, usize), octaves: std::ops::Range<u32>, random: &mut Random) -> Vec<f32> {
    let mut sum = vec![0.0_f32; width * height];
    for (strength, octave) in (0..).map(|n| 0.5_f32.powi(n)).zip(octaves) {
        let (across, down) = (4_usize << octave, 3_usize << octave);
        let grid: Vec<f32> = (0..across * down).map(|_| random.unit() * strength).collect();
        let place = |at: usize, cells: usize, length: usize| {
            let exact = at as f32 * cells as f32 / length as f32;
            let (cell, part) = (exact as usize % cells, exact.fract());
            (cell, (cell + 1) % cells, part * part * (3.0 - 2.0 * part))
        };
        let columns: Vec<_> = (0..width).map(|x| place(x, across, width)).collect();
        for (y, row) in sum.chunks_exact_mut(width).enumerate() {
            let (upper, lower, part) = place(y, down, height);
            let (upper, lower) = (&grid[upper * across..][..across], &grid[lower * across..][..across]);
            let line: Vec<f32> = upper.iter().zip(lower).map(|(u, l)| u + (l - u) * part).collect();
            for (value, (left, right, part)) in row.iter_mut().zip(&columns) {
                *value += line[*left] + (line[*right] - line[*left]) * part;
            }
        }
    }
    sum
}

/// SplitMix64: the same photos everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From -1 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 8_388_608.0 - 1.0
    }
}
