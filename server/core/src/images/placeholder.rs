//! What stands for a picture until it has loaded.

use std::{array, f32::consts::PI, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{DynamicImage, imageops};
use model::types::Image;

/// Pixels along the longer side of what is looked at: more is slower and shows no more.
const SIDE: u32 = 64;
/// Along each side at least: waves that are finer than pixels would be told that aren't there.
const LEAST: u32 = 8;
/// Pixels across and down of what pages paint.
const CELLS: usize = 4;
/// The highest frequency that there is, and one.
const FREQUENCIES: usize = 7;
/// Headers of a Windows bitmap: `BITMAPFILEHEADER` and `BITMAPINFOHEADER`.
const HEADERS: usize = 54;

/// A ThumbHash: the lowest frequencies of a picture's lightness, two opponent colours and opacity, and its shape, in
/// about 25 bytes.
///
/// E. Wallace, "ThumbHash: A very compact representation of an image placeholder" (2023),
/// <https://evanw.github.io/thumbhash/>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Placeholder(Vec<u8>);

impl Placeholder {
    /// Of an upright picture of any size.
    pub(super) fn of(picture: &DynamicImage) -> Self {
        let mut small = picture.thumbnail(picture.width().min(SIDE), picture.height().min(SIDE)).into_rgba8();
        let (width, height) = (small.width().max(LEAST), small.height().max(LEAST));
        if (width, height) != small.dimensions() {
            small = imageops::resize(&small, width, height, imageops::FilterType::Nearest);
        }
        Self(thumbhash::rgba_to_thumb_hash(width as usize, height as usize, small.as_raw()))
    }

    /// As it is stored: empty of what can't be looked at.
    pub(super) fn stored(&self) -> &[u8] {
        &self.0
    }

    /// As it was stored.
    pub(super) fn from_stored(bytes: Option<Vec<u8>>) -> Self {
        Self(bytes.unwrap_or_default())
    }

    /// Has the image be told with it, and shown as a picture of [`CELLS`] by [`CELLS`] pixels, which a browser makes
    /// large and thereby soft. What can be seen through would show that for ever, so its colour alone stands for it.
    pub(super) fn mark(&self, image: &mut Image) {
        let bitmap = match self.cells() {
            Some(cells) => bitmap::<CELLS>(cells.as_chunks().0),
            None => bitmap(&[[image.color.0]]),
        };
        image.preview = format!("data:image/bmp;base64,{}", STANDARD.encode(bitmap));
        image.thumbhash = STANDARD.encode(&self.0);
    }

    /// The colours of its parts, row by row.
    fn cells(&self) -> Option<[[u8; 3]; CELLS * CELLS]> {
        let [a, b, c, d, e, rest @ ..] = &self.0[..] else { return None };
        let (first, second) = (u32::from_le_bytes([*a, *b, *c, 0]), u16::from_le_bytes([*d, *e]));
        let part = |shift: u32, bits: u32| ((first >> shift) & ((1 << bits) - 1)) as f32;
        let scale = |shift: u32| f32::from((second >> shift) & 63) / 63.0;
        let (has_alpha, is_landscape) = (first >> 23 != 0, second >> 15 != 0);
        if has_alpha {
            return None;
        }
        let shorter = usize::from(second & 7).max(3);
        let (across, down) = if is_landscape { (FREQUENCIES, shorter) } else { (shorter, FREQUENCIES) };
        let mut factors = rest.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        let mut channel = |across, down, mean, scale| add_waves(&mut factors, (across, down), mean, scale);
        let light = channel(across, down, part(0, 6) / 63.0, part(18, 5) / 31.0)?;
        let yellow = channel(3, 3, part(6, 6) / 31.5 - 1.0, scale(3) * 1.25)?;
        let red = channel(3, 3, part(12, 6) / 31.5 - 1.0, scale(9) * 1.25)?;
        Some(array::from_fn(|cell| {
            let (l, p, q) = (light[cell], yellow[cell], red[cell]);
            let b = l - 2.0 / 3.0 * p;
            let r = (3.0 * l - b + q) / 2.0;
            [r, r - q, b].map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8)
        }))
    }
}

/// One channel of all cells: its mean, and the next of the `factors` as waves of so many frequencies.
fn add_waves(
    factors: &mut impl Iterator<Item = u8>,
    (across, down): (usize, usize),
    mean: f32,
    scale: f32,
) -> Option<[f32; CELLS * CELLS]> {
    let mut cells = [mean; CELLS * CELLS];
    for row in 0..down {
        let columns =
            (usize::from(row == 0)..across).take_while(|column| column * down < across * (down - row));
        for column in columns {
            let strength = (f32::from(factors.next()?) / 7.5 - 1.0) * scale * 2.0;
            let (vertical, horizontal) = (WAVES.get(row)?, WAVES.get(column)?);
            for (place, cell) in cells.iter_mut().enumerate() {
                *cell += strength * horizontal[place % CELLS] * vertical[place / CELLS];
            }
        }
    }
    Some(cells)
}

/// Of each frequency the mean over each of the cells.
static WAVES: LazyLock<[[f32; CELLS]; FREQUENCIES]> = LazyLock::new(|| {
    array::from_fn(|frequency| {
        let turn = PI * frequency as f32 / CELLS as f32;
        let end = |cell: usize| (turn * cell as f32).sin();
        array::from_fn(|cell| if frequency == 0 { 1.0 } else { (end(cell + 1) - end(cell)) / turn })
    })
});

/// A bitmap of some rows, without compression: every browser reads it, and all of it but the pixels is always the same.
fn bitmap<const WIDTH: usize>(rows: &[[[u8; 3]; WIDTH]]) -> Vec<u8> {
    // Each row has a whole number of four bytes.
    let line = (WIDTH * 3).next_multiple_of(4);
    let size = HEADERS + line * rows.len();
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(b"BM");
    for number in [size, 0, HEADERS, 40, WIDTH, rows.len()] {
        out.extend_from_slice(&(number as u32).to_le_bytes());
    }
    // One plane of 24 bits.
    out.extend_from_slice(&[1, 0, 24, 0]);
    out.resize(HEADERS, 0);
    // From the lowest row on.
    for row in rows.iter().rev() {
        out.extend(row.iter().flat_map(|[r, g, b]| [b, g, r]));
        out.resize(out.len() + line - WIDTH * 3, 0);
    }
    out
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, RgbaImage};
    use proptest::prelude::*;

    use super::*;
    use crate::images::likeness::scene;

    /// What the library makes of it, in as many cells.
    fn decoded(placeholder: &Placeholder) -> [[u8; 3]; CELLS * CELLS] {
        let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&placeholder.0).unwrap();
        let shown = RgbaImage::from_raw(width as u32, height as u32, rgba).unwrap();
        let side = CELLS as u32;
        let small = imageops::thumbnail(&DynamicImage::from(shown).into_rgb8(), side, side);
        array::from_fn(|cell| small.get_pixel((cell % CELLS) as u32, (cell / CELLS) as u32).0)
    }

    /// What a browser makes of its address.
    fn painted(image: &Image) -> RgbImage {
        let bytes = image.preview.strip_prefix("data:image/bmp;base64,").unwrap();
        let bytes = STANDARD.decode(bytes).unwrap();
        let [width, height] = [18, 22].map(|at| u32::from(bytes[at]));
        let line = (bytes.len() - HEADERS) / height as usize;
        RgbImage::from_fn(width, height, |x, y| {
            let at = HEADERS + (height - 1 - y) as usize * line + x as usize * 3;
            Rgb([bytes[at + 2], bytes[at + 1], bytes[at]])
        })
    }

    #[track_caller]
    fn is_near(found: &[[u8; 3]; CELLS * CELLS], expected: &[[u8; 3]; CELLS * CELLS], by: u8) {
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!(found.abs_diff(*expected) <= by, "{found} {expected}");
        }
    }

    #[test]
    fn what_is_painted_is_what_the_hash_says() {
        for (seed, width, height) in [(1, 400, 300), (2, 300, 400), (3, 320, 320)] {
            let placeholder = Placeholder::of(&scene(seed, width, height).into());
            assert!((5..40).contains(&placeholder.0.len()), "{}", placeholder.0.len());
            is_near(&placeholder.cells().unwrap(), &decoded(&placeholder), 12);
        }
    }

    /// By the JavaScript of <https://github.com/evanw/thumbhash>.
    #[test]
    fn hashes_are_those_of_the_reference() {
        for (width, height, expected) in
            [(32, 24, "XvgFDYI2ckN0g1ZARyQ2dMZeL6YA"), (24, 32, "X/gBFQAmJ0VUNIUERFCEJvaYilAk")]
        {
            let picture = RgbImage::from_fn(width, height, |x, y| {
                Rgb([x * x * 3 + y * 17, y * y * 5 + x * 29, x * y * 11 + y * 3].map(|value| value as u8))
            });
            assert_eq!(STANDARD.encode(Placeholder::of(&picture.into()).0), expected);
        }
    }

    /// The corners of what the reference shows of the hashes on its page.
    #[test]
    fn hashes_of_others_are_painted_as_the_reference_does() {
        for (hash, corners) in [
            ("1QcSHQRnh493V4dIh4eXh1h4kJUI", [[90, 95, 121], [98, 112, 133], [1, 7, 28], [12, 24, 49]]),
            ("3OcRJYB4d3h/iIeHeEh3eIhw+j2w", [[142, 154, 177], [145, 157, 181], [74, 87, 34], [56, 68, 25]]),
        ] {
            let cells = Placeholder(STANDARD.decode(hash).unwrap()).cells().unwrap();
            for (cell, corner) in [0, 3, 12, 15].into_iter().zip(corners) {
                for (found, expected) in cells[cell].into_iter().zip(corner) {
                    assert!(found.abs_diff(expected) <= 8, "{hash}: {:?} {corner:?}", cells[cell]);
                }
            }
        }
    }

    #[test]
    fn it_shows_what_is_where() {
        let quarters = RgbImage::from_fn(200, 100, |x, y| match (x < 100, y < 50) {
            (true, true) => Rgb([230, 40, 40]),
            (false, true) => Rgb([40, 200, 40]),
            (true, false) => Rgb([40, 40, 220]),
            (false, false) => Rgb([240, 240, 240]),
        });
        let cells = Placeholder::of(&quarters.into()).cells().unwrap();
        let [red, green, blue, white] = [0, 3, 12, 15].map(|corner| cells[corner]);
        assert!(red[0] > red[1] + 60 && red[0] > red[2] + 60, "{red:?}");
        assert!(green[1] > green[0] + 60 && green[1] > green[2] + 60, "{green:?}");
        assert!(blue[2] > blue[0] + 60 && blue[2] > blue[1] + 60, "{blue:?}");
        assert!(white.iter().all(|value| *value > 180), "{white:?}");
    }

    #[test]
    fn a_bitmap_is_its_pixels_from_the_lowest_row_on() {
        let rows: [[[u8; 3]; 4]; 4] =
            array::from_fn(|row| array::from_fn(|column| [(row * 4 + column) as u8, 100, 200]));
        let made = bitmap(&rows);
        assert_eq!(made.len(), 102);
        assert_eq!(made[..6], *b"BM\x66\0\0\0");
        // Where pixels begin, size of the header, width, height, planes, bits.
        let number = |at: usize| u32::from_le_bytes(made[at..at + 4].try_into().unwrap());
        assert_eq!([10, 14, 18, 22].map(number), [54, 40, 4, 4]);
        assert_eq!(made[26..30], [1, 0, 24, 0]);
        assert!(made[30..54].iter().all(|byte| *byte == 0));
        assert_eq!(made[54..60], [200, 100, 12, 200, 100, 13]);
        assert_eq!(made[99..], [200, 100, 3]);
        assert_eq!(bitmap(&[[[1, 2, 3]]])[54..], [3, 2, 1, 0], "rows have whole numbers of four bytes");
    }

    #[test]
    fn what_can_be_seen_through_has_a_hash_and_is_painted_plainly() {
        let mut image = Image::example();
        let glass = RgbaImage::from_fn(40, 40, |x, _| image::Rgba([200, 9, 9, if x < 20 { 255 } else { 0 }]));
        Placeholder::of(&glass.into()).mark(&mut image);
        assert!(!image.thumbhash.is_empty());
        assert_eq!(painted(&image), RgbImage::from_pixel(1, 1, Rgb([1, 2, 3])), "its average");
        Placeholder::of(&RgbImage::from_pixel(40, 40, Rgb([200, 100, 50])).into()).mark(&mut image);
        let seen = painted(&image);
        assert_eq!(seen.dimensions(), (4, 4));
        assert!(seen.pixels().all(|pixel| pixel[0].abs_diff(200) < 9 && pixel[2].abs_diff(50) < 9));
    }

    #[test]
    fn what_could_not_be_looked_at_is_painted_plainly() {
        for stored in [None, Some(Vec::new())] {
            let mut image = Image::example();
            Placeholder::from_stored(stored).mark(&mut image);
            assert_eq!(image.thumbhash, "");
            assert_eq!(painted(&image), RgbImage::from_pixel(1, 1, Rgb([1, 2, 3])));
        }
        let one = Placeholder::of(&scene(1, 40, 40).into());
        assert_eq!(Placeholder::from_stored(Some(one.stored().to_vec())), one);
    }

    proptest! {
        #[test]
        fn any_bytes_are_painted(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut image = Image::example();
            Placeholder(bytes).mark(&mut image);
            prop_assert!([(4, 4), (1, 1)].contains(&painted(&image).dimensions()));
        }

        #[test]
        fn any_size_has_one(width in 1_u32..90, height in 1_u32..90) {
            let placeholder = Placeholder::of(&RgbImage::from_pixel(width, height, Rgb([200, 100, 50])).into());
            for [r, g, b] in placeholder.cells().unwrap() {
                prop_assert!(r.abs_diff(200) < 9 && g.abs_diff(100) < 9 && b.abs_diff(50) < 9, "{} {} {}", r, g, b);
            }
        }
    }
}
