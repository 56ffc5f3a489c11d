//! Test images.

use std::{
    io::Cursor,
    sync::atomic::{AtomicU16, Ordering::Relaxed},
};

use image::{
    DynamicImage, Frame, ImageFormat, Rgb, RgbImage, RgbaImage,
    codecs::gif::{GifEncoder, Repeat},
};

/// An AVIF of 128 by 64 pixels.
pub const AVIF: &[u8] = include_bytes!("../../../core/tests/fixtures/grid.avif");

/// One of each format: media type, extension, bytes.
pub fn samples() -> [(&'static str, &'static str, Vec<u8>); 5] {
    let picture = gradient(400, 300);
    [
        ("image/jpeg", "jpg", encode(&picture, ImageFormat::Jpeg)),
        ("image/png", "png", encode(&picture, ImageFormat::Png)),
        ("image/gif", "gif", animation(3)),
        ("image/webp", "webp", encode(&picture, ImageFormat::WebP)),
        ("image/avif", "avif", AVIF.to_vec()),
    ]
}

pub fn gradient(width: u32, height: u32) -> RgbImage {
    let shade = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap();
    RgbImage::from_fn(width, height, |x, y| Rgb([shade(x, width), shade(y, height), 90]))
}

/// Another one at each call: the same bytes again would be the image that is there.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    encode(&another(width, height), ImageFormat::Png)
}

/// Another one at each call.
/// A JPEG that says something of itself.
pub fn telling_jpeg(width: u32, height: u32, said: &str) -> Vec<u8> {
    let plain = jpeg(width, height);
    let length = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xfe], &length, said.as_bytes(), &plain[2..]].concat()
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encode(&another(width, height), ImageFormat::Jpeg)
}

/// A gradient in a shade of its own, far enough from the one before for a JPEG too.
fn another(width: u32, height: u32) -> RgbImage {
    static NUMBER: AtomicU16 = AtomicU16::new(0);
    let [high, low] = NUMBER.fetch_add(1, Relaxed).to_be_bytes();
    let mut picture = gradient(width, height);
    for Rgb([red, _, blue]) in picture.pixels_mut() {
        *red = red.wrapping_add(high.wrapping_mul(37));
        *blue = low.wrapping_mul(37);
    }
    picture
}

/// A PNG of soft shapes, which look the same at any size.
pub fn shapes(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let light = 128.0
            + 60.0 * (7.0 * u + 2.0 * v).sin() * (5.0 * v - 3.0 * u).cos()
            + 50.0 * (11.0 * u * v).sin();
        Rgb([light as u8; 3])
    });
    encode(&picture, ImageFormat::Png)
}

/// A PNG that doesn't compress: about three bytes for each pixel, others for each seed.
pub fn noise(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        // xorshift32
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    let picture = RgbImage::from_fn(width, height, |_, _| Rgb([next(), next(), next()]));
    encode(&picture, ImageFormat::Png)
}

/// A GIF of 60 by 40 pixels.
pub fn animation(frames: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for shade in 0..frames {
        let frame = RgbaImage::from_pixel(60, 40, image::Rgba([shade * 40, 120, 30, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    bytes
}

fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture.clone()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Width, height and format of an image.
pub fn facts(bytes: &[u8]) -> (u32, u32, ImageFormat) {
    let reader = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    let format = reader.format().unwrap();
    let picture = reader.decode().unwrap();
    (picture.width(), picture.height(), format)
}
