use image::{GenericImageView as _, Rgba};
use sqlx::PgPool;

use super::*;
use crate::{
    images::{
        containers::fixtures::{
            QUARTERS, animated_webp, apng, avif, dirty_jpeg, gif, jpeg, plain, png, quarters, webp,
        },
        decode::fixtures::profile,
        intake, library,
    },
    testing::{self, user},
};

fn open(bytes: &[u8]) -> image::DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

fn middles(image: &image::DynamicImage) -> [[u8; 3]; 4] {
    let (w, h) = image.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
        let Rgba([r, g, b, _]) = image.get_pixel(w * x / 4, h * y / 4);
        [r, g, b]
    })
}

/// Which quarter of the original is at each place.
fn order(image: &image::DynamicImage) -> [usize; 4] {
    middles(image).map(|found| {
        let distance = |c: &[u8; 3]| c.iter().zip(found).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
        let nearest = (0..4).min_by_key(|i| distance(&QUARTERS[*i])).unwrap();
        assert!(distance(&QUARTERS[nearest]) < 40, "{found:?}");
        nearest
    })
}

fn width(pixels: u32) -> VariantWidth {
    pixels.try_into().unwrap()
}

#[test]
fn every_orientation_becomes_upright() {
    // What is where, by EXIF: 1 as it is, 2 mirrored, 3 turned around, 4 upside down, 5 along the
    // diagonal, 6 a quarter clockwise, 7 along the other diagonal, 8 a quarter counter-clockwise.
    let expected = [
        [0, 1, 2, 3],
        [1, 0, 3, 2],
        [3, 2, 1, 0],
        [2, 3, 0, 1],
        [0, 2, 1, 3],
        [2, 0, 3, 1],
        [3, 1, 2, 0],
        [1, 3, 0, 2],
    ];
    let image = quarters(400, 300);
    for (orientation, expected) in (1..).zip(expected) {
        for (kind, bytes) in [
            (MediaType::Jpeg, jpeg(&image, orientation)),
            (MediaType::Png, png(&image, orientation)),
            (MediaType::WebP, webp(&image, orientation)),
        ] {
            let drawn = open(&render(&bytes, kind, width(160), VariantFormat::Png).unwrap());
            let size = if orientation > 4 { (160, 213) } else { (160, 120) };
            assert_eq!(drawn.dimensions(), size, "{kind:?} {orientation}");
            assert_eq!(order(&drawn), expected, "{kind:?} {orientation}");
        }
    }
}

#[test]
fn avif_is_turned_and_mirrored() {
    let draw = |bytes| open(&render(bytes, MediaType::Avif, width(160), VariantFormat::Png).unwrap());
    let turned = draw(avif::ROTATED_GPS);
    assert_eq!((turned.dimensions(), order(&turned)), ((48, 64), [1, 3, 0, 2]));
    let [a, b, ..] = middles(&draw(avif::GRAY));
    assert!(a[0] > b[0], "the green quarter, which is lighter than the red, is left now");
}

#[test]
fn every_format_is_drawn_at_the_size_asked_for_and_never_larger() {
    let bytes = png(&quarters(700, 500), 1);
    for format in [VariantFormat::WebP, VariantFormat::Jpeg, VariantFormat::Png] {
        for (asked, expected) in [(320, (320, 229)), (1280, (700, 500))] {
            let drawn = render(&bytes, MediaType::Png, width(asked), format).unwrap();
            assert_eq!(containers::facts(format.media_type(), &drawn).unwrap().shown(), expected);
            assert_eq!(order(&open(&drawn)), [0, 1, 2, 3]);
        }
    }
}

/// An AVIF as it is decoded, with its profile.
fn decoded(bytes: &[u8]) -> decode::Picture {
    let facts = containers::facts(MediaType::Avif, bytes).unwrap();
    decode::decode(MediaType::Avif, bytes, &facts, decode::Extent::FirstFrame).unwrap()
}

#[test]
fn avif_is_drawn_at_the_size_asked_for_with_opacity_and_profile() {
    let draw = |bytes: &[u8], kind, asked| render(bytes, kind, width(asked), VariantFormat::Avif).unwrap();
    let turned = decoded(&draw(&png(&quarters(300, 400), 6), MediaType::Png, 160)).pixels;
    assert_eq!((turned.dimensions(), order(&turned)), ((160, 120), [2, 0, 3, 1]));
    for (w, h) in [(1, 1), (3, 5), (17, 100)] {
        let drawn = draw(&png(&quarters(w, h), 1), MediaType::Png, 160);
        assert_eq!(decoded(&drawn).pixels.dimensions(), (w, h));
    }

    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut glass = plain(200, 100, [200, 0, 0, 255]);
    for (x, _, pixel) in glass.enumerate_pixels_mut() {
        if x >= 100 {
            pixel.0[3] = 0;
        }
    }
    glass.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let seen = decoded(&draw(&bytes.into_inner(), MediaType::Png, 160)).pixels;
    let Rgba([r, g, _, a]) = seen.get_pixel(20, 40);
    assert!(r > 180 && g < 20 && a > 250, "{r} {g} {a}");
    assert!(seen.get_pixel(140, 40).0[3] < 5);
}

#[test]
fn the_color_profile_is_added_to_avif_and_nothing_else() {
    let profile = profile();
    for picture in [
        image::DynamicImage::from(quarters(100, 60)),
        image::DynamicImage::from(plain(100, 60, [200, 0, 0, 100])),
    ] {
        let with = encode(&picture, Some(&profile), VariantFormat::Avif).unwrap();
        let without = encode(&picture, None, VariantFormat::Avif).unwrap();
        assert_eq!(with.len(), without.len() + 12 + profile.len() + 1);
        let (with_it, without_it) = (decoded(&with), decoded(&without));
        assert_eq!((with_it.icc, without_it.icc), (Some(profile.clone()), None));
        assert_eq!(with_it.pixels, without_it.pixels);
        assert_eq!(containers::strip(MediaType::Avif, &with).unwrap(), with);
    }
}

#[test]
fn animations_give_their_first_frame() {
    for (kind, bytes) in
        [(MediaType::Gif, gif(3)), (MediaType::Png, apng(3)), (MediaType::WebP, animated_webp(3))]
    {
        let drawn = render(&bytes, kind, width(160), VariantFormat::WebP).unwrap();
        assert_eq!(containers::facts(MediaType::WebP, &drawn).unwrap().frames, 1);
        let Rgba([r, g, ..]) = open(&drawn).get_pixel(20, 15);
        assert!(r < 12 && g > 240, "{kind:?}: {r} {g}");
    }
}

#[test]
fn what_is_transparent_does_not_bleed_and_is_white_in_jpeg() {
    let mut image = plain(640, 64, [200, 0, 0, 255]);
    for (x, _, pixel) in image.enumerate_pixels_mut() {
        if x % 2 == 1 {
            *pixel = Rgba([0, 255, 0, 0]);
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner();
    let drawn = open(&render(&bytes, MediaType::Png, width(160), VariantFormat::Png).unwrap());
    let Rgba([r, g, _, a]) = drawn.get_pixel(80, 8);
    assert!(r.abs_diff(200) < 3 && g < 3 && a.abs_diff(128) < 4, "{r} {g} {a}");
    let Rgba([r, g, b, a]) =
        open(&render(&bytes, MediaType::Png, width(160), VariantFormat::Jpeg).unwrap()).get_pixel(80, 8);
    assert!(r.abs_diff(227) < 5 && g.abs_diff(127) < 5 && b.abs_diff(127) < 5 && a == 255, "{r} {g} {b}");
}

#[test]
fn the_color_profile_is_carried_over_and_nothing_else() {
    let profile = profile();
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.add_icc_profile(&profile).unwrap();
    encoder.encode(&quarters(400, 400), 400, 400, jpeg_encoder::ColorType::Rgb).unwrap();
    let bytes = dirty_jpeg(&bytes, 1);
    for format in [VariantFormat::WebP, VariantFormat::Jpeg, VariantFormat::Png] {
        let drawn = render(&bytes, MediaType::Jpeg, width(160), format).unwrap();
        let input = std::io::Cursor::new(&drawn);
        let mut decoder =
            image::ImageReader::new(input).with_guessed_format().unwrap().into_decoder().unwrap();
        use image::ImageDecoder as _;
        assert_eq!(decoder.icc_profile().unwrap().as_deref(), Some(&profile[..]), "{format:?}");
        assert_eq!(order(&open(&drawn)), [0, 1, 2, 3], "{format:?}");
        let clean = containers::strip(format.media_type(), &drawn).unwrap();
        assert_eq!(clean, drawn, "{format:?}");
        assert!(!drawn.windows(6).any(|w| w == b"SECRET"));
    }
}

#[test]
fn what_is_no_image_is_refused() {
    for kind in MediaType::ALL {
        let result = render(b"nothing", kind, width(160), VariantFormat::WebP);
        assert!(matches!(result, Err(ImageError::Broken(_))), "{kind:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_variant_is_made_once_and_kept(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let image = intake::accept(&core, owner, "a", png(&quarters(400, 300), 1).into()).await.unwrap().image;
    let stored = library::by_slug(&core, &image.slug).await.unwrap().unwrap();
    let ask = || get_or_make(&core, &stored, width(160), VariantFormat::Jpeg);
    let all = futures::future::join_all((0..20).map(|_| ask())).await;
    let first = all[0].as_ref().unwrap();
    // That one makes it is `flight`'s own test: who came late read it from the store.
    assert!(all.iter().all(|bytes| bytes.as_ref().unwrap() == first));
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM variants WHERE width = 160 AND media_type = 'image/jpeg'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(kept, 1);
    assert_eq!(open(first).dimensions(), (160, 120));
    sqlx::query("DELETE FROM blob_chunks").execute(&pool).await.unwrap();
    assert_eq!(ask().await.unwrap(), *first, "from the store, without the original");
    let missing = get_or_make(&core, &stored, width(160), VariantFormat::Png).await;
    assert!(matches!(missing, Err(ImageError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_variant_of_purged_bytes_is_answered_but_not_kept(pool: PgPool) {
    let variant = Variant { width: width(160), kind: MediaType::WebP, data: b"x" };
    let refused = keep_one(&testing::core(pool), &[1; 32], variant).await.unwrap_err();
    assert_eq!(crate::db::violated_constraint(&refused), Some("variants_hash_fkey"));
}
