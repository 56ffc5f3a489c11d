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

    /// Whether the rest of the address is that image's too.
    pub(super) fn names(&self, image: &Image) -> bool {
        self.kind == image.media_type && image.created_at.is_date_path(self.date)
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

/// The query: `w` and `f`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) width: Option<VariantWidth>,
    pub(super) format: Option<FormatWish>,
}

impl Wish {
    /// Parameters other than `w` and `f` are ignored: people add their own against caches.
    pub(super) fn parse(query: &str) -> Result<Self, Problem> {
        let mut wish = Self::default();
        for pair in query.split('&') {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("w", value) => wish.width = Some(value.parse().map_err(|_| wrong("w", WIDTHS))?),
                ("f", value) => wish.format = Some(format(value).ok_or_else(|| wrong("f", FORMATS))?),
                _ => {}
            }
        }
        Ok(wish)
    }
}

const WIDTHS: &str = "160, 320, 640, 1280, 1920 or 2560";
const FORMATS: &str = "auto, webp, jpeg or png";

fn format(value: &str) -> Option<FormatWish> {
    Some(match value {
        "auto" => FormatWish::Auto,
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
    fn only_the_widths_and_formats_there_are_can_be_asked_for() {
        let wish = Wish::parse("w=320&f=webp&v=7").unwrap();
        assert_eq!(wish.width, Some(VariantWidth::THUMBNAIL));
        assert_eq!(wish.format, Some(FormatWish::Exactly(VariantFormat::WebP)));
        assert_eq!(Wish::parse("").unwrap(), Wish::default());
        for bad in ["w=321", "w=", "w", "w=-320", "w=320px"] {
            assert_eq!(Wish::parse(bad), Err(wrong("w", WIDTHS)), "{bad}");
        }
        for bad in ["f=bmp", "f", "f=WEBP", "f=avif"] {
            assert_eq!(Wish::parse(bad), Err(wrong("f", FORMATS)), "{bad}");
        }
    }
}
