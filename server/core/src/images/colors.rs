//! Which colours fill a good part of a picture.

use std::array;

use image::{DynamicImage, Rgba};
use model::types::ColorName;

/// Pixels across and down that are looked at, at most.
const SIDE: u32 = 64;
/// Share of what can be seen that a colour fills to be one of the picture's.
const SHARE: f32 = 0.15;

/// Names of colours that a picture has: a bit for each, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Colors(i16);

impl Colors {
    /// Of a picture of any size. One that has anything to see has at least one colour, its most frequent.
    pub(super) fn of(picture: &DynamicImage) -> Self {
        let small = picture.thumbnail(picture.width().min(SIDE), picture.height().min(SIDE)).into_rgba8();
        let mut shares = [0.0_f32; ColorName::ALL.len()];
        for Rgba([r, g, b, alpha]) in small.pixels() {
            shares[name([*r, *g, *b]) as usize] += f32::from(*alpha) / 255.0;
        }
        let all: f32 = shares.iter().sum();
        let most = shares.iter().copied().fold(0.0, f32::max);
        let is_in = |share: f32| share > 0.0 && (share >= most || share >= all * SHARE);
        Self((0..).zip(shares).filter(|(_, share)| is_in(*share)).fold(0, |bits, (at, _)| bits | 1 << at))
    }

    /// Only this one.
    pub(super) const fn one(name: ColorName) -> Self {
        Self(1 << name as i16)
    }

    /// As they are stored.
    pub(super) const fn stored(self) -> i16 {
        self.0
    }

    /// As they were stored.
    pub(super) const fn from_stored(bits: i16) -> Self {
        Self(bits)
    }

    /// Their names.
    pub(super) fn names(self) -> Vec<ColorName> {
        ColorName::ALL.iter().copied().filter(|name| self.0 & Self::one(*name).0 != 0).collect()
    }
}

/// What people would call a colour, by its lightness, strength and hue in Oklab.
fn name(rgb: [u8; 3]) -> ColorName {
    let [lightness, a, b] = oklab(rgb);
    let strength = a.hypot(b);
    if lightness < 0.18 || (lightness < 0.3 && strength < 0.04) {
        return ColorName::Black;
    }
    if lightness >= 0.9 && strength < 0.065 {
        return ColorName::White;
    }
    if strength < 0.035 {
        return ColorName::Grey;
    }
    match b.atan2(a).to_degrees().rem_euclid(360.0) {
        hue if hue < 12.0 && lightness < 0.55 => ColorName::Red,
        hue if hue < 12.0 => ColorName::Pink,
        hue if hue < 40.0 && lightness > 0.72 => ColorName::Pink,
        hue if hue < 40.0 && strength > 0.1 => ColorName::Red,
        hue if hue < 95.0 && (lightness < 0.58 || (strength < 0.08 && lightness < 0.88)) => ColorName::Brown,
        hue if hue < 40.0 => ColorName::Red,
        hue if hue < 80.0 => ColorName::Orange,
        hue if hue < 102.0 || (hue < 117.0 && lightness >= 0.67) => ColorName::Yellow,
        hue if hue < 165.0 => ColorName::Green,
        hue if hue < 212.0 => ColorName::Teal,
        hue if hue < 285.0 => ColorName::Blue,
        hue if hue < 335.0 => ColorName::Purple,
        _ => ColorName::Pink,
    }
}

/// Lightness (0 to 1) and two opponent colours of an sRGB colour.
///
/// B. Ottosson, "A perceptual color space for image processing" (2020).
fn oklab(rgb: [u8; 3]) -> [f32; 3] {
    // IEC 61966-2-1.
    let [r, g, b] = rgb.map(|value| {
        let value = f32::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let cones = [
        [0.412_221_46, 0.536_332_55, 0.051_445_995],
        [0.211_903_5, 0.680_699_5, 0.107_396_96],
        [0.088_302_46, 0.281_718_85, 0.629_978_7],
    ]
    .map(|[x, y, z]: [f32; 3]| (x * r + y * g + z * b).cbrt());
    let mixed = [
        [0.210_454_26, 0.793_617_8, -0.004_072_047],
        [1.977_998_5, -2.428_592_2, 0.450_593_7],
        [0.025_904_037, 0.782_771_77, -0.808_675_77],
    ];
    array::from_fn(|row| mixed[row].iter().zip(cones).map(|(part, cone): (&f32, f32)| part * cone).sum())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, RgbaImage};

    use super::*;

    /// A picture in stripes of these colours, each as wide as it says.
    fn stripes(parts: &[(u32, [u8; 3])]) -> DynamicImage {
        let all: Vec<[u8; 3]> =
            parts.iter().flat_map(|(width, color)| std::iter::repeat_n(*color, *width as usize)).collect();
        RgbImage::from_fn(all.len() as u32, 50, |x, _| Rgb(all[x as usize])).into()
    }

    #[test]
    fn colors_are_called_as_people_call_them() {
        use ColorName::*;
        for (rgb, expected) in [
            // CSS Color 4, named colours, and what is on photos: grass, moss, leaves, fair skin, sand, wine.
            ([110, 115, 50], Green),
            ([95, 95, 45], Green),
            ([140, 150, 40], Green),
            ([255, 224, 205], White),
            ([237, 225, 200], White),
            ([115, 20, 50], Red),
            ([255, 0, 0], Red),
            ([220, 20, 60], Red),
            ([178, 34, 34], Red),
            ([255, 165, 0], Orange),
            ([255, 140, 0], Orange),
            ([255, 255, 0], Yellow),
            ([255, 215, 0], Yellow),
            ([0, 128, 0], Green),
            ([0, 255, 0], Green),
            ([107, 142, 35], Green),
            ([0, 128, 128], Teal),
            ([64, 224, 208], Teal),
            ([0, 0, 255], Blue),
            ([135, 206, 235], Blue),
            ([0, 0, 128], Blue),
            ([128, 0, 128], Purple),
            ([138, 43, 226], Purple),
            ([255, 192, 203], Pink),
            ([255, 105, 180], Pink),
            ([255, 20, 147], Pink),
            ([139, 69, 19], Brown),
            ([160, 82, 45], Brown),
            ([210, 180, 140], Brown),
            ([0, 0, 0], Black),
            ([20, 20, 22], Black),
            ([128, 128, 128], Grey),
            ([192, 192, 192], Grey),
            ([255, 255, 255], White),
            ([245, 245, 245], White),
        ] {
            assert_eq!(name(rgb), expected, "{rgb:?} {:?}", oklab(rgb));
        }
    }

    #[test]
    fn oklab_is_as_published() {
        for (rgb, expected) in [
            ([255, 255, 255], [1.0, 0.0, 0.0]),
            ([255, 0, 0], [0.627_96, 0.224_86, 0.125_85]),
            ([0, 0, 255], [0.452_01, -0.032_46, -0.311_53]),
        ] {
            for (found, expected) in oklab(rgb).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-3, "{rgb:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn what_fills_little_of_a_picture_is_none_of_its_colors() {
        let [blue, red, white] = [[0, 0, 255], [255, 0, 0], [255, 255, 255]];
        let names = |parts: &[(u32, [u8; 3])]| Colors::of(&stripes(parts)).names();
        assert_eq!(names(&[(60, blue), (30, red), (10, white)]), [ColorName::Red, ColorName::Blue]);
        assert_eq!(names(&[(80, blue), (10, red), (10, white)]), [ColorName::Blue]);
        // Of a motley one the most frequent colour. It is small enough not to be scaled, which mixes colours.
        let motley = [
            (8, [255, 255, 0]),
            (7, red),
            (7, [0, 128, 0]),
            (7, blue),
            (7, white),
            (7, [0, 0, 0]),
            (7, [128, 0, 128]),
            (7, [128, 128, 128]),
            (7, [0, 128, 128]),
        ];
        assert_eq!(names(&motley), [ColorName::Yellow]);
    }

    #[test]
    fn what_cannot_be_seen_has_no_color() {
        let half =
            RgbaImage::from_fn(40, 40, |x, _| Rgba(if x < 30 { [255, 0, 0, 0] } else { [0, 0, 255, 255] }));
        assert_eq!(Colors::of(&half.into()).names(), [ColorName::Blue]);
        assert_eq!(Colors::of(&RgbaImage::new(9, 9).into()), Colors::default());
    }

    #[test]
    fn they_come_back_as_they_were_stored() {
        let bits: Vec<i16> =
            [ColorName::Red, ColorName::Teal, ColorName::White].map(|n| Colors::one(n).stored()).into();
        assert_eq!(bits, [1, 16, 2048]);
        for name in ColorName::ALL {
            let one = Colors::one(*name);
            assert_eq!(Colors::from_stored(one.stored()).names(), [*name]);
        }
        let every = ColorName::ALL.iter().fold(0, |bits, name| bits | Colors::one(*name).stored());
        assert_eq!(Colors::from_stored(every).names(), ColorName::ALL);
    }
}
