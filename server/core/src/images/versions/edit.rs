//! Turning a picture and cutting parts out of it.
//!
//! A JPEG is turned by the tag that says which way it is up: no pixel changes. PNG and lossless WebP are decoded and
//! encoded anew, which loses nothing either; a GIF that doesn't move becomes a PNG. Everything else is encoded anew as
//! well as it can be.

use image::{DynamicImage, RgbImage, metadata::Orientation};
use model::types::{ByteSize, Image, ImageId, Made, MediaType, UserId};

use super::{Taken, change::space_of_one_too_many, current, make};
use crate::{
    Core,
    audit::By,
    images::{
        ImageError,
        containers::{self, Facts},
        decode::{self, Extent},
        intake, store, variants as encode,
        workers::hostile,
    },
};

/// How often an edit begins again because somebody else changed the image meanwhile.
const TRIES: usize = 3;

/// Ways to turn a picture, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A quarter, clockwise.
    Right,
    /// Upside down.
    Around,
    /// A quarter, counterclockwise.
    Left,
    /// Left and right change places.
    Mirror,
    /// Top and bottom change places.
    Upset,
}

impl Turn {
    const fn orientation(self) -> Orientation {
        match self {
            Self::Right => Orientation::Rotate90,
            Self::Around => Orientation::Rotate180,
            Self::Left => Orientation::Rotate270,
            Self::Mirror => Orientation::FlipHorizontal,
            Self::Upset => Orientation::FlipVertical,
        }
    }
}

/// A part of a picture, in pixels as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Part {
    fn is_of(self, image: &Image) -> bool {
        let within =
            |from: u32, size: u32, all: u32| size > 0 && from.checked_add(size).is_some_and(|end| end <= all);
        within(self.x, self.width, image.width) && within(self.y, self.height, image.height)
    }
}

/// What becomes of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It is turned.
    Turn(Turn),
    /// The rest goes.
    Crop(Part),
}

impl Edit {
    const fn made(self) -> Made {
        match self {
            Self::Turn(Turn::Mirror | Turn::Upset) => Made::Flipped,
            Self::Turn(_) => Made::Rotated,
            Self::Crop(_) => Made::Cropped,
        }
    }
}

/// Edits one of `owner`'s images, as long as its version is `seen`, where that is said.
///
/// # Errors
/// [`ImageError::NotEditable`] of what moves or could, and of AVIF; [`ImageError::BeyondPicture`], [`ImageError::Changed`],
/// [`ImageError::QuotaExceeded`], [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn edit(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    edit: Edit,
    seen: Option<u32>,
) -> Result<Image, ImageError> {
    for _ in 1..TRIES {
        match try_once(core, by, owner, id, (edit, seen)).await {
            Err(ImageError::Changed) if seen.is_none() => {}
            done => return done,
        }
    }
    try_once(core, by, owner, id, (edit, seen)).await
}

async fn try_once(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    (edit, seen): (Edit, Option<u32>),
) -> Result<Image, ImageError> {
    let before = current(core, owner, id).await?;
    if seen.is_some_and(|seen| seen != before.image.version) {
        return Err(ImageError::Changed);
    }
    let kind = before.image.media_type;
    if before.image.frames > 1 || kind == MediaType::Avif {
        return Err(ImageError::NotEditable);
    }
    if let Edit::Crop(part) = edit {
        if !part.is_of(&before.image) {
            return Err(ImageError::BeyondPicture);
        }
        if (part.width, part.height) == (before.image.width, before.image.height) {
            return Ok(before.image);
        }
    }
    intake::check_space_left(core, owner, before.image.byte_size).await?;
    // Files are held in memory from here to the end, the original and what becomes of it.
    let _turn = core.workers.edit().await?;
    let original = store::read(&core.pool, &before.hash).await?.ok_or(ImageError::NotFound)?;
    let walked = original.clone();
    let walk =
        move || hostile(|| Ok((containers::facts(kind, &walked)?, containers::can_move(kind, &walked)?)));
    let (facts, can_move) = core.workers.run(0, walk).await?;
    if can_move {
        return Err(ImageError::NotEditable);
    }
    // The picture, and it again as it becomes.
    let memory = decode::memory(kind, &facts).saturating_mul(2);
    let work = move || hostile(|| edited(kind, &original, &facts, edit));
    let bytes = core.workers.run(memory, work).await?;
    let needed = (bytes.len() as u64).saturating_sub(space_of_one_too_many(core, id).await?.bytes());
    intake::check_space_for(core, owner, ByteSize(needed)).await?;
    let file = intake::stripped(core, bytes.into(), None, intake::Metadata::Removed).await?;
    let prepared = intake::prepared(core, file).await?;
    let seen = Some(before.image.version);
    make(core, by, owner, id, Taken::New(&prepared), (edit.made(), seen)).await
}

/// The file as it becomes.
fn edited(kind: MediaType, bytes: &[u8], facts: &Facts, edit: Edit) -> Result<Vec<u8>, ImageError> {
    if let (MediaType::Jpeg, Edit::Turn(turn)) = (kind, edit) {
        return containers::jpeg_turned(bytes, then(facts.orientation, turn.orientation()));
    }
    if kind == MediaType::Png {
        let picture = changed(decode::png_exact(bytes, facts)?, facts, edit);
        return containers::png_colored_as(&encode::png(&picture, None)?, bytes);
    }
    let decoded = decode::decode(kind, bytes, facts, Extent::FirstFrame)?;
    let icc = decoded.icc;
    let picture = changed(decoded.pixels, facts, edit);
    match kind {
        MediaType::Jpeg => encode::best_jpeg(&RgbImage::from(picture), icc.as_deref()),
        MediaType::WebP => encode::best_webp(&picture, icc.as_deref(), containers::is_lossless_webp(bytes)?),
        MediaType::Gif | MediaType::Png | MediaType::Avif => encode::png(&picture, icc.as_deref()),
    }
}

/// The picture upright, and changed.
fn changed(mut picture: DynamicImage, facts: &Facts, edit: Edit) -> DynamicImage {
    picture.apply_orientation(facts.orientation);
    match edit {
        Edit::Turn(turn) => {
            picture.apply_orientation(turn.orientation());
            picture
        }
        Edit::Crop(Part { x, y, width, height }) => picture.crop_imm(x, y, width, height),
    }
}

/// What one orientation and then another one are together: what does to a picture without symmetries what both do.
fn then(first: Orientation, second: Orientation) -> Orientation {
    let probe = DynamicImage::ImageRgb8(RgbImage::from_fn(2, 3, |x, y| image::Rgb([x as u8, y as u8, 0])));
    let turned = |orientations: &[Orientation]| {
        let mut picture = probe.clone();
        orientations.iter().for_each(|orientation| picture.apply_orientation(*orientation));
        picture
    };
    let both = turned(&[first, second]);
    (1..=8).filter_map(Orientation::from_exif).find(|one| turned(&[*one]) == both).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageBuffer, ImageFormat, Luma, Rgba, RgbaImage};

    use super::*;
    use crate::images::{
        containers::fixtures::{jpeg, png, quarters, samples},
        decode::Picture,
    };

    const TURNS: [Turn; 5] = [Turn::Right, Turn::Around, Turn::Left, Turn::Mirror, Turn::Upset];

    fn all() -> impl Iterator<Item = Orientation> {
        (1..=8).filter_map(Orientation::from_exif)
    }

    fn seen(kind: MediaType, bytes: &[u8]) -> DynamicImage {
        let facts = containers::facts(kind, bytes).unwrap();
        let Picture { mut pixels, .. } = decode::decode(kind, bytes, &facts, Extent::EveryFrame).unwrap();
        pixels.apply_orientation(facts.orientation);
        pixels
    }

    #[test]
    fn turns_follow_each_other() {
        for first in all() {
            let back = [Turn::Right, Turn::Left].map(Turn::orientation).into_iter().fold(first, then);
            assert_eq!(back, first);
            for turn in TURNS {
                let mut one = DynamicImage::from(quarters(4, 6));
                let mut two = one.clone();
                one.apply_orientation(first);
                one.apply_orientation(turn.orientation());
                two.apply_orientation(then(first, turn.orientation()));
                assert_eq!(one, two, "{first:?} {turn:?}");
            }
        }
    }

    #[test]
    fn a_jpeg_is_turned_without_changing_a_pixel() {
        for orientation in 1..=8 {
            let original = containers::strip(MediaType::Jpeg, &jpeg(&quarters(32, 16), orientation)).unwrap();
            let facts = containers::facts(MediaType::Jpeg, &original).unwrap();
            for turn in TURNS {
                let turned = edited(MediaType::Jpeg, &original, &facts, Edit::Turn(turn)).unwrap();
                let mut expected = seen(MediaType::Jpeg, &original);
                expected.apply_orientation(turn.orientation());
                assert_eq!(seen(MediaType::Jpeg, &turned), expected, "{orientation} {turn:?}");
                assert_eq!(containers::strip(MediaType::Jpeg, &turned).unwrap(), turned, "nothing besides");
            }
            let round = [Turn::Right; 4].into_iter().fold(original.clone(), |bytes, turn| {
                let facts = containers::facts(MediaType::Jpeg, &bytes).unwrap();
                edited(MediaType::Jpeg, &bytes, &facts, Edit::Turn(turn)).unwrap()
            });
            assert_eq!(round, original);
        }
    }

    #[test]
    fn what_loses_nothing_loses_nothing() {
        let part = Edit::Crop(Part { x: 3, y: 1, width: 9, height: 5 });
        for (kind, bytes) in samples() {
            let facts = containers::facts(kind, &bytes).unwrap();
            if facts.frames > 1 || kind == MediaType::Avif {
                continue;
            }
            for edit in TURNS.map(Edit::Turn).into_iter().chain([part]) {
                let expected = changed(
                    decode::decode(kind, &bytes, &facts, Extent::FirstFrame).unwrap().pixels,
                    &facts,
                    edit,
                );
                let out = edited(kind, &bytes, &facts, edit).unwrap();
                let becomes = if kind == MediaType::Gif { MediaType::Png } else { kind };
                let found = seen(becomes, &out);
                assert_eq!(
                    (found.width(), found.height()),
                    (expected.width(), expected.height()),
                    "{kind:?}"
                );
                let loses = kind == MediaType::Jpeg && edit == part;
                let lossy = kind == MediaType::WebP && !containers::is_lossless_webp(&bytes).unwrap();
                let (found, expected) = (found.into_rgba8(), expected.into_rgba8());
                let most = found.iter().zip(expected.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
                assert!(most == 0 || ((loses || lossy) && most < 60), "{kind:?} {edit:?}: {most}");
            }
        }
    }

    #[test]
    fn colours_that_cannot_be_seen_are_kept() {
        let clear =
            RgbaImage::from_fn(9, 5, |x, y| Rgba([x as u8 * 20, y as u8 * 40, 200, (x % 2) as u8 * 255]));
        let clear = DynamicImage::from(clear);
        for (kind, bytes) in [
            (MediaType::Png, encode::png(&clear, None).unwrap()),
            (MediaType::WebP, encode::best_webp(&clear, None, true).unwrap()),
        ] {
            assert_eq!(seen(kind, &bytes), clear, "{kind:?}");
            let facts = containers::facts(kind, &bytes).unwrap();
            let turned = edited(kind, &bytes, &facts, Edit::Turn(Turn::Right)).unwrap();
            assert_eq!(seen(kind, &turned), clear.rotate90(), "{kind:?}");
        }
    }

    #[test]
    fn depth_and_colours_of_a_png_are_kept() {
        let deep = ImageBuffer::<Luma<u16>, Vec<u16>>::from_fn(5, 4, |x, y| Luma([(x * 9_999 + y) as u16]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma16(deep.clone()).write_to(&mut bytes, ImageFormat::Png).unwrap();
        let bytes = bytes.into_inner();
        let facts = containers::facts(MediaType::Png, &bytes).unwrap();
        let turned = edited(MediaType::Png, &bytes, &facts, Edit::Turn(Turn::Right)).unwrap();
        let found = image::load_from_memory(&turned).unwrap();
        assert_eq!(found, DynamicImage::ImageLuma16(deep).rotate90());
        // Gamma and the like, which say what its colours mean.
        let plain = containers::strip(MediaType::Png, &png(&quarters(8, 6), 1)).unwrap();
        let gamma =
            [&[0, 0, 0, 4][..], b"gAMA", &45_455_u32.to_be_bytes(), &[0x0b, 0xfc, 0x61, 0x05]].concat();
        let with_gamma = [&plain[..33], &gamma, &plain[33..]].concat();
        let facts = containers::facts(MediaType::Png, &with_gamma).unwrap();
        let turned = edited(MediaType::Png, &with_gamma, &facts, Edit::Turn(Turn::Right)).unwrap();
        assert!(turned.windows(gamma.len()).any(|chunk| chunk == gamma));
    }

    #[test]
    fn a_part_lies_within_the_picture() {
        let image = Image { width: 10, height: 8, ..Image::example() };
        let is_of = |x, y, width, height| Part { x, y, width, height }.is_of(&image);
        assert!(is_of(0, 0, 10, 8) && is_of(9, 7, 1, 1));
        for (x, y, width, height) in
            [(0, 0, 0, 8), (0, 0, 10, 0), (1, 0, 10, 8), (0, 1, 10, 8), (10, 8, 1, 1), (u32::MAX, 0, 2, 1)]
        {
            assert!(!is_of(x, y, width, height), "{x} {y} {width} {height}");
        }
    }
}
