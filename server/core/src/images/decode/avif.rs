//! AVIF: AV1 pictures put together.

use dav1d::dav1d::{Decoder, Error, Picture as Planes, Settings};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::{
    Extent, Picture,
    yuv::{Gray, Rgb},
};
use crate::images::{
    ImageError,
    containers::{Avif, Coded, Facts, Nclx, Sequence},
    wire::broken,
};

pub(super) fn decode(bytes: &[u8], facts: &Facts, extent: Extent) -> Result<Picture, ImageError> {
    let avif = Avif::parse(bytes)?;
    let area = u32::try_from(facts.area()).map_err(|_| broken("too many pixels"))?;
    if extent == Extent::EveryFrame {
        for sequence in avif.sequences(bytes)? {
            play(bytes, &sequence, area)?;
        }
    }
    let source = avif.source(bytes)?;
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

fn refused(error: Error) -> ImageError {
    ImageError::Broken(error.to_string())
}

/// A decoder of pictures of at most `area` pixels.
fn decoder(area: u32) -> Result<Decoder, ImageError> {
    let mut settings = Settings::new();
    // On this thread: the worker pool is what bounds parallel work.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(area);
    Decoder::with_settings(&settings).map_err(refused)
}

/// Decodes every picture of a sequence, to know that it can be played; one at a time is held.
fn play(bytes: &[u8], sequence: &Sequence, area: u32) -> Result<(), ImageError> {
    let mut decoder = decoder(area)?;
    let mut shown = 0;
    for sample in &sequence.samples {
        let sample = bytes.get(sample.clone()).ok_or_else(|| broken("cut off"))?;
        let mut pending = decoder.send_data(sample.to_vec(), None, None, None);
        loop {
            match pending {
                Ok(()) | Err(Error::Again) => {}
                Err(error) => return Err(refused(error)),
            }
            match decoder.get_picture() {
                Ok(planes) if (planes.width(), planes.height()) == (sequence.width, sequence.height) => {
                    shown += 1;
                }
                Ok(_) => return Err(broken("a frame of another size than announced")),
                Err(Error::Again) if pending.is_err() => pending = decoder.send_pending_data(),
                Err(Error::Again) => break,
                Err(error) => return Err(refused(error)),
            }
        }
    }
    if shown != sequence.samples.len() {
        return Err(broken("frames are missing"));
    }
    Ok(())
}

/// The first picture of an AV1 bitstream of at most `area` pixels.
fn av1(bitstream: &[u8], area: u32) -> Result<Planes, ImageError> {
    let mut decoder = decoder(area)?;
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
