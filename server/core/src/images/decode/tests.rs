use image::{GenericImageView as _, Rgba};
use proptest::prelude::*;

use super::*;
use crate::images::{
    containers::{
        facts,
        fixtures::{QUARTERS, apng, avif, gif, samples},
    },
    workers::hostile,
};

fn open(kind: MediaType, bytes: &[u8]) -> Picture {
    decode(kind, bytes, &facts(kind, bytes).unwrap(), Extent::EveryFrame).unwrap()
}

/// The colours in the middle of the quarters.
fn middles(picture: &Picture) -> [[u8; 3]; 4] {
    let (w, h) = picture.pixels.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
        let Rgba([r, g, b, _]) = picture.pixels.get_pixel(w * x / 4, h * y / 4);
        [r, g, b]
    })
}

fn close(a: [[u8; 3]; 4], b: [[u8; 3]; 4]) -> bool {
    a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| a.abs_diff(*b) <= 6)
}

#[test]
fn every_format_shows_its_colors() {
    for (kind, bytes) in samples() {
        let picture = open(kind, &bytes);
        if facts(kind, &bytes).unwrap().frames > 1 && kind != MediaType::Avif {
            let Rgba(first) = picture.pixels.get_pixel(20, 15);
            assert!(first[0] < 12 && first[1] > 240, "{kind:?}: {first:?}");
        } else if bytes != avif::GRAY {
            let found = middles(&picture);
            // Sequences of BT.2020 keep its colours unconverted, but the matrix is undone.
            assert!(close(found, QUARTERS), "{kind:?}: {found:?}");
        }
    }
}

#[test]
fn gray_avif_is_gray() {
    let [a, b, c, d] = middles(&open(MediaType::Avif, avif::GRAY));
    for color in [a, b, c, d] {
        assert!(color[0] == color[1] && color[1] == color[2]);
    }
    assert!(
        d[0] > 230 && a[0].abs_diff(90) < 8 && b[0].abs_diff(130) < 8 && c[0].abs_diff(53) < 8,
        "{a:?} {b:?} {c:?}"
    );
}

#[test]
fn opacity_of_avif() {
    let picture = open(MediaType::Avif, avif::ALPHA);
    assert_eq!(picture.pixels.get_pixel(4, 20)[3], 0);
    assert_eq!(picture.pixels.get_pixel(40, 20)[3], 255);
}

#[test]
fn another_size_than_announced_is_refused() {
    for (kind, bytes) in samples() {
        let mut facts = facts(kind, &bytes).unwrap();
        facts.width -= 1;
        assert!(decode(kind, &bytes, &facts, Extent::FirstFrame).is_err(), "{kind:?}");
    }
}

#[test]
fn a_missing_frame_is_refused() {
    for (kind, bytes) in [(MediaType::Gif, gif(3)), (MediaType::Png, apng(3))] {
        let mut facts = facts(kind, &bytes).unwrap();
        facts.frames = 4;
        assert!(decode(kind, &bytes, &facts, Extent::EveryFrame).is_err(), "{kind:?}");
        assert!(decode(kind, &bytes, &facts, Extent::FirstFrame).is_ok(), "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damaged_pixels_are_a_picture_or_an_error(
        sample in 0_usize..13,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let (kind, mut bytes) = samples().swap_remove(sample);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let Ok(facts) = facts(kind, &bytes) else { return Ok(()) };
        if facts.area() * u64::from(facts.frames) < 1_000_000 {
            let _ = hostile(|| decode(kind, &bytes, &facts, Extent::EveryFrame));
        }
    }
}

/// A picture that changes everywhere, unlike in its two directions.
fn gradient(width: u32, height: u32) -> image::RgbImage {
    image::RgbImage::from_fn(width, height, |x, y| {
        let wave = |n: u32| u8::try_from((n * 7 / 5) % 256).unwrap();
        image::Rgb([wave(x / 3), wave(y / 2 + x / 5), wave((x + y) / 4)])
    })
}

/// Compares the picture made of means with the full one made smaller; `coarse` says by how much
/// they may differ, since where chroma is coarser than a block, neighbours are in its mean.
fn compare(bytes: &[u8], coarse: u32) {
    let facts = facts(MediaType::Jpeg, bytes).unwrap();
    let full = open(MediaType::Jpeg, bytes).pixels.into_rgb8();
    let (across, down) = (facts.width / 8, facts.height / 8);
    let small = jpeg_scaled(bytes, &facts, across, down).unwrap();
    assert_eq!(small.covered, (f64::from(facts.width) / 8.0, f64::from(facts.height) / 8.0));
    let small = small.pixels.into_rgb8();
    assert_eq!(small.dimensions(), (facts.width.div_ceil(8), facts.height.div_ceil(8)));
    for (x, y) in (0..across).flat_map(|x| (0..down).map(move |y| (x, y))) {
        let block = image::imageops::crop_imm(&full, x * 8, y * 8, 8, 8).to_image();
        for channel in 0..3 {
            let mean = block.pixels().map(|p| u32::from(p.0[channel])).sum::<u32>() / 64;
            let found = u32::from(small.get_pixel(x, y).0[channel]);
            assert!(found.abs_diff(mean) <= coarse, "{x},{y}: {found} and not {mean}");
        }
    }
}

#[test]
fn the_means_of_blocks_are_the_picture_made_smaller() {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor as S};
    for (sampling, coarse) in [(S::F_1_1, 4), (S::F_2_1, 24), (S::F_2_2, 24)] {
        // One scan of all components ends within a block and within a unit; scans of one component
        // (progressive, or with tables of their own) in sizes of whole units, which is all that
        // this encoder writes rightly.
        for (progressive, restart, optimized, size) in [
            (false, 0, false, (331, 203)),
            (false, 3, false, (331, 203)),
            (false, 0, true, (320, 192)),
            (true, 0, false, (320, 192)),
        ] {
            if optimized && matches!(sampling, S::F_2_2) {
                // zune-jpeg 0.5.15 itself gets scans of one component wrong here.
                continue;
            }
            let mut bytes = Vec::new();
            let mut encoder = Encoder::new(&mut bytes, 98);
            encoder.set_sampling_factor(sampling);
            encoder.set_progressive(progressive);
            encoder.set_optimized_huffman_tables(optimized);
            if restart > 0 {
                encoder.set_restart_interval(restart);
            }
            encoder.encode(&gradient(size.0.into(), size.1.into()), size.0, size.1, ColorType::Rgb).unwrap();
            compare(&bytes, coarse);
        }
    }
}

#[test]
fn scans_that_refine_are_read() {
    compare(include_bytes!("../../../tests/fixtures/progressive-420.jpg"), 24);
}

#[test]
fn gray_is_read_by_its_blocks_too() {
    let mut bytes = Vec::new();
    let gray = image::GrayImage::from_fn(160, 80, |x, _| image::Luma([u8::try_from(x).unwrap()]));
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.encode(&gray, 160, 80, jpeg_encoder::ColorType::Luma).unwrap();
    let facts = facts(MediaType::Jpeg, &bytes).unwrap();
    let small = jpeg_scaled(&bytes, &facts, 20, 10).unwrap().pixels.into_rgb8();
    for x in 0..20_u8 {
        assert!(small.get_pixel(x.into(), 5).0[0].abs_diff(x * 8 + 4) <= 2);
    }
    assert!(jpeg_scaled(&bytes, &facts, 21, 10).is_none(), "that would enlarge");
}
