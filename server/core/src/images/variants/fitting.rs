//! How well a picture has to be encoded: as badly as it can be without that being seen.

use std::ops::RangeInclusive;

use image::{DynamicImage, GenericImage as _, imageops};
use model::types::VariantFormat;

use super::{
    encode::encode_at,
    similarity::{Luma, similarity},
};
use crate::images::{
    ImageError, containers,
    decode::{self, Extent},
};

/// How alike what was encoded has to be, by [`similarity`].
const ALIKE: f64 = 0.99;
/// Encodings of the sample, at most.
const TRIES: u32 = 3;
/// Pixels along a tile of the sample: whole blocks of every format, so that what lies beside it changes little of it.
const TILE: u32 = 64;
/// The largest picture of which few tiles are enough, in pixels, unless encoding them takes long.
const FEW: u64 = 320 * 320;

/// The picture in `format`, as good as it needs to be, with the colour profile it is meant in and nothing else.
pub(super) fn encode_fitting(
    pixels: &DynamicImage,
    icc: Option<&[u8]>,
    format: VariantFormat,
) -> Result<Vec<u8>, ImageError> {
    let quality = match qualities(format) {
        Some(range) => {
            let sample = Sample::of(pixels, format);
            lowest(range, |quality| sample.similarity(format, quality))?
        }
        None => 100,
    };
    encode_at(pixels, icc, format, quality)
}

/// Between which qualities there is a choice. Below these even what measures well has blocks in its plain parts, and
/// colours that bleed; above them a file grows and nobody sees why.
const fn qualities(format: VariantFormat) -> Option<RangeInclusive<u8>> {
    match format {
        VariantFormat::Avif => Some(45..=85),
        VariantFormat::WebP => Some(55..=88),
        VariantFormat::Jpeg => Some(60..=90),
        VariantFormat::Png => None,
    }
}

/// About the lowest quality that is alike enough, by bisection; the highest where none is known to be.
fn lowest<E>(range: RangeInclusive<u8>, mut similarity: impl FnMut(u8) -> Result<f64, E>) -> Result<u8, E> {
    let (mut low, mut high) = range.into_inner();
    for _ in 0..TRIES {
        if low >= high {
            break;
        }
        let middle = low + (high - low) / 2;
        if similarity(middle)? >= ALIKE {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(high)
}

/// Some of a picture, for encoding it several times takes long.
struct Sample {
    pixels: DynamicImage,
    luma: Luma,
    part: Option<u32>,
}

impl Sample {
    /// Tiles from all over the picture, beside one another; all of it where it is hardly larger, and of what is thinner
    /// than a tile its middle.
    fn of(pixels: &DynamicImage, format: VariantFormat) -> Self {
        let (width, height) = (pixels.width(), pixels.height());
        let area = u64::from(width) * u64::from(height);
        let is_slow = format == VariantFormat::Avif;
        let count = if is_slow || area <= FEW { 2 } else { 3 };
        let side = TILE * count;
        let whole = |pixels: DynamicImage| Self { luma: Luma::of(&pixels, None), pixels, part: None };
        if area <= u64::from(side) * u64::from(side) {
            return whole(pixels.clone());
        }
        let thinner = width.min(height);
        if thinner < TILE {
            let (across, down) = (width.min(side * side / thinner), height.min(side * side / thinner));
            return whole(pixels.crop_imm((width - across) / 2, (height - down) / 2, across, down));
        }
        let mut tiles = DynamicImage::new(side, side, pixels.color());
        for (row, column) in (0..count).flat_map(|row| (0..count).map(move |column| (row, column))) {
            let (left, top) = ((width - TILE) * column / (count - 1), (height - TILE) * row / (count - 1));
            let tile = imageops::crop_imm(pixels, left, top, TILE, TILE);
            if tiles.copy_from(&*tile, column * TILE, row * TILE).is_err() {
                return whole(pixels.clone());
            }
        }
        Self { luma: Luma::of(&tiles, Some(TILE)), pixels: tiles, part: Some(TILE) }
    }

    /// How alike it is once it was encoded.
    fn similarity(&self, format: VariantFormat, quality: u8) -> Result<f64, ImageError> {
        let kind = format.media_type();
        let made = encode_at(&self.pixels, None, format, quality)?;
        let decoded = containers::facts(kind, &made)
            .and_then(|facts| decode::decode(kind, &made, &facts, Extent::FirstFrame))
            .map_err(|error| ImageError::Encode(error.to_string()))?;
        Ok(similarity(&self.luma, &Luma::of(&decoded.pixels, self.part)))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use image::{Rgb, RgbImage};
    use proptest::prelude::*;

    use super::*;
    use crate::images::likeness::scene;

    /// A scene with grains all over it, such as a camera makes in the dark.
    fn detailed(width: u32, height: u32) -> DynamicImage {
        let mut picture = scene(4, width, height);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let grain = (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)).wrapping_mul(2_654_435_761) >> 28;
            *pixel = Rgb(pixel.0.map(|value| value.saturating_add(grain as u8)));
        }
        picture.into()
    }

    #[test]
    fn what_has_faint_grains_is_encoded_better() {
        for format in [VariantFormat::WebP, VariantFormat::Jpeg] {
            let range = qualities(format).unwrap();
            let quality = |picture: &DynamicImage| {
                let sample = Sample::of(picture, format);
                lowest(range.clone(), |quality| sample.similarity(format, quality)).unwrap()
            };
            let (soft, fine) = (quality(&scene(4, 400, 300).into()), quality(&detailed(400, 300)));
            assert!(soft < fine, "{format:?}: {soft} {fine}");
        }
    }

    #[test]
    fn what_was_chosen_is_alike_all_over_the_picture() {
        let picture = detailed(500, 400);
        for format in [VariantFormat::Avif, VariantFormat::WebP, VariantFormat::Jpeg] {
            let made = encode_fitting(&picture, None, format).unwrap();
            let kind = format.media_type();
            let facts = containers::facts(kind, &made).unwrap();
            let decoded = decode::decode(kind, &made, &facts, Extent::FirstFrame).unwrap();
            let found = similarity(&Luma::of(&picture, None), &Luma::of(&decoded.pixels, None));
            assert!(found > ALIKE - 0.03, "{format:?}: {found}");
        }
    }

    #[test]
    fn avif_needs_fewer_bytes_to_be_as_alike() {
        let photo: DynamicImage = detailed(320, 240);
        let [avif, webp] = [VariantFormat::Avif, VariantFormat::WebP]
            .map(|format| encode_fitting(&photo, None, format).unwrap().len());
        assert!(avif < webp, "{avif} {webp}");
    }

    #[test]
    fn the_same_picture_is_always_encoded_the_same() {
        let photo = detailed(320, 240);
        for format in [VariantFormat::Avif, VariantFormat::WebP, VariantFormat::Jpeg] {
            let [one, other] = [(), ()].map(|()| encode_fitting(&photo, None, format).unwrap());
            assert!(one == other, "{format:?}");
        }
    }

    #[test]
    fn a_sample_is_small_whatever_the_picture() {
        for ((width, height), expected) in [
            ((1, 1), (1, 1)),
            ((100, 100), (100, 100)),
            ((320, 240), (128, 128)),
            ((700, 500), (192, 192)),
            ((90, 4000), (192, 192)),
            ((2560, 50), (737, 50)),
            ((1, 65_000), (1, 16_384)),
        ] {
            let sample = Sample::of(&RgbImage::new(width, height).into(), VariantFormat::WebP);
            assert_eq!((sample.pixels.width(), sample.pixels.height()), expected);
        }
        let sample = Sample::of(&RgbImage::new(700, 500).into(), VariantFormat::Avif);
        assert_eq!((sample.pixels.width(), sample.pixels.height()), (128, 128));
    }

    #[test]
    fn a_sample_has_the_corners_and_the_middle() {
        let marked = RgbImage::from_fn(640, 480, |x, y| Rgb([(x / 4) as u8, (y / 4) as u8, 7]));
        let sample = Sample::of(&marked.clone().into(), VariantFormat::WebP).pixels.into_rgb8();
        for ((x, y), from) in
            [((0, 0), (0, 0)), ((191, 0), (639, 0)), ((0, 191), (0, 479)), ((64, 64), (288, 208))]
        {
            assert_eq!(sample.get_pixel(x, y), marked.get_pixel(from.0, from.1));
        }
    }

    proptest! {
        #[test]
        fn it_is_near_the_lowest_that_is_alike(start in 0_u8..60, length in 0_u8..40, enough in 0_u8..110) {
            let range = start..=start + length;
            let mut tries = 0;
            let found = lowest(range.clone(), |quality| {
                tries += 1;
                prop_assert!(range.contains(&quality));
                Ok::<_, TestCaseError>(if quality >= enough { 1.0 } else { 0.5 })
            })?;
            prop_assert!(tries <= TRIES && range.contains(&found));
            // Alike, or the best there is.
            prop_assert!(found >= enough.min(start + length));
            let least = enough.clamp(start, start + length);
            prop_assert!(found - least <= length / 8 + 1, "{} {}", found, least);
        }
    }

    #[test]
    fn a_range_of_one_is_not_tried() {
        assert_eq!(lowest(7..=7, |_| -> Result<f64, Infallible> { unreachable!() }), Ok(7));
    }
}
