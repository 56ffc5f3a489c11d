//! Albums as both sides see them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Description, Image, ImageId, Line, Slug, Timestamp, image_details::named};

/// The key of an album, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlbumId(pub Uuid);

impl fmt::Display for AlbumId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AlbumId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What an album is called.
pub type AlbumName = Line<100>;

/// An album, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// Key.
    pub id: AlbumId,
    /// What it is called.
    pub name: AlbumName,
    /// What there is to say about it.
    pub description: Option<Description>,
    /// The one that it lies in; that lies in none.
    pub parent: Option<AlbumId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Images in it, without those in the bin.
    pub count: u32,
    /// What stands for it: the image that its owner chose, or the first one.
    pub cover: Option<Image>,
    /// Its page for others, if there is one.
    pub share: Option<AlbumShare>,
}

/// An album's page for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbumShare {
    /// The name in its address.
    pub slug: Slug,
    /// Whether one has to know a password.
    pub has_password: bool,
    /// From when on nobody sees it.
    pub expires_at: Option<Timestamp>,
}

/// The password of an album's page: 1 to 100 characters on one line. Redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct AlbumPassword(Line<100>);

impl AlbumPassword {
    /// Characters, at most.
    pub const MAX_CHARS: usize = Line::<100>::MAX_CHARS;

    /// Its bytes.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.0.as_str().as_bytes()
    }
}

impl FromStr for AlbumPassword {
    type Err = <Line<100> as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for AlbumPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlbumPassword(****)")
    }
}

/// An album that is to be made, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlbumDraft {
    /// What it is called.
    pub name: String,
    /// What there is to say about it.
    #[serde(default)]
    pub description: Option<String>,
    /// The one that it is to lie in.
    #[serde(default)]
    pub parent: Option<AlbumId>,
}

/// What becomes of an album, as it was typed: what isn't named stays, what is `null` or empty goes (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlbumChange {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub name: Option<String>,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub description: Option<Option<String>>,
    /// The one that it is to lie in, or none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub parent: Option<Option<AlbumId>>,
    /// The one that it is to stand before; the last place.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub before: Option<Option<AlbumId>>,
    /// The image in it that is to stand for it; the first one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub cover: Option<Option<ImageId>>,
    /// Its page for others; none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub share: Option<Option<ShareChange>>,
}

/// What becomes of an album's page for others, as it was typed. `Debug` doesn't tell the password.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShareChange {
    /// What whoever looks has to know.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub password: Option<Option<String>>,
    /// From when on nobody sees it, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub expires_at: Option<Option<String>>,
}

impl fmt::Debug for ShareChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShareChange").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_null_is_told_from_what_is_not_named() {
        let change: AlbumChange = serde_json::from_str(r#"{"description":null,"cover":null}"#).unwrap();
        assert_eq!((change.description.clone(), change.cover, change.parent), (Some(None), Some(None), None));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"description":null,"cover":null}"#);
        for bad in [r#"{"nam":"a"}"#, r#"{"name":null}"#, r#"{"parent":"x"}"#] {
            assert!(serde_json::from_str::<AlbumChange>(bad).is_err(), "{bad}");
        }
    }
}
