//! What an image's address says.

use model::{
    Problem,
    types::{Image, MediaType, Slug, VariantFormat, VariantWidth},
};

/// What every image's path begins with.
pub(super) const ROOT: &str = "/i/";

/// `/i/{yyyy}/{mm}/{dd}/{slug}.{ext}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageAddress<'a> {
    date: &'a str,
    pub(super) slug: Slug,
    kind: MediaType,
}

impl<'a> ImageAddress<'a> {
    /// `None` for a path that no image can have.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(ROOT)?;
        let (date, file) = rest.rsplit_once('/')?;
        let (slug, extension) = file.split_once('.')?;
        Some(Self { date, slug: slug.parse().ok()?, kind: MediaType::from_extension(extension)? })
    }

    /// Whether the rest of the address is that image's too. One that was changed may have been of any kind, and its
    /// addresses from then go on being its own.
    pub(super) fn names(&self, image: &Image) -> bool {
        (self.kind == image.media_type || image.version > 1) && image.created_at.is_date_path(self.date)
    }
}

/// The format that `f` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatWish {
    /// The best that the client names.
    Auto,
    /// This one.
    Exactly(VariantFormat),
}

/// The query: `w`, `f` and `v`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) width: Option<VariantWidth>,
    pub(super) format: Option<FormatWish>,
    /// Which of the image's versions is meant. What is shown now is answered all the same.
    version: Option<u32>,
}

impl Wish {
    /// Other parameters, and a `v` that is no number, are ignored: people add their own against caches.
    pub(super) fn parse(query: &str) -> Result<Self, Problem> {
        let mut wish = Self::default();
        for pair in query.split('&') {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("w", value) => wish.width = Some(value.parse().map_err(|_| wrong("w", WIDTHS))?),
                ("f", value) => wish.format = Some(format(value).ok_or_else(|| wrong("f", FORMATS))?),
                ("v", value) => wish.version = value.parse().ok(),
                _ => {}
            }
        }
        Ok(wish)
    }

    /// Whether what is shown now is what the address will name for ever: a version that isn't shown yet, or isn't known
    /// here, or none where there are several, is another picture some other time.
    pub(super) fn lasts(&self, image: &Image) -> bool {
        self.version.unwrap_or(1) == image.version
    }
}

const WIDTHS: &str = "160, 320, 640, 1280, 1920 or 2560";
const FORMATS: &str = "auto, avif, webp, jpeg or png";

fn format(value: &str) -> Option<FormatWish> {
    Some(match value {
        "auto" => FormatWish::Auto,
        "avif" => FormatWish::Exactly(VariantFormat::Avif),
        "webp" => FormatWish::Exactly(VariantFormat::WebP),
        "jpeg" | "jpg" => FormatWish::Exactly(VariantFormat::Jpeg),
        "png" => FormatWish::Exactly(VariantFormat::Png),
        _ => return None,
    })
}

fn wrong(name: &str, expected: &str) -> Problem {
    Problem::InvalidParameter { name: name.into(), expected: expected.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_date_a_slug_and_a_format() {
        let address = ImageAddress::parse("/i/2026/11/21/abcDEF012345678.jpg").unwrap();
        assert_eq!(
            (address.date, address.slug.as_str(), address.kind),
            ("2026/11/21", "abcDEF012345678", MediaType::Jpeg)
        );
        for none in [
            "/i/",
            "/i/abcDEF012345678.jpg",
            "/i/2026/11/21/abcDEF012345678",
            "/i/2026/11/21/abcDEF012345678.exe",
            "/i/2026/11/21/short.jpg",
            "/i/2026/11/21/abcDEF012345678.jpg.png",
            "/i/2026/11/21/abcDEF01234567%38.jpg",
        ] {
            assert_eq!(ImageAddress::parse(none), None, "{none}");
        }
    }

    #[test]
    fn an_address_from_before_a_change_goes_on_naming_the_image() {
        let address = ImageAddress::parse("/i/2026/11/20/abcDEF012345678.png").unwrap();
        let image = Image::example();
        assert!(!address.names(&image), "it is a JPEG and always was");
        assert!(address.names(&Image { version: 2, ..image.clone() }));
        let elsewhere = ImageAddress::parse("/i/2026/11/21/abcDEF012345678.png").unwrap();
        assert!(!elsewhere.names(&Image { version: 2, ..image }));
    }

    #[test]
    fn only_the_version_that_is_shown_lasts() {
        let lasts =
            |query, version| Wish::parse(query).unwrap().lasts(&Image { version, ..Image::example() });
        for (query, version, expected) in [
            ("", 1, true),
            ("v=1", 1, true),
            ("v=x", 1, true),
            ("v=2", 1, false),
            ("", 2, false),
            ("v=2", 2, true),
            ("w=320&v=2", 2, true),
            ("v=1", 2, false),
            ("v=3", 2, false),
            ("v=x", 2, false),
        ] {
            assert_eq!(lasts(query, version), expected, "{query} of {version}");
        }
    }

    #[test]
    fn only_the_widths_and_formats_there_are_can_be_asked_for() {
        let wish = Wish::parse("w=320&f=webp&v=7").unwrap();
        assert_eq!(wish.width, Some(VariantWidth::THUMBNAIL));
        assert_eq!(wish.format, Some(FormatWish::Exactly(VariantFormat::WebP)));
        assert_eq!(Wish::parse("").unwrap(), Wish::default());
        for bad in ["w=321", "w=", "w", "w=-320", "w=320px"] {
            assert_eq!(Wish::parse(bad), Err(wrong("w", WIDTHS)), "{bad}");
        }
        for bad in ["f=bmp", "f", "f=WEBP", "f=AVIF"] {
            assert_eq!(Wish::parse(bad), Err(wrong("f", FORMATS)), "{bad}");
        }
    }
}
