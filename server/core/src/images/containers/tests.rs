use ::exif::Tag;
use proptest::prelude::*;

use super::{
    fixtures::{SECRET, animated_webp, apng, avif, gif, jpeg, png, quarters, samples, webp},
    *,
};
use crate::images::{
    ImageError,
    decode::{Extent, decode},
};

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn stripping_keeps_the_picture_and_nothing_private() {
    for (kind, dirty) in samples() {
        let clean = strip(kind, &dirty).unwrap();
        for secret in [SECRET, b"SecretCam", b"Someone"] {
            assert!(!contains(&clean, secret), "{kind:?}");
        }
        let (before, after) = (facts(kind, &dirty).unwrap(), facts(kind, &clean).unwrap());
        assert_eq!(before, after, "{kind:?}");
        let pixels = |bytes: &[u8]| decode(kind, bytes, &after, Extent::EveryFrame).unwrap();
        assert_eq!(pixels(&dirty), pixels(&clean), "{kind:?}");
        assert_eq!(strip(kind, &clean).unwrap(), clean, "{kind:?}");
    }
}

#[test]
fn a_file_ends_where_its_format_says() {
    for (kind, dirty) in samples() {
        let whole = &dirty[..end(kind, &dirty).unwrap()];
        assert_eq!(strip(kind, whole).unwrap(), strip(kind, &dirty).unwrap(), "{kind:?}");
        // The boxes of AVIF fill the file, or it is broken.
        if kind != MediaType::Avif {
            let says = [SECRET, b"SecretCam", b"Someone"].into_iter().any(|said| contains(whole, said));
            assert!(says, "{kind:?}: what it says of itself is before its end");
            assert_eq!(end(kind, &[whole, b"behind it"].concat()).unwrap(), whole.len(), "{kind:?}");
        }
        assert!(end(kind, &whole[..whole.len() - 1]).is_err(), "{kind:?}");
    }
}

#[test]
fn every_frame_of_an_animation_stays_as_it_was() {
    use image::{AnimationDecoder as _, codecs};
    let frames = |kind, bytes: &[u8]| {
        let input = std::io::Cursor::new(bytes.to_vec());
        match kind {
            MediaType::Gif => codecs::gif::GifDecoder::new(input).unwrap().into_frames().collect_frames(),
            MediaType::Png => {
                codecs::png::PngDecoder::new(input).unwrap().apng().unwrap().into_frames().collect_frames()
            }
            _ => codecs::webp::WebPDecoder::new(input).unwrap().into_frames().collect_frames(),
        }
        .unwrap()
        .into_iter()
        .map(|frame| (frame.delay(), frame.into_buffer()))
        .collect::<Vec<_>>()
    };
    for (kind, dirty) in
        [(MediaType::Gif, gif(4)), (MediaType::Png, apng(4)), (MediaType::WebP, animated_webp(4))]
    {
        let clean = strip(kind, &dirty).unwrap();
        let (before, after) = (frames(kind, &dirty), frames(kind, &clean));
        assert_eq!(before.len(), 4);
        assert!(before == after, "{kind:?}");
    }
    assert!(contains(&strip(MediaType::Gif, &gif(2)).unwrap(), b"NETSCAPE2.0"));
}

#[test]
fn only_the_orientation_is_left_of_exif() {
    let image = quarters(40, 30);
    for orientation in 1..=8 {
        for (kind, dirty) in [
            (MediaType::Jpeg, jpeg(&image, orientation)),
            (MediaType::Png, png(&image, orientation)),
            (MediaType::WebP, webp(&image, orientation)),
        ] {
            let clean = strip(kind, &dirty).unwrap();
            let read = ::exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&clean));
            if orientation == 1 {
                assert!(read.is_err(), "{kind:?}: an EXIF block that says nothing");
                continue;
            }
            let fields: Vec<_> =
                read.unwrap().fields().map(|field| (field.tag, field.value.get_uint(0))).collect();
            assert_eq!(fields, [(Tag::Orientation, Some(orientation.into()))], "{kind:?}");
        }
    }
}

#[test]
fn sizes_are_known_as_coded_and_as_shown() {
    let read = |kind, bytes: &[u8]| {
        let facts = facts(kind, bytes).unwrap();
        (facts.width, facts.height, facts.frames, facts.shown())
    };
    let image = quarters(40, 30);
    assert_eq!(read(MediaType::Jpeg, &jpeg(&image, 6)), (40, 30, 1, (30, 40)));
    assert_eq!(read(MediaType::Jpeg, &jpeg(&image, 3)), (40, 30, 1, (40, 30)));
    assert_eq!(read(MediaType::Png, &png(&image, 5)), (40, 30, 1, (30, 40)));
    assert_eq!(read(MediaType::WebP, &webp(&image, 8)), (40, 30, 1, (30, 40)));
    assert_eq!(read(MediaType::Png, &apng(3)), (40, 30, 3, (40, 30)));
    assert_eq!(read(MediaType::Gif, &gif(3)), (40, 30, 3, (40, 30)));
    assert_eq!(read(MediaType::WebP, &animated_webp(3)), (40, 30, 3, (40, 30)));
    assert_eq!(read(MediaType::Avif, avif::ROTATED_GPS), (64, 48, 1, (48, 64)));
    assert_eq!(read(MediaType::Avif, avif::GRID), (128, 64, 1, (128, 64)));
    assert_eq!(read(MediaType::Avif, avif::SEQUENCE), (64, 48, 3, (64, 48)));
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    for (kind, dirty) in samples() {
        let whole = strip(kind, &dirty).unwrap();
        for length in 0..whole.len() {
            let cut = &whole[..length];
            let result = facts(kind, cut).and_then(|facts| decode(kind, cut, &facts, Extent::EveryFrame));
            assert!(result.is_err(), "{kind:?} cut to {length} of {}", whole.len());
        }
    }
}

#[test]
fn a_jpeg_that_ends_early_but_has_an_end_marker_is_refused() {
    let whole = strip(MediaType::Jpeg, &jpeg(&quarters(200, 200), 1)).unwrap();
    let scan = whole.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
    for part in 1..10 {
        let mut cut = whole[..scan + (whole.len() - scan) * part / 10].to_vec();
        cut.extend([0xff, 0xd9]);
        let facts = facts(MediaType::Jpeg, &cut).unwrap();
        let result = decode(MediaType::Jpeg, &cut, &facts, Extent::EveryFrame);
        assert!(matches!(result, Err(ImageError::Broken(_))), "{part}/10");
    }
}

#[test]
fn a_jfif_thumbnail_goes() {
    let image = jpeg(&quarters(8, 8), 1);
    let mut with = vec![0xff, 0xd8, 0xff, 0xe0, 0, 19];
    with.extend(b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01\xaa\xbb\xcc");
    with.extend(&image[2..]);
    let clean = strip(MediaType::Jpeg, &with).unwrap();
    assert!(!contains(&clean, b"\xaa\xbb\xcc"));
    assert!(contains(&clean, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"));
}

#[test]
fn color_profiles_stay() {
    let profile = crate::images::decode::fixtures::profile();
    let mut dirty = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut dirty, 90);
    encoder.add_icc_profile(&profile).unwrap();
    encoder.encode(&quarters(16, 16), 16, 16, jpeg_encoder::ColorType::Rgb).unwrap();
    let clean = strip(MediaType::Jpeg, &fixtures::dirty_jpeg(&dirty, 1)).unwrap();
    assert_eq!(jpeg_icc(&clean), Some(profile));
}

#[test]
fn a_metadata_item_that_points_at_the_picture_is_refused() {
    // Make the EXIF item's location that of the picture: in `iloc`, entries of equal layout.
    let mut bytes = avif::ROTATED_GPS.to_vec();
    let iloc = bytes.windows(4).position(|w| w == b"iloc").unwrap() + 4;
    let count = usize::from(u16::from_be_bytes([bytes[iloc + 6], bytes[iloc + 7]]));
    assert_eq!(count, 3);
    // Version 0 with sizes of 4, 4 and 0: number, reference, count, offset, length.
    assert_eq!(bytes[iloc..iloc + 6], [0, 0, 0, 0, 0x44, 0]);
    let entry = |n: usize| iloc + 8 + n * 14;
    let place = bytes[entry(0) + 6..entry(0) + 14].to_vec();
    bytes[entry(1) + 6..entry(1) + 14].copy_from_slice(&place);
    assert!(matches!(strip(MediaType::Avif, &bytes), Err(ImageError::Broken(_))));
}

/// Where the nth box of a type is: its type, which four bytes of size stand before.
fn nth_box(bytes: &[u8], kind: &[u8; 4], n: usize) -> usize {
    bytes.windows(4).enumerate().filter(|(_, window)| window == kind).nth(n).unwrap().0
}

fn opened(bytes: &[u8]) -> Result<(), ImageError> {
    let facts = facts(MediaType::Avif, bytes)?;
    decode(MediaType::Avif, bytes, &facts, Extent::EveryFrame).map(drop)
}

#[test]
fn every_frame_of_a_sequence_is_decoded() {
    assert_eq!(opened(avif::SEQUENCE).map_err(|error| error.to_string()), Ok(()));
    // In both tracks: the middle of each frame's bytes.
    for frame in [0x6c4 + 20, 0x6c4 + 27 + 8, 0x6ff + 0x37 + 12, 0x6ff + 0x37 + 0x18 + 16] {
        let mut bytes = avif::SEQUENCE.to_vec();
        bytes[frame..frame + 8].fill(0xff);
        assert!(matches!(opened(&bytes), Err(ImageError::Broken(_))), "{frame}");
    }
}

#[test]
fn a_sequence_of_another_size_than_its_still_picture_is_refused() {
    // The size of the still picture is a property of its own, so limits must not go by it alone.
    let mut bytes = avif::SEQUENCE.to_vec();
    let property = nth_box(&bytes, b"ispe", 0) + 8;
    assert_eq!(bytes[property..property + 8], [0, 0, 0, 64, 0, 0, 0, 48]);
    bytes[property + 3] = 32;
    assert!(matches!(facts(MediaType::Avif, &bytes), Err(ImageError::Broken(_))));
    // And what the track says must be what its bitstreams hold.
    let entries: Vec<usize> = bytes
        .windows(32)
        .enumerate()
        .filter(|(_, window)| window.starts_with(b"av01") && window[28..] == [0, 64, 0, 48])
        .map(|(at, _)| at + 29)
        .collect();
    assert_eq!(entries.len(), 2);
    for at in entries {
        bytes[at] = 32;
    }
    assert_eq!(facts(MediaType::Avif, &bytes).unwrap().width, 32);
    assert!(matches!(opened(&bytes), Err(ImageError::Broken(_))));
}

#[test]
fn of_a_sequence_nothing_stays_but_its_frames() {
    let mut bytes = avif::SEQUENCE.to_vec();
    bytes.extend((8 + SECRET.len() as u32).to_be_bytes());
    bytes.extend(b"mdat");
    bytes.extend(SECRET);
    let clean = strip(MediaType::Avif, &bytes).unwrap();
    assert!(!contains(&clean, SECRET));
    opened(&clean).unwrap();
    // The track of opacity becomes one of subtitles, which are nobody's business.
    let mut bytes = avif::SEQUENCE.to_vec();
    let handler = nth_box(&bytes, b"auxv", 0);
    bytes[handler..handler + 4].copy_from_slice(b"text");
    let samples = 0x6c4 + 0x1b..0x6c4 + 0x1b + 0x20;
    assert!(bytes[samples.clone()].iter().any(|byte| *byte != 0));
    let clean = strip(MediaType::Avif, &bytes).unwrap();
    assert!(clean[samples].iter().all(|byte| *byte == 0));
    assert!(!contains(&clean, b"text"));
    opened(&clean).unwrap();
}

#[test]
fn a_sequence_whose_tables_name_more_than_the_file_holds_is_refused() {
    // All frames as long as one another: as many as one likes, of the same bytes.
    let mut bytes = avif::SEQUENCE.to_vec();
    let sizes = nth_box(&bytes, b"stsz", 0) + 8;
    bytes[sizes..sizes + 8].copy_from_slice(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
    let runs = nth_box(&bytes, b"stsc", 0) + 16;
    bytes[runs..runs + 4].fill(0xff);
    assert!(matches!(strip(MediaType::Avif, &bytes), Err(ImageError::Broken(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_files_never_panic(
        sample in 0_usize..13,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let (kind, mut bytes) = samples().swap_remove(sample);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = facts(kind, &bytes);
        if let Ok(once) = strip(kind, &bytes) {
            prop_assert_eq!(strip(kind, &once).unwrap(), once);
        }
    }

    #[test]
    fn noise_never_panics(kind in 0_usize..5, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let kind = MediaType::ALL[kind];
        let _ = (facts(kind, &bytes), strip(kind, &bytes));
    }
}
