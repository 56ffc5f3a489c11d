//! What a file is, told from its first bytes alone.

use model::types::MediaType;

use crate::images::ImageError;

/// The format of `bytes`.
///
/// # Errors
/// [`ImageError::Unsupported`], with the name of what it is instead where that is easy to tell.
pub(super) fn sniff(bytes: &[u8]) -> Result<MediaType, ImageError> {
    taken(bytes).ok_or_else(|| ImageError::Unsupported(other(bytes)))
}

fn taken(bytes: &[u8]) -> Option<MediaType> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some(MediaType::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(MediaType::Png)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some(MediaType::Gif)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(MediaType::WebP)
    } else if brands(bytes).any(|brand| brand == b"avif" || brand == b"avis") {
        Some(MediaType::Avif)
    } else {
        None
    }
}

/// The brands of an ISO base media file: the major one, then the compatible ones.
fn brands(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let size = bytes.first_chunk().map_or(0, |size| u32::from_be_bytes(*size) as usize);
    let end = size.min(bytes.len()).min(512);
    let area = if bytes.get(4..8) == Some(b"ftyp") { bytes.get(8..end) } else { None };
    // After the major brand comes its version, which is no brand.
    area.unwrap_or_default().chunks_exact(4).enumerate().filter(|(i, _)| *i != 1).map(|(_, brand)| brand)
}

fn other(bytes: &[u8]) -> Option<&'static str> {
    const HEIF: [&[u8]; 9] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif"];
    const STARTS: [(&[u8], &str); 17] = [
        (b"%PDF-", "PDF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"BM", "BMP"),
        (b"\0\0\x01\0", "ICO"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
        (b"PK\x03\x04", "ZIP"),
        (b"PK\x05\x06", "ZIP"),
        (b"\x1f\x8b", "gzip"),
        (b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
        (b"\0\0\x01\xba", "MPEG video"),
        (b"OggS", "Ogg"),
        (b"ID3", "MP3"),
        (b"\x7fELF", "program"),
    ];
    if let Some(major) = brands(bytes).next() {
        return Some(if brands(bytes).any(|brand| HEIF.contains(&brand)) {
            "HEIC"
        } else if major == b"qt  " {
            "QuickTime video"
        } else {
            "MP4 video"
        });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ") {
        return Some("AVI video");
    }
    if let Some((_, name)) = STARTS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(name);
    }
    markup(bytes)
}

/// SVG and HTML have no signature: the first element says what they are.
fn markup(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..bytes.len().min(1024))?;
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('<') {
        return None;
    }
    let first = |needle: &str| text.find(needle).unwrap_or(usize::MAX);
    let (svg, html) = (first("<svg"), first("<html").min(first("<!doctype html")).min(first("<script")));
    match svg.cmp(&html) {
        std::cmp::Ordering::Less => Some("SVG"),
        std::cmp::Ordering::Greater => Some("HTML"),
        std::cmp::Ordering::Equal => text.starts_with("<?xml").then_some("XML"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(bytes: &[u8]) -> Option<&'static str> {
        match sniff(bytes) {
            Err(ImageError::Unsupported(name)) => name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn formats_that_are_taken() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0").unwrap(), MediaType::Jpeg);
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n").unwrap(), MediaType::Png);
        assert_eq!(sniff(b"GIF87a").unwrap(), MediaType::Gif);
        assert_eq!(sniff(b"GIF89a").unwrap(), MediaType::Gif);
        assert_eq!(sniff(b"RIFF\x10\0\0\0WEBPVP8 ").unwrap(), MediaType::WebP);
        assert_eq!(sniff(b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf").unwrap(), MediaType::Avif);
        assert_eq!(sniff(b"\0\0\0\x18ftypmsf1\0\0\0\0avismiaf").unwrap(), MediaType::Avif);
    }

    #[test]
    fn others_are_named() {
        for (bytes, expected) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "HEIC"),
            (b"\0\0\0\x14ftypmif1\0\0\0\0heic", "HEIC"),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "MP4 video"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "QuickTime video"),
            (b"RIFF\0\0\0\0AVI LIST", "AVI video"),
            (b"%PDF-1.7", "PDF"),
            (b"II*\0\x08\0\0\0", "TIFF"),
            (b"BM\x36\0", "BMP"),
            (b"\0\0\x01\0\x01\0", "ICO"),
            (b"\xff\x0a\0", "JPEG XL"),
            (b"PK\x03\x04", "ZIP"),
            (b"\xef\xbb\xbf  <?xml version='1.0'?><!-- a --><svg xmlns=", "SVG"),
            (b"<SVG>", "SVG"),
            (b"<!DOCTYPE html><html><svg>", "HTML"),
            (b"<script>", "HTML"),
            (b"<?xml version='1.0'?><rss>", "XML"),
        ] {
            assert_eq!(name(bytes), Some(expected), "{bytes:?}");
        }
        for bytes in [&b"hello"[..], b"", b"\xff\xd8", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x08"] {
            assert_eq!(name(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn the_version_of_the_major_brand_is_no_brand() {
        assert_eq!(name(b"\0\0\0\x14ftypisom\0avifisom".get(..20).unwrap_or_default()), Some("MP4 video"));
        assert_eq!(name(b"\0\0\0\x14ftypisomavifisom"), Some("MP4 video"));
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = sniff(&bytes);
        }
    }
}
