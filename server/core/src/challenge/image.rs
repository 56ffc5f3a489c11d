//! Distorted text.

use ab_glyph::{Font as _, FontRef, PxScale};
use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};
use model::types::Picture;
use rand::{Rng, seq::IndexedRandom as _};

use super::canvas::{self, Wave, hsl, mix};
use crate::images::ImageError;

/// Capitals and digits that are like no others when they are bent. Nineteen: five of them are 21 bits,
/// six 25.
const ALPHABET: &[u8; 19] = b"ACEFHJKMNPRTWXY3479";
const WIDTH: u32 = 240;
const HEIGHT: u32 = 80;
/// Pixels a letter is drawn with before it is bent.
const DRAWN: f32 = 192.0;
/// By how much strokes are widened to each side: one of the typefaces is light.
const BOLD: f32 = 0.7;
/// Curves of ink through the text.
const CURVES: usize = 2;

/// Five or six letters.
pub(super) fn text(rng: &mut impl Rng) -> String {
    let count = rng.random_range(5..=6);
    (0..count).filter_map(|_| ALPHABET.choose(rng).copied().map(char::from)).collect()
}

/// Whether `typed` is the text, but for case and white space. Full-width letters, which Chinese input
/// methods type, count as the plain ones.
pub(super) fn reads(text: &str, typed: &str) -> bool {
    let plain = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let typed = typed.chars().filter(|c| !c.is_whitespace()).map(|c| plain(c).to_ascii_uppercase());
    typed.eq(text.chars())
}

/// The picture of a text: each letter in one of two typefaces, turned and leaning, all of them bent by
/// waves, under curves of the same ink and in front of an uneven ground.
pub(super) fn picture(text: &str, rng: &mut impl Rng) -> Result<Picture, ImageError> {
    let letters = letters(text, rng)?;
    let (across, down) = (Wave::around(2.5, 60.0, rng), Wave::around(4.0, 110.0, rng));
    let curves: [_; CURVES] = std::array::from_fn(|_| {
        (
            rng.random_range(0.3..0.7) * HEIGHT as f32,
            Wave::around(16.0, 150.0, rng),
            rng.random_range(0.6..1.1),
        )
    });
    let spots = [Wave::around(0.5, 37.0, rng), Wave::around(0.5, 23.0, rng)];
    let hue = rng.random_range(0.0..1.0);
    let turned = hue + rng.random_range(0.3..0.7);
    let (light, shade) = (hsl(hue, 0.5, 0.93), hsl(turned, 0.45, 0.82));
    let (ink, other_ink) = (hsl(turned, 0.6, 0.26), hsl(hue, 0.6, 0.3));
    canvas::draw(WIDTH, HEIGHT, |x, y| {
        let uneven = spots.iter().zip([x + y, x - y]).map(|(wave, place)| wave.at(place)).sum::<f32>();
        let grain = rng.random_range(-0.12..0.12);
        let ground = mix(light, shade, (0.5 + uneven / 2.0 + grain).clamp(0.0, 1.0));
        let (bent_x, bent_y) = (x + across.at(y), y + down.at(x));
        let written = letters.iter().map(|letter| letter.ink(bent_x, bent_y)).fold(0.0, f32::max);
        let drawn = curves.iter().map(|(middle, wave, breadth)| {
            (breadth + 0.5 - (bent_y - middle - wave.at(bent_x)).abs()).clamp(0.0, 1.0)
        });
        let covered = drawn.fold(written, f32::max) * (0.92 + grain / 2.0);
        mix(ground, mix(ink, other_ink, x / WIDTH as f32), covered.clamp(0.0, 1.0))
    })
}

/// A letter in its place.
struct Letter {
    mask: Vec<f32>,
    columns: usize,
    rows: usize,
    middle: (f32, f32),
    /// From the page's pixels around the middle to the mask's: a matrix by rows.
    turn: [f32; 4],
}

impl Letter {
    /// How much of the place is ink, from 0 to 1.
    fn ink(&self, x: f32, y: f32) -> f32 {
        let around = [(0.0, 0.0), (BOLD, 0.0), (-BOLD, 0.0), (0.0, BOLD), (0.0, -BOLD)];
        around.map(|(right, down)| self.covered(x + right, y + down)).into_iter().fold(0.0, f32::max)
    }

    fn covered(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - self.middle.0, y - self.middle.1);
        let [a, b, c, d] = self.turn;
        let column = (a * x + b * y).round() + (self.columns / 2) as f32;
        let row = (c * x + d * y).round() + (self.rows / 2) as f32;
        if column < 0.0 || row < 0.0 || column >= self.columns as f32 || row >= self.rows as f32 {
            return 0.0;
        }
        self.mask.get(row as usize * self.columns + column as usize).copied().unwrap_or_default()
    }
}

fn letters(text: &str, rng: &mut impl Rng) -> Result<Vec<Letter>, ImageError> {
    let font = |bytes| FontRef::try_from_slice(bytes).map_err(|error| ImageError::Encode(error.to_string()));
    let fonts = [font(HACK_REGULAR)?, font(UBUNTU_LIGHT)?];
    let step = WIDTH as f32 * 0.86 / text.len() as f32;
    let letters = text.chars().enumerate().map(|(place, letter)| {
        let font = fonts.choose(rng)?;
        let glyph = font.glyph_id(letter).with_scale(PxScale::from(DRAWN));
        let outline = font.outline_glyph(glyph)?;
        let bounds = outline.px_bounds();
        let (columns, rows) = (bounds.width().ceil() as usize, bounds.height().ceil() as usize);
        let mut mask = vec![0.0; columns * rows];
        outline.draw(|x, y, covered| {
            if let Some(place) = mask.get_mut(y as usize * columns + x as usize) {
                *place = covered;
            }
        });
        // No wider than its place either, or an M covers its neighbours.
        let enlarged = (rows as f32 / rng.random_range(36.0..46.0)).max(columns as f32 / step);
        let (sin, cos) = rng.random_range(-0.3_f32..0.3).sin_cos();
        let lean = rng.random_range(-0.25..0.25);
        let turn = [cos + lean * sin, sin - lean * cos, -sin, cos].map(|part| part * enlarged);
        let middle = (
            WIDTH as f32 * 0.07 + step * (place as f32 + 0.5) + rng.random_range(-2.5..2.5),
            HEIGHT as f32 / 2.0 + rng.random_range(-6.0..6.0),
        );
        Some(Letter { mask, columns, rows, middle, turn })
    });
    letters.collect::<Option<_>>().ok_or_else(|| ImageError::Encode("a letter that no font has".into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn texts_are_of_the_alphabet_and_every_letter_comes() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let texts: Vec<String> = (0..200).map(|_| text(&mut rng)).collect();
        assert!(texts.iter().all(|text| (5..=6).contains(&text.len())));
        let used: BTreeSet<u8> = texts.iter().flat_map(|text| text.bytes()).collect();
        assert_eq!(used, ALPHABET.iter().copied().collect());
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "no text twice");
    }

    #[test]
    fn case_spaces_and_width_are_forgiven_and_nothing_else() {
        for typed in ["ACE34", "ace34", " ac e3 4 ", "ＡＣｅ３４"] {
            assert!(reads("ACE34", typed), "{typed}");
        }
        for typed in ["", "ACE3", "ACE344", "ACE43", "ACE3A", "ÀCE34"] {
            assert!(!reads("ACE34", typed), "{typed}");
        }
    }

    #[test]
    fn every_letter_leaves_ink_within_the_picture() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for letter in ALPHABET {
            let text = char::from(*letter).to_string().repeat(6);
            for letter in letters(&text, &mut rng).unwrap() {
                let spots = (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x as f32, y as f32)));
                let ink: f32 = spots.map(|(x, y)| letter.ink(x, y)).sum();
                assert!(ink > 60.0, "{text}: {ink} pixels");
            }
        }
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let [a, b] = [(); 2].map(|()| picture("ACE34", &mut rng).unwrap());
        assert_eq!((a.width, a.height), (240, 80));
        assert!(a.url.starts_with("data:image/webp;base64,"));
        assert_ne!(a.url, b.url);
    }

    proptest! {
        #[test]
        fn no_text_panics(typed in "\\PC{0,20}") {
            prop_assert!(!reads("ACE34", &(typed + "?")));
        }
    }
}
