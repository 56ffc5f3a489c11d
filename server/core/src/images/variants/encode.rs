//! Encoding small pictures for the web.

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder as _, RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use model::types::VariantFormat;
use ravif::{BitDepth, Img, RGB8, RGBA8};
use webp::WebPConfig;

use crate::images::{
    ImageError,
    containers::{avif_with_icc, webp_with_icc},
};

/// What pictures that are no variants are made with.
const QUALITY: u8 = 80;
/// The same of what takes an original's place.
const BEST: u8 = 95;
/// How little thought AVIF takes, up to 10: a step less takes twice as long for five bytes of a hundred, a step more
/// adds twelve.
const AVIF_SPEED: u8 = 9;
/// Bytes that making AVIF holds for each pixel, about.
const AVIF_MEMORY: u64 = 48;

fn failed(error: impl std::fmt::Display) -> ImageError {
    ImageError::Encode(error.to_string())
}

/// `pixels` in `format`, with the colour profile they are meant in and nothing else.
pub(crate) fn encode(
    pixels: &DynamicImage,
    icc: Option<&[u8]>,
    format: VariantFormat,
) -> Result<Vec<u8>, ImageError> {
    encode_at(pixels, icc, format, QUALITY)
}

/// The same at some quality, up to 100; what loses nothing has only one.
pub(super) fn encode_at(
    pixels: &DynamicImage,
    icc: Option<&[u8]>,
    format: VariantFormat,
    quality: u8,
) -> Result<Vec<u8>, ImageError> {
    match format {
        VariantFormat::Avif => avif(pixels, icc, quality),
        VariantFormat::WebP => webp(pixels, icc, &config(quality)?),
        VariantFormat::Jpeg => jpeg(&on_white(pixels), icc, quality, SamplingFactor::F_2_2),
        VariantFormat::Png => png(pixels, icc),
    }
}

/// Bytes that encoding a picture of that size holds besides its pixels, where they are many.
pub(super) fn memory(format: VariantFormat, (width, height): (u32, u32)) -> u64 {
    match format {
        VariantFormat::Avif => u64::from(width) * u64::from(height) * AVIF_MEMORY,
        VariantFormat::WebP | VariantFormat::Jpeg | VariantFormat::Png => 0,
    }
}

fn avif(pixels: &DynamicImage, icc: Option<&[u8]>, quality: u8) -> Result<Vec<u8>, ImageError> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    // On this thread: the worker pool is what bounds parallel work.
    let encoder = ravif::Encoder::new()
        .with_quality(f32::from(quality))
        .with_speed(AVIF_SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let made = match pixels {
        DynamicImage::ImageRgb8(image) => {
            let pixels: Vec<RGB8> = image.pixels().map(|pixel| pixel.0.into()).collect();
            encoder.encode_rgb(Img::new(&pixels[..], width, height))
        }
        DynamicImage::ImageRgba8(image) => {
            let pixels: Vec<RGBA8> = image.pixels().map(|pixel| pixel.0.into()).collect();
            encoder.encode_rgba(Img::new(&pixels[..], width, height))
        }
        _ => return Err(failed("neither RGB nor RGBA")),
    };
    let bytes = made.map_err(failed)?.avif_file;
    match icc {
        Some(profile) => avif_with_icc(bytes, profile),
        None => Ok(bytes),
    }
}

/// As good as it gets, or without any loss.
pub(crate) fn best_webp(
    pixels: &DynamicImage,
    icc: Option<&[u8]>,
    lossless: bool,
) -> Result<Vec<u8>, ImageError> {
    if !lossless {
        return webp(pixels, icc, &config(BEST)?);
    }
    // Of what loses nothing the quality is how much work goes into it; exact is what can't be seen.
    let config = WebPConfig { lossless: 1, exact: 1, ..config(QUALITY)? };
    webp(pixels, icc, &config)
}

fn config(quality: u8) -> Result<WebPConfig, ImageError> {
    let config = WebPConfig::new().map_err(|()| failed("no configuration"))?;
    Ok(WebPConfig { quality: f32::from(quality), ..config })
}

fn webp(pixels: &DynamicImage, icc: Option<&[u8]>, config: &WebPConfig) -> Result<Vec<u8>, ImageError> {
    let (width, height) = (pixels.width(), pixels.height());
    let encoder = match pixels {
        DynamicImage::ImageRgb8(image) => webp::Encoder::from_rgb(image, width, height),
        DynamicImage::ImageRgba8(image) => webp::Encoder::from_rgba(image, width, height),
        _ => return Err(failed("neither RGB nor RGBA")),
    };
    let bytes = encoder.encode_advanced(config).map_err(|e| failed(format!("{e:?}")))?.to_vec();
    match icc {
        Some(profile) => webp_with_icc(bytes, profile),
        None => Ok(bytes),
    }
}

/// As good as it gets, in all its colours.
pub(crate) fn best_jpeg(pixels: &RgbImage, icc: Option<&[u8]>) -> Result<Vec<u8>, ImageError> {
    jpeg(pixels, icc, BEST, SamplingFactor::F_1_1)
}

fn jpeg(
    pixels: &RgbImage,
    icc: Option<&[u8]>,
    quality: u8,
    sampling: SamplingFactor,
) -> Result<Vec<u8>, ImageError> {
    let side = |n: u32| u16::try_from(n).map_err(failed);
    let (width, height) = (side(pixels.width())?, side(pixels.height())?);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(sampling);
    if let Some(profile) = icc {
        encoder.add_icc_profile(profile).map_err(failed)?;
    }
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).map_err(failed)?;
    Ok(out)
}

/// Without any loss.
pub(crate) fn png(pixels: &DynamicImage, icc: Option<&[u8]>) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive);
    if let Some(profile) = icc {
        encoder.set_icc_profile(profile.to_vec()).map_err(failed)?;
    }
    let color: ExtendedColorType = pixels.color().into();
    encoder.write_image(pixels.as_bytes(), pixels.width(), pixels.height(), color).map_err(failed)?;
    Ok(out)
}

/// JPEG has no opacity: what shows through is white, as on most pages.
fn on_white(pixels: &DynamicImage) -> RgbImage {
    match pixels {
        DynamicImage::ImageRgb8(image) => image.clone(),
        other => {
            let rgba = other.to_rgba8();
            let mut out = RgbImage::new(rgba.width(), rgba.height());
            for (to, from) in out.pixels_mut().zip(rgba.pixels()) {
                let alpha = u32::from(from.0[3]);
                let blend = |c: u8| {
                    u8::try_from((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
                };
                to.0 = [blend(from.0[0]), blend(from.0[1]), blend(from.0[2])];
            }
            out
        }
    }
}
