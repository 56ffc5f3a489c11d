//! The one thing of EXIF that is kept: the orientation.

use image::metadata::Orientation;

/// What precedes the TIFF structure in JPEG, and by custom in some WebP files.
pub(super) const PREFIX: &[u8] = b"Exif\0\0";

/// The orientation that an EXIF block asks for; none where it has none or isn't readable.
pub(super) fn orientation(block: &[u8]) -> Orientation {
    let tiff = block.strip_prefix(PREFIX).unwrap_or(block);
    Orientation::from_exif_chunk(tiff).unwrap_or(Orientation::NoTransforms)
}

/// An EXIF block that holds the orientation and nothing else (TIFF 6.0 §2: header, one IFD with
/// tag 274 of type SHORT), or nothing where the picture is upright anyway.
pub(super) fn minimal(orientation: Orientation) -> Option<[u8; 26]> {
    let value = orientation.to_exif();
    (value != 1).then(|| {
        let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        block[19] = value;
        block
    })
}
