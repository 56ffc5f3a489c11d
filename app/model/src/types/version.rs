//! What an image was before, and what becomes of its picture.

use serde::{Deserialize, Serialize};

use super::{ByteSize, MediaType, Timestamp};

/// Earlier versions that are kept of an image; of more the oldest go.
pub const MOST_VERSIONS: u32 = 20;

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// It is the first.
    Uploaded,
    /// Another file took its place.
    Replaced,
    /// It was turned.
    Rotated,
    /// It was mirrored.
    Flipped,
    /// A part of it was cut out.
    Cropped,
    /// An earlier one was taken back.
    Restored,
}

impl Made {
    /// The name in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Replaced => "replaced",
            Self::Rotated => "rotated",
            Self::Flipped => "flipped",
            Self::Cropped => "cropped",
            Self::Restored => "restored",
        }
    }

    /// The one with this [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Uploaded, Self::Replaced, Self::Rotated, Self::Flipped, Self::Cropped, Self::Restored]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// One of an image's versions. `width` and `height` are as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageVersion {
    /// Which; numbers aren't used again.
    pub number: u32,
    /// How it came to be.
    pub made: Made,
    /// When.
    pub made_at: Timestamp,
    /// What the bytes are.
    pub media_type: MediaType,
    /// Bytes stored, which count towards the quota.
    pub byte_size: ByteSize,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Frames; 1 unless animated.
    pub frames: u32,
}

/// Along which line a picture is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// Left and right change places.
    Horizontal,
    /// Top and bottom do.
    Vertical,
}

/// A part of a picture, in pixels as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// What becomes of a picture, as it was asked for: one of the first three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageEdit {
    /// Degrees, clockwise: 90, 180 or 270.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate: Option<i32>,
    /// It is mirrored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
    /// The rest goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<Area>,
    /// The version that is meant. Of another one it isn't done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for one in
            [Made::Uploaded, Made::Replaced, Made::Rotated, Made::Flipped, Made::Cropped, Made::Restored]
        {
            assert_eq!(Made::from_name(one.name()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.name());
        }
        assert_eq!(Made::from_name("drawn"), None);
    }
}
