//! Scaling: from a picture to one that is smaller, upright, and encoded.

use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image};
use image::{DynamicImage, RgbImage, RgbaImage};
use model::{
    rules::links::variant_size,
    types::{MediaType, VariantFormat, VariantWidth},
};

use super::fitting::encode_fitting;
use crate::images::{
    ImageError,
    colors::Colors,
    containers::{self, Facts, swaps_sides},
    decode::{self, Extent, Picture},
    likeness::Likeness,
    placeholder::Placeholder,
};

/// A variant of the image in `bytes`: decoded by the fastest way to that size, scaled, turned
/// upright, encoded. The size is that of [`variant_size`]: never larger than the image. An
/// animation gives a still of its first frame; the colour profile is carried over, other metadata
/// isn't. Pure and synchronous: call it on a worker.
///
/// # Errors
/// [`ImageError::Broken`] where `bytes` aren't a whole image of the kind `from`;
/// [`ImageError::Encode`].
pub fn render(
    bytes: &[u8],
    from: MediaType,
    width: VariantWidth,
    format: VariantFormat,
) -> Result<Vec<u8>, ImageError> {
    let facts = containers::facts(from, bytes)?;
    let shrunk = match from {
        MediaType::Jpeg => {
            let (width, height) = coded_target(&facts, width);
            decode::jpeg_scaled(bytes, &facts, width, height)
        }
        _ => None,
    };
    let picture = match shrunk {
        Some(picture) => picture,
        None => decode::decode(from, bytes, &facts, Extent::FirstFrame)?,
    };
    draw(&picture, &facts, width, format)
}

/// A variant of a decoded picture; `facts` are those of its original.
fn draw(
    picture: &Picture,
    facts: &Facts,
    width: VariantWidth,
    format: VariantFormat,
) -> Result<Vec<u8>, ImageError> {
    finish(&upright(scale(picture, coded_target(facts, width))?, facts), format)
}

/// What the gallery needs of a picture.
pub(in crate::images) struct Gallery {
    /// Those that it shows, WebP.
    pub(in crate::images) variants: Vec<(VariantWidth, Vec<u8>)>,
    /// Colours of the smaller of them.
    pub(in crate::images) colors: Colors,
    /// What the smaller of them looks like.
    pub(in crate::images) likeness: Option<Likeness>,
    /// What stands for it until it has loaded.
    pub(in crate::images) placeholder: Placeholder,
}

/// The variants that the gallery shows: the larger from the picture, the smaller from it.
pub(in crate::images) fn gallery(picture: &Picture, facts: &Facts) -> Result<Gallery, ImageError> {
    let large = scale(picture, coded_target(facts, VariantWidth::GALLERY))?;
    let small = upright(scale(&large, coded_target(facts, VariantWidth::THUMBNAIL))?, facts);
    let (colors, likeness) = (Colors::of(&small.pixels), Likeness::of(&small.pixels));
    let placeholder = Placeholder::of(&small.pixels);
    let large = upright(large, facts);
    let thumbnail = finish(&small, VariantFormat::WebP)?;
    // Of a small picture both are the picture.
    let is_one = large.covered == small.covered;
    let other = if is_one { thumbnail.clone() } else { finish(&large, VariantFormat::WebP)? };
    let variants = vec![(VariantWidth::GALLERY, other), (VariantWidth::THUMBNAIL, thumbnail)];
    Ok(Gallery { variants, colors, likeness, placeholder })
}

fn upright(mut scaled: Picture, facts: &Facts) -> Picture {
    scaled.pixels.apply_orientation(facts.orientation);
    scaled
}

fn finish(scaled: &Picture, format: VariantFormat) -> Result<Vec<u8>, ImageError> {
    encode_fitting(&scaled.pixels, scaled.icc.as_deref(), format)
}

/// The variant's size before it is turned upright.
fn coded_target(facts: &Facts, width: VariantWidth) -> (u32, u32) {
    let shown = facts.shown();
    let (w, h) = variant_size(shown.0, shown.1, width);
    if swaps_sides(facts.orientation) { (h, w) } else { (w, h) }
}

/// Lanczos with three lobes; opacity is multiplied in first, so that the colour of what can't be
/// seen doesn't bleed.
fn scale(picture: &Picture, (width, height): (u32, u32)) -> Result<Picture, ImageError> {
    let pixels = &picture.pixels;
    let (across, down) = picture.covered;
    if (across, down) == (f64::from(width), f64::from(height)) {
        return Ok(picture.clone());
    }
    let failed = |e: &dyn std::fmt::Display| ImageError::Encode(e.to_string());
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(0.0, 0.0, across, down);
    let kind = if pixels.color().has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
    let mut out = Image::new(width, height, kind);
    Resizer::new().resize(pixels, &mut out, &options).map_err(|e| failed(&e))?;
    let bytes = out.into_vec();
    let image = match kind {
        PixelType::U8x4 => RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
    };
    let image = image.ok_or_else(|| failed(&"a picture of the wrong size"))?;
    Ok(Picture::new(image, picture.icc.clone()))
}
