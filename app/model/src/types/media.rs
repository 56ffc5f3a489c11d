//! What kinds of images there are, and which renditions of them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An image format that reflect keeps and serves, told from the bytes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// `image/jpeg`
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// `image/png`
    #[serde(rename = "image/png")]
    Png,
    /// `image/gif`
    #[serde(rename = "image/gif")]
    Gif,
    /// `image/webp`
    #[serde(rename = "image/webp")]
    WebP,
    /// `image/avif`
    #[serde(rename = "image/avif")]
    Avif,
}

impl MediaType {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP, Self::Avif];

    /// The media type as in `Content-Type`.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// The file extension used in addresses, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
        }
    }

    /// The format that has this media type.
    #[must_use]
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    /// The format that has this extension (`jpeg` too).
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        if extension == "jpeg" {
            return Some(Self::Jpeg);
        }
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }
}

/// A width that variants are made in; no other is, so that nobody can fill the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct VariantWidth(u32);

impl VariantWidth {
    /// Every width, in pixels, ascending.
    pub const ALL: [Self; 6] = [Self(160), Self(320), Self(640), Self(1280), Self(1920), Self(2560)];
    /// What link thumbnails use.
    pub const THUMBNAIL: Self = Self(320);
    /// What the gallery uses on dense screens.
    pub const GALLERY: Self = Self(640);

    /// The width in pixels.
    #[must_use]
    pub const fn pixels(self) -> u32 {
        self.0
    }

    /// The smallest width that is at least `pixels`, or the largest there is.
    #[must_use]
    pub fn at_least(pixels: u32) -> Self {
        Self::ALL.into_iter().find(|w| w.0 >= pixels).unwrap_or(Self(2560))
    }
}

impl TryFrom<u32> for VariantWidth {
    type Error = &'static str;

    fn try_from(pixels: u32) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|w| w.0 == pixels).ok_or("w must be 160, 320, 640, 1280, 1920 or 2560")
    }
}

impl From<VariantWidth> for u32 {
    fn from(width: VariantWidth) -> Self {
        width.0
    }
}

impl FromStr for VariantWidth {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<u32>().unwrap_or(0).try_into()
    }
}

/// A format that variants are made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VariantFormat {
    /// AVIF, the fewest bytes, which takes long to make.
    Avif,
    /// Lossy WebP, what every current browser takes.
    WebP,
    /// Baseline JPEG on white, for the few that don't and for mail.
    Jpeg,
    /// PNG, for those who need it lossless with transparency.
    Png,
}

impl VariantFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Avif, Self::WebP, Self::Jpeg, Self::Png];

    /// The media type of the variant's bytes.
    #[must_use]
    pub const fn media_type(self) -> MediaType {
        match self {
            Self::Avif => MediaType::Avif,
            Self::WebP => MediaType::WebP,
            Self::Jpeg => MediaType::Jpeg,
            Self::Png => MediaType::Png,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mime_and_extension_lead_back_to_the_format() {
        for kind in MediaType::ALL {
            assert_eq!(MediaType::from_mime(kind.mime()), Some(kind));
            assert_eq!(MediaType::from_extension(kind.extension()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.mime()));
        }
        assert_eq!(MediaType::from_extension("jpeg"), Some(MediaType::Jpeg));
        assert_eq!(MediaType::from_extension("svg"), None);
    }

    #[test]
    fn only_the_listed_widths_exist() {
        assert_eq!("320".parse::<VariantWidth>().map(VariantWidth::pixels), Ok(320));
        for bad in ["", "0", "321", "-160", "99999999999"] {
            assert!(bad.parse::<VariantWidth>().is_err(), "{bad}");
        }
        assert_eq!(VariantWidth::at_least(161).pixels(), 320);
        assert_eq!(VariantWidth::at_least(9000).pixels(), 2560);
    }
}
