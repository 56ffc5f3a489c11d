//! Tags as both sides see them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Line,
    audit::{UnknownName, named},
    image_details,
};

/// The key of a tag, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagId(pub Uuid);

impl fmt::Display for TagId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a tag is called.
pub type TagName = Line<50>;

named! {
    /// What a tag is drawn with. Each has enough contrast to its text, in light and dark.
    TagColor {
        /// No colour.
        Grey = "grey",
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Green.
        Green = "green",
        /// Blue.
        Blue = "blue",
        /// Purple.
        Purple = "purple",
    }
}

/// A tag with how many images have it, without those in the bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Key.
    pub id: TagId,
    /// What it is called.
    pub name: TagName,
    /// What it is drawn with.
    pub color: TagColor,
    /// Images.
    pub count: u32,
}

/// A tag there is, for a field that offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownTag {
    /// What it is called.
    pub name: TagName,
    /// What it is drawn with.
    pub color: TagColor,
}

/// What becomes of a tag, as it was typed: what isn't named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagChange {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "image_details::named")]
    pub name: Option<String>,
    /// What it is drawn with.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "image_details::named")]
    pub color: Option<TagColor>,
    /// Whether it may become one with the tag that has this name.
    pub merge: bool,
}
