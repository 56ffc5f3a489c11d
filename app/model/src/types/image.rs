//! Images as both sides see them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ByteSize, MediaType, Slug, Timestamp};
use crate::Problem;

/// The key of an image, a UUIDv7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub Uuid);

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ImageId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// An opaque sRGB colour, `#rrggbb`: what fills a picture's box before it has loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Color(pub [u8; 3]);

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

/// A stored image. `width` and `height` are as shown, EXIF orientation applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The key.
    pub id: ImageId,
    /// The name in addresses.
    pub slug: Slug,
    /// The file's name, without folders or control characters.
    pub filename: String,
    /// What stands for it where it can't be seen; see [`crate::rules::alternative`].
    pub alt: String,
    /// What the bytes are.
    pub media_type: MediaType,
    /// Bytes stored.
    pub byte_size: ByteSize,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Frames; 1 unless animated.
    pub frames: u32,
    /// The average colour, for programs. Pages have [`Self::preview`] instead, and what they are sent needn't be read.
    #[serde(skip_deserializing)]
    pub color: Color,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// Which of its versions this is, the first being 1. Answers that were kept from before there were any don't say.
    #[serde(default = "first_version")]
    pub version: u32,
    /// The address of a tiny picture of it, a `data:` URI, for pages to show until it has loaded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preview: String,
    /// Its ThumbHash in Base64, for programs; empty where nobody has looked at it.
    #[serde(skip)]
    pub thumbhash: String,
}

const fn first_version() -> u32 {
    1
}

#[cfg(any(test, feature = "testing"))]
impl Image {
    /// A photo, for tests to change as they need it.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "an example for tests")]
    pub fn example() -> Self {
        Self {
            id: ImageId(Uuid::nil()),
            slug: "abcDEF012345678".parse().unwrap(),
            filename: "cat.jpg".into(),
            alt: "cat".into(),
            media_type: MediaType::Jpeg,
            byte_size: ByteSize(90),
            width: 4000,
            height: 3000,
            frames: 1,
            color: Color([1, 2, 3]),
            created_at: Timestamp::from_rfc3339("2026-11-20T09:30:00Z".into()),
            version: 1,
            preview: String::new(),
            thumbhash: String::new(),
        }
    }
}

/// An image in the bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinnedImage {
    /// The image.
    pub image: Image,
    /// When it was put there.
    pub deleted_at: Timestamp,
    /// When its bytes go.
    pub purge_at: Timestamp,
}

/// One file of an upload that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadFailure {
    /// The name the file was sent with.
    pub filename: String,
    /// Why.
    pub problem: Problem,
}

/// What became of each file of one upload, in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadReport {
    /// The files that are stored, durably.
    pub images: Vec<Image>,
    /// The files that are not.
    pub failures: Vec<UploadFailure>,
}
