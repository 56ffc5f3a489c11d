use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage, codecs::jpeg::JpegEncoder};
use proptest::prelude::*;

use super::{scene::scene, *};

fn likeness(picture: RgbImage) -> Likeness {
    Likeness::of(&picture.into()).unwrap()
}

#[test]
fn other_sizes_formats_and_qualities_are_the_same_picture() {
    for seed in 0..20 {
        let original = scene(seed, 480, 320);
        let known = likeness(original.clone());
        let mut coarse = Vec::new();
        JpegEncoder::new_with_quality(&mut coarse, 40).encode_image(&original).unwrap();
        let coarse = image::load_from_memory_with_format(&coarse, ImageFormat::Jpeg).unwrap();
        let mut whole = Cursor::new(Vec::new());
        original.write_to(&mut whole, ImageFormat::Png).unwrap();
        for (how, other) in [
            ("coarse", coarse),
            ("whole", image::load_from_memory(&whole.into_inner()).unwrap()),
            ("small", DynamicImage::from(original.clone()).thumbnail(160, 160)),
        ] {
            let distance = Likeness::of(&other).unwrap().distance(known);
            assert!(distance <= Likeness::SAME, "scene {seed}, {how}: {distance} bits");
        }
        let lighter = DynamicImage::from(original.clone()).brighten(12).into_rgb8();
        let cut = imageops::crop_imm(&original, 5, 4, 470, 312).to_image();
        for (how, other) in [("lighter", lighter), ("cut", cut)] {
            let distance = likeness(other).distance(known);
            assert!(distance <= Likeness::ALIKE, "scene {seed}, {how}: {distance} bits");
        }
    }
}

#[test]
fn other_pictures_are_not_alike() {
    let all: Vec<Likeness> = (0..60).map(|seed| likeness(scene(seed, 160, 120))).collect();
    let pairs = all.iter().enumerate().flat_map(|(n, one)| all[..n].iter().map(|other| one.distance(*other)));
    assert!(pairs.min().unwrap() > Likeness::ALIKE);
}

#[test]
fn plain_pictures_are_like_nothing() {
    assert_eq!(Likeness::of(&RgbImage::from_pixel(300, 200, Rgb([9, 90, 200])).into()), None);
    assert_eq!(Likeness::of(&RgbaImage::new(300, 200).into()), None);
    assert_eq!(Likeness::of(&RgbImage::new(1, 1).into()), None);
}

#[test]
fn what_is_transparent_is_seen_on_white() {
    let shape = |inside, outside| {
        let pixels = RgbaImage::from_fn(64, 64, |x, y| if x + 2 * y < 60 { inside } else { outside });
        Likeness::of(&pixels.into()).unwrap()
    };
    let (red, white) = (Rgba([200, 0, 0, 255]), Rgba([255, 255, 255, 255]));
    assert_eq!(shape(red, Rgba([0, 90, 0, 0])), shape(red, white));
}

proptest! {
    #[test]
    fn any_size_will_do_and_no_sign_is_used(width in 1_u32..40, height in 1_u32..40, seed in any::<u64>()) {
        let found = Likeness::of(&scene(seed, width, height).into());
        prop_assert_eq!(Likeness::from_stored(Likeness::stored(found)), found);
    }
}
