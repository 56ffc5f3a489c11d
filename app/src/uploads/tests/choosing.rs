use model::types::{AlbumId, MediaType, Visibility};

use crate::uploads::{
    Redraw, UploadOptions,
    options::{Lapse, SIDES},
};

const DRAWN: Redraw = Redraw { side: Some(SIDES[0]), webp: false };

#[test]
fn what_is_chosen_becomes_fields_and_what_isnt_none() {
    assert_eq!(UploadOptions::default().fields(), []);
    let album: AlbumId = "0190b6e0-0000-7000-8000-000000000001".parse().unwrap();
    let chosen = UploadOptions {
        album: Some(album),
        visibility: Visibility::Private,
        lapse: Some(Lapse::Week),
        guest: None,
        redraw: DRAWN,
    };
    let expected = [
        ("visibility", "private".to_owned()),
        ("expires_in", "604800".to_owned()),
        ("album", album.to_string()),
    ];
    assert_eq!(chosen.fields(), expected);
}

#[test]
fn a_time_is_known_by_its_seconds() {
    for lapse in Lapse::ALL {
        assert_eq!(Lapse::of_seconds(&lapse.seconds().to_string()), Some(lapse));
    }
    assert_eq!(Lapse::of_seconds(""), None);
    assert!(Lapse::ALL.is_sorted_by_key(|lapse| lapse.seconds()));
}

#[test]
fn only_what_is_known_not_to_move_is_drawn_anew() {
    let chunk = |name: &[u8], bytes: &[u8]| {
        let size = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&size, name, bytes, &[0; 4]].concat()
    };
    let png = |chunks: &[Vec<u8>]| [b"\x89PNG\r\n\x1a\n", &chunks.concat()[..]].concat();
    let (header, control, pixels) =
        (chunk(b"IHDR", &[0; 13]), chunk(b"acTL", &[0; 8]), chunk(b"IDAT", &[7; 9]));
    let extended =
        |flags: u8| [b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0", &[flags, 0, 0, 0, 9, 0, 0, 9, 0, 0][..]].concat();
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec();
    for (first, same, as_webp) in [
        (jpeg, Some(MediaType::Jpeg), Some(MediaType::WebP)),
        (png(&[header.clone(), pixels.clone()]), Some(MediaType::Png), Some(MediaType::WebP)),
        (png(&[header.clone(), control, pixels]), None, None),
        // The profile goes beyond what was read.
        (png(&[header, chunk(b"iCCP", &[1; 40])[..30].to_vec()]), None, None),
        (b"RIFF\x20\0\0\0WEBPVP8L".to_vec(), Some(MediaType::WebP), Some(MediaType::WebP)),
        (extended(0x10), Some(MediaType::WebP), Some(MediaType::WebP)),
        (extended(0x12), None, None),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf".to_vec(), Some(MediaType::WebP), Some(MediaType::WebP)),
        (b"\0\0\0\x18ftypavis\0\0\0\0avifmsf1".to_vec(), None, None),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), Some(MediaType::WebP), Some(MediaType::WebP)),
        (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic".to_vec(), None, None),
        (b"GIF89a\x01\0\x01\0".to_vec(), None, None),
        (b"<svg>".to_vec(), None, None),
        (Vec::new(), None, None),
    ] {
        assert_eq!(DRAWN.media_type(&first), same, "{first:?}");
        assert_eq!(Redraw { webp: true, ..DRAWN }.media_type(&first), as_webp, "{first:?}");
    }
}
