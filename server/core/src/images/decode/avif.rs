//! AVIF: AV1 pictures put together.

use dav1d::dav1d::{Decoder, Error, Picture as Planes, Settings};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::{
    Picture,
    yuv::{Gray, Rgb},
};
use crate::images::{
    ImageError,
    containers::{Avif, Coded, Facts, Nclx},
    wire::broken,
};

pub(super) fn decode(bytes: &[u8], facts: &Facts) -> Result<Picture, ImageError> {
    let source = Avif::parse(bytes)?.source(bytes)?;
    let area = u32::try_from(facts.area()).map_err(|_| broken("too many pixels"))?;
    if (source.color.width, source.color.height) != (facts.width, facts.height) {
        return Err(broken("the picture has another size than announced"));
    }
    let rgb = assemble::<Rgb>(&source.color, area)?;
    let Some(alpha) = &source.alpha else {
        let image =
            RgbImage::from_raw(facts.width, facts.height, rgb).ok_or_else(|| broken("pixels are missing"))?;
        return Ok(Picture::new(DynamicImage::ImageRgb8(image), source.icc));
    };
    if (alpha.width, alpha.height) != (facts.width, facts.height) {
        return Err(broken("opacity of another size"));
    }
    let opacity = assemble::<Gray>(alpha, area)?;
    let mut rgba = Vec::with_capacity(rgb.len() / 3 * 4);
    for (color, alpha) in rgb.chunks_exact(3).zip(opacity) {
        let straight = |c: u8| match (source.premultiplied, alpha) {
            (false, _) | (_, 0) => c,
            (true, a) => ((u32::from(c) * 255 + u32::from(a) / 2) / u32::from(a)).min(255) as u8,
        };
        rgba.extend(color.iter().map(|c| straight(*c)));
        rgba.push(alpha);
    }
    let image =
        RgbaImage::from_raw(facts.width, facts.height, rgba).ok_or_else(|| broken("pixels are missing"))?;
    Ok(Picture::new(DynamicImage::ImageRgba8(image), source.icc))
}

/// What planes become.
pub(super) trait Target {
    /// Bytes of a pixel.
    const BYTES: usize;
    /// The pixels of a decoded picture, row by row.
    fn convert(planes: &Planes, nclx: Option<Nclx>) -> Result<Vec<u8>, ImageError>;
}

/// Decodes all tiles and lays them side by side; what reaches beyond the picture is cut.
fn assemble<T: Target>(coded: &Coded, area: u32) -> Result<Vec<u8>, ImageError> {
    let (width, height) = (coded.width as usize, coded.height as usize);
    if let [only] = &coded.tiles[..] {
        let planes = av1(only, area)?;
        if (planes.width(), planes.height()) != (coded.width, coded.height) {
            return Err(broken("the bitstream has another size than announced"));
        }
        return T::convert(&planes, coded.nclx);
    }
    let mut out = vec![0; width * height * T::BYTES];
    let mut first = None;
    for (index, tile) in coded.tiles.iter().enumerate() {
        let planes = av1(tile, area)?;
        let size = (planes.width() as usize, planes.height() as usize);
        if size != *first.get_or_insert(size) {
            return Err(broken("tiles of different sizes"));
        }
        let (left, top) = ((index % coded.columns) * size.0, (index / coded.columns) * size.1);
        let pixels = T::convert(&planes, coded.nclx)?;
        let across = size.0.min(width.saturating_sub(left)) * T::BYTES;
        for (y, row) in pixels.chunks_exact(size.0 * T::BYTES).enumerate().take(height.saturating_sub(top)) {
            let start = ((top + y) * width + left) * T::BYTES;
            if let Some(place) = out.get_mut(start..start + across) {
                place.copy_from_slice(&row[..across]);
            }
        }
    }
    let (tile_width, tile_height) = first.ok_or_else(|| broken("no tiles"))?;
    let rows = coded.tiles.len() / coded.columns.max(1);
    if tile_width * coded.columns < width || tile_height * rows < height {
        return Err(broken("tiles don't cover the picture"));
    }
    Ok(out)
}

/// The first picture of an AV1 bitstream of at most `area` pixels.
fn av1(bitstream: &[u8], area: u32) -> Result<Planes, ImageError> {
    let refused = |error: Error| ImageError::Broken(error.to_string());
    let mut settings = Settings::new();
    // On this thread: the worker pool is what bounds parallel work.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(area);
    let mut decoder = Decoder::with_settings(&settings).map_err(refused)?;
    let mut pending = decoder.send_data(bitstream.to_vec(), None, None, None);
    loop {
        match pending {
            Ok(()) | Err(Error::Again) => {}
            Err(error) => return Err(refused(error)),
        }
        match decoder.get_picture() {
            Ok(planes) => return Ok(planes),
            Err(Error::Again) if pending.is_err() => pending = decoder.send_pending_data(),
            Err(error) => return Err(refused(error)),
        }
    }
}
