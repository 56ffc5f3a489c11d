//! Which bytes answer a request: the original or one of the variants.

use model::{
    rules::links::variant_size,
    types::{Image, MediaType, VariantFormat, VariantWidth},
};
use reflect_core::images::variants;

use super::address::{FormatWish, Wish};

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Choice {
    /// The variant, or the original.
    pub(super) variant: Option<(VariantWidth, VariantFormat)>,
    /// Whether another client may get something else at the same address.
    pub(super) varies: bool,
    /// Whether the address names these bytes for ever.
    pub(super) lasts: bool,
}

/// Without `w` and `f`: the original. With `w` alone the format is negotiated, as with `f=auto`, but never AVIF: that is
/// how the gallery asks for what is there from the upload on.
/// A still image that is no wider than `w` is sent as it is, where the format allows.
/// `accepts` says whether the client names a format.
pub(super) fn choose(image: &Image, wish: Wish, accepts: &impl Fn(MediaType) -> bool) -> Choice {
    let lasts = wish.lasts(image);
    let format = match (wish.width, wish.format) {
        (None, None) => return Choice { variant: None, varies: false, lasts },
        (Some(_), None) => FormatWish::Auto,
        (_, Some(format)) => format,
    };
    let large_enough = wish.width.is_none_or(|width| image.frames == 1 && width.pixels() >= image.width);
    let width = wish.width.unwrap_or_else(|| VariantWidth::at_least(image.width));
    let fits = variants::fits_avif(variant_size(image.width, image.height, width));
    let best = match wish.format {
        Some(FormatWish::Auto) if accepts(MediaType::Avif) && fits => VariantFormat::Avif,
        _ => second_best(image, accepts),
    };
    match format {
        FormatWish::Exactly(format) => {
            let original = large_enough && format.media_type() == image.media_type;
            Choice { variant: (!original).then_some((width, format)), varies: false, lasts }
        }
        FormatWish::Auto => {
            let original = large_enough && shows(image.media_type, accepts);
            Choice { variant: (!original).then_some((width, best)), varies: true, lasts }
        }
    }
}

/// What is sent until what was chosen is made, where nobody has to wait for that: for now, since it will be something
/// else.
pub(super) fn meanwhile(
    image: &Image,
    choice: Choice,
    accepts: &impl Fn(MediaType) -> bool,
) -> Option<Choice> {
    match choice.variant {
        Some((width, VariantFormat::Avif)) if choice.varies => {
            let variant = Some((width, second_best(image, accepts)));
            Some(Choice { variant, lasts: false, ..choice })
        }
        _ => None,
    }
}

/// Whether the client shows that format: the old ones everybody does.
fn shows(kind: MediaType, accepts: &impl Fn(MediaType) -> bool) -> bool {
    match kind {
        MediaType::Jpeg | MediaType::Png | MediaType::Gif => true,
        MediaType::WebP | MediaType::Avif => accepts(kind),
    }
}

/// What is made at once.
fn second_best(image: &Image, accepts: &impl Fn(MediaType) -> bool) -> VariantFormat {
    if shows(MediaType::WebP, accepts) {
        VariantFormat::WebP
    } else if image.media_type == MediaType::Jpeg {
        VariantFormat::Jpeg
    } else {
        // It may be transparent.
        VariantFormat::Png
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_headers::names;

    fn image(media_type: MediaType, width: u32, frames: u32) -> Image {
        Image { media_type, width, frames, ..Image::example() }
    }

    fn chosen(image: &Image, query: &str, accept: &'static str) -> Option<(u32, VariantFormat)> {
        let choice = choose(image, Wish::parse(query).unwrap(), &|kind| names(accept, kind.mime()));
        let negotiates = query.contains("auto") || (query.contains("w=") && !query.contains("f="));
        assert_eq!(choice.varies, negotiates);
        choice.variant.map(|(width, format)| (width.pixels(), format))
    }

    const BROWSER: &str = "image/avif,image/webp,*/*;q=0.8";

    #[test]
    fn the_client_decides_the_format_of_a_width() {
        use VariantFormat::{Jpeg, Png, WebP};
        let photo = image(MediaType::Jpeg, 4000, 1);
        assert_eq!(chosen(&photo, "", BROWSER), None);
        assert_eq!(chosen(&photo, "w=320", BROWSER), Some((320, WebP)));
        assert_eq!(chosen(&photo, "w=320", "*/*"), Some((320, Jpeg)));
        assert_eq!(chosen(&image(MediaType::Avif, 4000, 1), "w=320", "*/*"), Some((320, Png)));
        assert_eq!(chosen(&photo, "w=320&f=png", BROWSER), Some((320, Png)));
        assert_eq!(chosen(&photo, "f=webp", "*/*"), Some((2560, WebP)));
        assert_eq!(chosen(&image(MediaType::Jpeg, 600, 1), "f=webp", "*/*"), Some((640, WebP)));
    }

    #[test]
    fn avif_is_sent_to_who_takes_it_and_asks_for_the_best() {
        use VariantFormat::{Avif, Jpeg, Png, WebP};
        let photo = image(MediaType::Jpeg, 4000, 1);
        assert_eq!(chosen(&photo, "w=320&f=auto", BROWSER), Some((320, Avif)));
        assert_eq!(chosen(&photo, "w=320&f=auto", "image/webp"), Some((320, WebP)));
        assert_eq!(chosen(&photo, "w=320&f=auto", "image/avif;q=0, image/webp"), Some((320, WebP)));
        assert_eq!(chosen(&photo, "w=320&f=avif", "*/*"), Some((320, Avif)));
        assert_eq!(chosen(&photo, "w=320", BROWSER), Some((320, WebP)));
        for (accept, expected) in [(BROWSER, WebP), ("image/avif", Jpeg)] {
            let accepts = |kind: MediaType| names(accept, kind.mime());
            let of =
                |query| meanwhile(&photo, choose(&photo, Wish::parse(query).unwrap(), &accepts), &accepts);
            let found = of("w=320&f=auto").unwrap();
            assert_eq!(found.variant.map(|(width, format)| (width.pixels(), format)), Some((320, expected)));
            assert!(found.varies && !found.lasts);
            // Who asks for that alone waits.
            assert_eq!([of("w=320&f=avif"), of("w=320"), of("")], [None; 3]);
        }
        let drawing = image(MediaType::Png, 4000, 1);
        let accepts = |kind| kind == MediaType::Avif;
        let choice = choose(&drawing, Wish::parse("w=160&f=auto").unwrap(), &accepts);
        assert_eq!(meanwhile(&drawing, choice, &accepts).unwrap().variant.unwrap().1, Png);
    }

    #[test]
    fn what_would_take_seconds_in_avif_is_sent_in_another_format() {
        use VariantFormat::{Avif, WebP};
        let page = Image { height: 16_000, ..image(MediaType::Png, 2560, 1) };
        assert_eq!(chosen(&page, "w=2560&f=auto", "image/avif,image/webp"), None, "as it is");
        assert_eq!(chosen(&page, "w=1920&f=auto", BROWSER), Some((1920, WebP)));
        assert_eq!(chosen(&page, "w=640&f=auto", BROWSER), Some((640, Avif)));
    }

    #[test]
    fn what_is_small_enough_is_sent_as_it_is() {
        let icon = image(MediaType::Png, 64, 1);
        assert_eq!(chosen(&icon, "w=320", BROWSER), None);
        assert_eq!(chosen(&icon, "f=png", BROWSER), None);
        assert_eq!(chosen(&icon, "w=160&f=jpeg", BROWSER), Some((160, VariantFormat::Jpeg)));
        let modern = image(MediaType::Avif, 64, 1);
        assert_eq!(chosen(&modern, "f=auto", BROWSER), None);
        assert_eq!(chosen(&modern, "f=auto", "*/*"), Some((160, VariantFormat::Png)));
    }

    #[test]
    fn a_width_of_an_animation_is_a_still_picture() {
        let moving = image(MediaType::Gif, 64, 12);
        assert_eq!(chosen(&moving, "w=160", BROWSER), Some((160, VariantFormat::WebP)));
        assert_eq!(chosen(&moving, "f=auto", BROWSER), None);
    }
}
