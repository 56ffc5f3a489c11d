//! A puzzle piece and its hole.

use std::f32::consts::TAU;

use model::types::Picture;
use rand::{Rng, RngCore};
use serde::{Deserialize, Serialize};

use super::canvas::{self, Color, Wave, hsl, mix};
use crate::images::ImageError;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 160;
/// The square that holds a piece with its knobs.
const PIECE: u32 = 56;
/// The piece begins at the left edge, and its hole is never there already.
const NEAREST: u32 = 72;
const FARTHEST: u32 = WIDTH - PIECE - 8;
/// Pixels by which the piece may be off, on either side: 9 of 185 places are right, 1 in 20.
const TOLERANCE: u32 = 4;
const CLEAR: Color = [0.0; 4];
const WHITE: Color = [1.0; 4];
const DARK: Color = [0.05, 0.06, 0.09, 1.0];

/// Where the hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// From the left edge, which is the secret.
    pub(super) left: u32,
    /// From the upper edge, which is told.
    pub(super) top: u32,
}

impl Place {
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        Self { left: rng.random_range(NEAREST..=FARTHEST), top: rng.random_range(8..=HEIGHT - PIECE - 8) }
    }

    /// Whether a piece at `offset` fills the hole.
    pub(super) fn fits(self, offset: u32) -> bool {
        self.left.abs_diff(offset) <= TOLERANCE
    }
}

/// The picture with the hole, and the piece.
pub(super) fn pictures(place: Place, rng: &mut impl Rng) -> Result<(Picture, Picture), ImageError> {
    let (scene, shape, other_shape) = (Scene::draw(rng), Shape::draw(rng), Shape::draw(rng));
    // A hole that no piece is for, in another row: who looks sees that it doesn't match, who searches
    // for the darkest columns finds two.
    let other = Place {
        left: (place.left + rng.random_range(70..150)) % FARTHEST,
        top: (place.top + rng.random_range(30..70)) % (HEIGHT - PIECE),
    };
    let picture = canvas::draw(WIDTH, HEIGHT, |x, y| {
        let at = |place: Place| (x - place.left as f32, y - place.top as f32);
        let (hole, other_hole) = (shape.covers(at(place)), other_shape.covers(at(other)));
        let color = mix(scene.color(x, y), DARK, (hole * 0.62).max(other_hole * 0.4));
        mix(color, WHITE, shape.rim(at(place)) * 0.35)
    })?;
    let piece = canvas::draw(PIECE, PIECE, |x, y| {
        let color = scene.color(x + place.left as f32, y + place.top as f32);
        let color = mix(color, WHITE, shape.rim((x, y)) * 0.8);
        let [r, g, b, _] = color;
        [r, g, b, shape.covers((x, y))]
    })?;
    Ok((picture, piece))
}

/// A landscape: sky, sun, ridges in haze.
struct Scene {
    sky: (Color, Color),
    sun: (f32, f32, f32),
    ridges: [Ridge; 5],
}

struct Ridge {
    base: f32,
    waves: [Wave; 3],
    grain: Wave,
    color: Color,
}

impl Scene {
    fn draw(rng: &mut impl Rng) -> Self {
        let hue = rng.random_range(0.0..1.0);
        let land = hue + rng.random_range(0.2..0.8);
        let high = hsl(hue, 0.5, rng.random_range(0.45..0.7));
        let low = hsl(hue + rng.random_range(-0.15..0.15), 0.7, rng.random_range(0.75..0.88));
        let sun = (rng.random_range(30.0..290.0), rng.random_range(20.0..60.0), rng.random_range(9.0..18.0));
        let ridges = std::array::from_fn(|n| {
            let near = n as f32 / 4.0;
            Ridge {
                base: 48.0 + near * 88.0 + rng.random_range(-8.0..8.0),
                waves: [
                    Wave::around(13.0, 150.0, rng),
                    Wave::around(6.0, 47.0, rng),
                    Wave::around(2.0, 13.0, rng),
                ],
                grain: Wave::around(0.06, 9.0, rng),
                color: hsl(land + rng.random_range(-0.06..0.06), 0.4, 0.62 - near * 0.34),
            }
        });
        Self { sky: (high, low), sun, ridges }
    }

    fn color(&self, x: f32, y: f32) -> Color {
        // From near to far, until one hides the rest.
        let (mut color, mut left) = (CLEAR, 1.0);
        for ridge in self.ridges.iter().rev() {
            let below = y - ridge.base - ridge.waves.iter().map(|wave| wave.at(x)).sum::<f32>();
            let covered = (below + 0.5).clamp(0.0, 1.0);
            if covered > 0.0 {
                let grain = ridge.grain.at(below + ridge.grain.at(x) * 40.0) + below * 0.004;
                let lit = mix(ridge.color, if grain > 0.0 { WHITE } else { DARK }, grain.abs().min(0.3));
                color = add(color, lit, left * covered);
                left *= 1.0 - covered;
            }
            if left == 0.0 {
                return color;
            }
        }
        add(color, self.sky(x, y), left)
    }

    fn sky(&self, x: f32, y: f32) -> Color {
        let (sun_x, sun_y, radius) = self.sun;
        let far = (x - sun_x).hypot(y - sun_y);
        let sky = mix(self.sky.0, self.sky.1, (y / 100.0).min(1.0));
        mix(sky, WHITE, (radius - far + 0.5).clamp(0.0, 0.85).max(0.35 * (-far / 50.0).exp()))
    }
}

fn add(color: Color, more: Color, share: f32) -> Color {
    let [r, g, b, opacity] = color;
    let [more_r, more_g, more_b, more_opacity] = more;
    [r + more_r * share, g + more_g * share, b + more_b * share, opacity + more_opacity * share]
}

/// A square whose sides have a knob or a notch each, around the middle of [`PIECE`].
struct Shape {
    /// Right, lower, left, upper: 1 for a knob, −1 for a notch.
    sides: [f32; 4],
}

impl Shape {
    const HALF: f32 = 18.0;
    const KNOB: f32 = 7.0;

    fn draw(rng: &mut impl RngCore) -> Self {
        Self { sides: std::array::from_fn(|_| if rng.random() { 1.0 } else { -1.0 }) }
    }

    /// How deep a place within the piece's square is inside the shape: negative outside.
    fn depth(&self, (x, y): (f32, f32)) -> f32 {
        let (x, y) = (x - PIECE as f32 / 2.0, y - PIECE as f32 / 2.0);
        if x.abs().max(y.abs()) > PIECE as f32 / 2.0 {
            return f32::MIN;
        }
        let square = Self::HALF - x.abs().max(y.abs());
        self.sides.iter().enumerate().fold(square, |depth, (side, way)| {
            let (sin, cos) = (side as f32 * TAU / 4.0).sin_cos();
            let out = Self::HALF + way * 3.0;
            let knob = Self::KNOB - (x - cos * out).hypot(y - sin * out);
            if *way > 0.0 { depth.max(knob) } else { depth.min(-knob) }
        })
    }

    /// From 0 outside to 1 inside, over a pixel.
    fn covers(&self, place: (f32, f32)) -> f32 {
        (self.depth(place) + 0.5).clamp(0.0, 1.0)
    }

    /// 1 along the edge.
    fn rim(&self, place: (f32, f32)) -> f32 {
        (1.2 - self.depth(place).abs()).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use image::GenericImageView as _;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn one_place_in_twenty_fits_and_none_at_the_start() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..500 {
            let place = Place::draw(&mut rng);
            let fitting = (0..=WIDTH - PIECE).filter(|offset| place.fits(*offset)).count();
            assert_eq!(fitting, 9, "{place:?}");
            assert!(!place.fits(0) && place.top + PIECE <= HEIGHT);
        }
        let place = Place { left: 100, top: 10 };
        assert_eq!([95, 96, 104, 105].map(|offset| place.fits(offset)), [false, true, true, false]);
    }

    #[test]
    fn the_piece_shows_what_the_hole_lacks() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let place = Place::draw(&mut rng);
        let (picture, piece) = pictures(place, &mut rng).unwrap();
        assert_eq!((picture.width, picture.height, piece.width, piece.height), (320, 160, 56, 56));
        let (picture, piece) = (decoded(&picture), decoded(&piece));
        let light = |pixel: image::Rgba<u8>| pixel.0[..3].iter().map(|part| u32::from(*part)).sum::<u32>();
        // The middle is inside whatever knobs there are, the corners are outside.
        let hole = picture.get_pixel(place.left * 2 + 56, place.top * 2 + 56);
        let middle = piece.get_pixel(56, 56);
        assert_eq!((middle.0[3], piece.get_pixel(1, 1).0[3]), (255, 0));
        assert!(light(hole) < light(middle), "{hole:?} {middle:?}");
    }

    fn decoded(picture: &Picture) -> image::DynamicImage {
        use base64::Engine as _;
        let text = picture.url.strip_prefix("data:image/webp;base64,").unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        image::load_from_memory(&bytes).unwrap()
    }

    #[test]
    fn a_shape_has_its_knobs_and_notches() {
        let shape = Shape { sides: [1.0, -1.0, 1.0, -1.0] };
        let middle = PIECE as f32 / 2.0;
        let inside = |x: f32, y: f32| shape.covers((middle + x, middle + y)) > 0.5;
        assert!(inside(0.0, 0.0) && inside(25.0, 0.0) && inside(-25.0, 0.0), "knobs right and left");
        assert!(!inside(0.0, 15.0) && !inside(0.0, -15.0), "notches below and above");
        assert!(inside(17.0, 17.0) && !inside(19.0, 19.0), "corners");
    }
}
