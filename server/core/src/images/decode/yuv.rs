//! From the planes of a video codec to RGB (ITU-T H.273).

use dav1d::dav1d::{
    Picture as Planes, PixelLayout, PlanarImageComponent as Component, Plane,
    pixel::{MatrixCoefficients as Matrix, YUVRange},
};

use super::avif::Target;
use crate::images::{ImageError, containers::Nclx, wire::broken};

/// Colours.
pub(super) struct Rgb;
/// The first plane alone.
pub(super) struct Gray;

/// A plane that answers samples at any depth.
struct Samples {
    plane: Plane,
    stride: usize,
    wide: bool,
}

impl Samples {
    fn new(planes: &Planes, component: Component) -> Self {
        Self {
            plane: planes.plane(component),
            stride: planes.stride(component) as usize,
            wide: planes.bit_depth() > 8,
        }
    }

    fn row(&self, y: usize) -> Result<&[u8], ImageError> {
        self.plane.get(y * self.stride..(y + 1) * self.stride).ok_or_else(|| broken("planes are too short"))
    }

    fn at(&self, row: &[u8], x: usize) -> i32 {
        if self.wide {
            row.get(2 * x..2 * x + 2).map_or(0, |pair| i32::from(u16::from_ne_bytes([pair[0], pair[1]])))
        } else {
            row.get(x).copied().map_or(0, i32::from)
        }
    }
}

/// Where black is and how far white is from it, for luma and for chroma, in samples of `depth`.
struct Range {
    black: f32,
    luma: f32,
    middle: f32,
    chroma: f32,
}

impl Range {
    fn new(depth: usize, full: bool) -> Self {
        let unit = (1_i32 << depth.saturating_sub(8)) as f32;
        let most = ((1_i32 << depth) - 1) as f32;
        let middle = 128.0 * unit;
        if full {
            Self { black: 0.0, luma: most, middle, chroma: most }
        } else {
            Self { black: 16.0 * unit, luma: 219.0 * unit, middle, chroma: 224.0 * unit }
        }
    }
}

fn byte(value: f32) -> u8 {
    (value * 255.0 + 0.5) as u8
}

fn is_full_range(planes: &Planes, nclx: Option<Nclx>) -> bool {
    nclx.map_or_else(|| planes.color_range() == YUVRange::Full, |nclx| nclx.full_range)
}

/// How three planes become colours.
enum Mix {
    /// Planes are green, blue, red.
    Identity,
    /// Luma, orange against green.
    YCgCo,
    /// Shares of red and blue in luma.
    Luma { red: f32, blue: f32 },
}

fn mix(planes: &Planes, nclx: Option<Nclx>) -> Mix {
    let number = nclx.map_or_else(|| planes.matrix_coefficients() as u16, |nclx| nclx.matrix);
    match number {
        n if n == Matrix::Identity as u16 && planes.pixel_layout() == PixelLayout::I444 => Mix::Identity,
        n if n == Matrix::YCgCo as u16 => Mix::YCgCo,
        1 => Mix::Luma { red: 0.2126, blue: 0.0722 },
        4 => Mix::Luma { red: 0.30, blue: 0.11 },
        7 => Mix::Luma { red: 0.212, blue: 0.087 },
        9 | 10 => Mix::Luma { red: 0.2627, blue: 0.0593 },
        // 2 is "unspecified", which MIAF says to read as 5 or 6: BT.601.
        _ => Mix::Luma { red: 0.299, blue: 0.114 },
    }
}

impl Mix {
    /// Red, green and blue from luma 0 to 1 and chroma -0.5 to 0.5.
    fn colors(&self, y: f32, cb: f32, cr: f32) -> [f32; 3] {
        match self {
            Self::Identity => [cr, y, cb],
            Self::YCgCo => [y - cb + cr, y + cb, y - cb - cr],
            Self::Luma { red, blue } => {
                let r = y + 2.0 * (1.0 - red) * cr;
                let b = y + 2.0 * (1.0 - blue) * cb;
                [r, (y - red * r - blue * b) / (1.0 - red - blue), b]
            }
        }
    }
}

impl Target for Gray {
    const BYTES: usize = 1;

    fn convert(planes: &Planes, nclx: Option<Nclx>) -> Result<Vec<u8>, ImageError> {
        let (width, height) = (planes.width() as usize, planes.height() as usize);
        let luma = Samples::new(planes, Component::Y);
        let range = Range::new(planes.bit_depth(), is_full_range(planes, nclx));
        let table = table(planes.bit_depth(), |sample| (sample - range.black) / range.luma);
        let mut out = Vec::with_capacity(width * height);
        for y in 0..height {
            let row = luma.row(y)?;
            out.extend((0..width).map(|x| byte(look(&table, luma.at(row, x)))));
        }
        Ok(out)
    }
}

impl Target for Rgb {
    const BYTES: usize = 3;

    fn convert(planes: &Planes, nclx: Option<Nclx>) -> Result<Vec<u8>, ImageError> {
        let (dx, dy) = match planes.pixel_layout() {
            PixelLayout::I400 => {
                let gray = Gray::convert(planes, nclx)?;
                return Ok(gray.into_iter().flat_map(|value| [value; 3]).collect());
            }
            PixelLayout::I420 => (1, 1),
            PixelLayout::I422 => (1, 0),
            PixelLayout::I444 => (0, 0),
        };
        let (width, height) = (planes.width() as usize, planes.height() as usize);
        let [luma, blue, red] = [Component::Y, Component::U, Component::V].map(|c| Samples::new(planes, c));
        let depth = planes.bit_depth();
        let range = Range::new(depth, is_full_range(planes, nclx));
        let mix = mix(planes, nclx);
        let lumas = table(depth, |sample| (sample - range.black) / range.luma);
        let chromas = match mix {
            Mix::Identity => table(depth, |sample| (sample - range.black) / range.luma),
            _ => table(depth, |sample| (sample - range.middle) / range.chroma),
        };
        let mut out = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            let rows = (luma.row(y)?, blue.row(y >> dy)?, red.row(y >> dy)?);
            for x in 0..width {
                let cb = look(&chromas, blue.at(rows.1, x >> dx));
                let cr = look(&chromas, red.at(rows.2, x >> dx));
                out.extend(mix.colors(look(&lumas, luma.at(rows.0, x)), cb, cr).map(byte));
            }
        }
        Ok(out)
    }
}

/// What each sample value means, worked out once.
fn table(depth: usize, meaning: impl Fn(f32) -> f32) -> Vec<f32> {
    (0..1_i32 << depth.clamp(8, 12)).map(|sample| meaning(sample as f32)).collect()
}

fn look(table: &[f32], sample: i32) -> f32 {
    usize::try_from(sample).ok().and_then(|sample| table.get(sample)).copied().unwrap_or(1.0)
}
