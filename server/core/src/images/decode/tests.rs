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
    assert!(d[0] > 230 && a[0].abs_diff(90) < 8 && b[0].abs_diff(130) < 8 && c[0].abs_diff(53) < 8, "{a:?} {b:?} {c:?}");
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
