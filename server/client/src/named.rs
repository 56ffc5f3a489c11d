//! What images are called on the command line.

use std::{fmt, str::FromStr};

use model::types::{ImageId, Slug};

/// An image, by its key, its slug, or any of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Id(ImageId),
    Slug(Slug),
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Slug(slug) => slug.fmt(f),
        }
    }
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        // The page, `/p/slug`, and the bytes, `/i/2026/11/20/slug.jpg?w=320`, end in the slug.
        let path = text.split(['?', '#']).next().unwrap_or(text);
        let last = path.rsplit('/').next().unwrap_or(path);
        let slug = last.split('.').next().unwrap_or(last);
        slug.parse().map(Self::Slug).map_err(|_| "it is no image's id, slug or address")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_many_names() {
        let slug = Named::Slug("abcDEF012345678".parse().unwrap());
        for text in [
            "abcDEF012345678",
            "https://pictures.example/p/abcDEF012345678",
            "https://img.example/i/2026/11/20/abcDEF012345678.jpg",
            "https://img.example/i/2026/11/20/abcDEF012345678.jpg?w=320&f=webp#x",
            "/p/abcDEF012345678",
        ] {
            assert_eq!(text.parse::<Named>().as_ref(), Ok(&slug), "{text}");
        }
        let id = "019aa000-0000-7000-8000-000000000000";
        assert_eq!(id.parse::<Named>(), Ok(Named::Id(id.parse().unwrap())));
    }

    #[test]
    fn what_names_none_is_refused() {
        for text in ["", "cat.jpg", "https://pictures.example/p/", "https://pictures.example/"] {
            assert!(text.parse::<Named>().is_err(), "{text}");
        }
    }
}
