//! Small pictures in every format, with everything in them that has to go.

use std::io::Cursor;

use image::{
    Delay, Frame, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::gif::{GifEncoder, Repeat},
};
use model::types::MediaType;

use super::png::crc32;

/// What private metadata contains in every fixture.
pub(in crate::images) const SECRET: &[u8] = b"SECRET";

/// The colours of the quarters: top left, top right, bottom left, bottom right.
pub(in crate::images) const QUARTERS: [[u8; 3]; 4] =
    [[230, 30, 30], [30, 200, 30], [30, 30, 230], [240, 240, 240]];

/// A picture of four colours.
pub(in crate::images) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(QUARTERS[usize::from(y >= height / 2) * 2 + usize::from(x >= width / 2)])
    })
}

/// A picture of one colour.
pub(in crate::images) fn plain(width: u32, height: u32, color: [u8; 4]) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba(color))
}

/// EXIF with an orientation, a camera and a place, little endian.
pub(in crate::images) fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    tiff.extend(entry(0x010f, 2, 7, 80)); // Make
    tiff.extend(entry(0x0112, 3, 1, orientation.into()));
    tiff.extend(entry(0x8825, 4, 1, 50)); // GPS
    tiff.extend([0; 4]);
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x0001, 2, 2, u32::from(b'N')));
    tiff.extend(entry(0x0002, 5, 3, 88)); // latitude
    tiff.extend([0; 4]);
    assert_eq!(tiff.len(), 80);
    tiff.extend(b"SECRET\0\0");
    for n in [48_u32, 1, 51, 1, 299, 10] {
        tiff.extend(n.to_le_bytes());
    }
    tiff
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    [&[0xff, marker][..], &length.to_be_bytes(), payload].concat()
}

/// A JPEG with EXIF, XMP, IPTC, a comment, an unknown segment, and bytes after its end.
pub(in crate::images) fn jpeg(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let (width, height) = (u16::try_from(image.width()).unwrap(), u16::try_from(image.height()).unwrap());
    let mut plain = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut plain, 95);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    encoder.encode(image, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    dirty_jpeg(&plain, orientation)
}

/// A JPEG with private metadata put in.
pub(in crate::images) fn dirty_jpeg(plain: &[u8], orientation: u8) -> Vec<u8> {
    let mut out = plain[..2].to_vec();
    out.extend(segment(0xe1, &[b"Exif\0\0".to_vec(), exif(orientation)].concat()));
    out.extend(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>SECRET</x>"));
    out.extend(segment(0xed, b"Photoshop 3.0\x008BIM SECRET"));
    out.extend(segment(0xe2, b"MPF\0SECRET"));
    out.extend(segment(0xe5, b"SECRET"));
    out.extend(segment(0xfe, b"SECRET"));
    out.extend(&plain[2..]);
    out.extend(b"SECRET");
    out
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// A PNG with EXIF, texts, a time, a private chunk, and bytes after its end.
pub(in crate::images) fn png(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut plain = Cursor::new(Vec::new());
    image.write_to(&mut plain, image::ImageFormat::Png).unwrap();
    dirty_png(&plain.into_inner(), orientation)
}

/// A PNG without compression: its size depends on its dimensions alone.
pub(in crate::images) fn stored_png(image: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, image.width(), image.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::NoCompression);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(image.as_raw()).unwrap();
    writer.finish().unwrap();
    out
}

fn dirty_png(plain: &[u8], orientation: u8) -> Vec<u8> {
    let header = 8 + 25;
    let mut out = plain[..header].to_vec();
    out.extend(chunk(*b"gAMA", &45455_u32.to_be_bytes()));
    out.extend(chunk(*b"eXIf", &exif(orientation)));
    out.extend(chunk(*b"tEXt", b"Author\0SECRET"));
    out.extend(chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET"));
    out.extend(chunk(*b"prVt", b"SECRET"));
    out.extend(&plain[header..plain.len() - 12]);
    out.extend(chunk(*b"tIME", &[7, 233, 11, 20, 9, 30, 0]));
    out.extend(chunk(*b"zTXt", b"Comment\0\0SECRET"));
    out.extend(&plain[plain.len() - 12..]);
    out.extend(b"SECRET");
    out
}

/// An animated PNG of `frames` frames, with the same private metadata.
pub(in crate::images) fn apng(frames: u8) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut encoder = png::Encoder::new(&mut plain, 40, 30);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(frames.into(), 0).unwrap();
    encoder.set_frame_delay(1, 10).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for i in 0..frames {
        writer.write_image_data(&plain_frame(i)).unwrap();
    }
    writer.finish().unwrap();
    dirty_png(&plain, 1)
}

fn plain_frame(i: u8) -> Vec<u8> {
    plain(40, 30, [i * 60, 255 - i * 60, 7, 255]).into_raw()
}

/// An animated GIF with comments, plain text, an application's block, and bytes after its end.
pub(in crate::images) fn gif(frames: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new(&mut out);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for i in 0..frames {
        let picture = RgbaImage::from_raw(40, 30, plain_frame(i)).unwrap();
        encoder.encode_frame(Frame::from_parts(picture, 0, 0, Delay::from_numer_denom_ms(100, 1))).unwrap();
    }
    drop(encoder);
    assert_eq!(out.pop(), Some(0x3b));
    out.extend(b"\x21\xfe\x06SECRET\0");
    out.extend(b"\x21\xff\x0bXMP DataXMP\x06SECRET\0");
    out.extend(b"\x21\xf9\x04\0\0\0\0\0\x21\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0\x06SECRET\0");
    out.extend(b"\x3bSECRET");
    out
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        body.extend_from_slice(*kind);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend_from_slice(data);
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// A lossless WebP with EXIF, XMP, an unknown chunk, and bytes after its end.
pub(in crate::images) fn webp(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let (width, height) = (image.width(), image.height());
    let simple = webp::Encoder::from_rgb(image, width, height).encode_lossless().to_vec();
    let size = u32::from_le_bytes(simple[16..20].try_into().unwrap()) as usize;
    let mut header = vec![0x0c, 0, 0, 0];
    header.extend(&(width - 1).to_le_bytes()[..3]);
    header.extend(&(height - 1).to_le_bytes()[..3]);
    let mut out = riff(&[
        (b"VP8X", &header),
        (b"VP8L", &simple[20..20 + size]),
        (b"EXIF", &exif(orientation)),
        (b"XMP ", b"<x>SECRET</x>"),
        (b"prVt", b"SECRET"),
    ]);
    out.extend(b"SECRET");
    out
}

/// An animated WebP, with EXIF.
pub(in crate::images) fn animated_webp(frames: u8) -> Vec<u8> {
    let config = webp::WebPConfig::new().unwrap();
    let mut encoder = webp::AnimEncoder::new(40, 30, &config);
    let pictures: Vec<Vec<u8>> = (0..frames).map(plain_frame).collect();
    for (i, picture) in (0..).zip(&pictures) {
        encoder.add_frame(webp::AnimFrame::from_rgba(picture, 40, 30, i * 100));
    }
    let plain = encoder.encode().to_vec();
    let mut out = plain;
    out.extend(b"EXIF");
    let block = exif(1);
    out.extend(u32::try_from(block.len()).unwrap().to_le_bytes());
    out.extend(block);
    let size = u32::try_from(out.len() - 8).unwrap();
    out[4..8].copy_from_slice(&size.to_le_bytes());
    out[20] |= 0x08;
    out
}

/// AVIF files made once with libavif.
pub(in crate::images) mod avif {
    /// 64 by 48, turned by a quarter counter-clockwise, with EXIF (camera, place) and XMP.
    pub(in crate::images) const ROTATED_GPS: &[u8] =
        include_bytes!("../../../tests/fixtures/rotated-gps.avif");
    /// Ten bits, limited range, opaque from column 16 on.
    pub(in crate::images) const ALPHA: &[u8] = include_bytes!("../../../tests/fixtures/alpha-10bit-444.avif");
    /// Twelve bits, limited range, BT.709.
    pub(in crate::images) const BT709: &[u8] = include_bytes!("../../../tests/fixtures/bt709-12bit-422.avif");
    /// One plane, left and right change places.
    pub(in crate::images) const GRAY: &[u8] = include_bytes!("../../../tests/fixtures/gray-mirrored.avif");
    /// Two tiles of 64 by 64.
    pub(in crate::images) const GRID: &[u8] = include_bytes!("../../../tests/fixtures/grid.avif");
    /// Three frames.
    pub(in crate::images) const SEQUENCE: &[u8] = include_bytes!("../../../tests/fixtures/sequence.avif");
}

/// One of everything.
pub(in crate::images) fn samples() -> Vec<(MediaType, Vec<u8>)> {
    let image = quarters(40, 30);
    let mut all = vec![
        (MediaType::Jpeg, jpeg(&image, 6)),
        (MediaType::Jpeg, jpeg(&image, 1)),
        (MediaType::Png, png(&image, 8)),
        (MediaType::Png, apng(4)),
        (MediaType::Gif, gif(4)),
        (MediaType::WebP, webp(&image, 3)),
        (MediaType::WebP, animated_webp(4)),
    ];
    all.extend(
        [avif::ROTATED_GPS, avif::ALPHA, avif::BT709, avif::GRAY, avif::GRID, avif::SEQUENCE]
            .map(|bytes| (MediaType::Avif, bytes.to_vec())),
    );
    all
}
