//! Links by which people without an account put images into somebody's album.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AlbumName, ByteSize, Line, SizeWithin, Slug, Timestamp, Username, Within};

/// The key of a guest link, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuestLinkId(pub Uuid);

impl fmt::Display for GuestLinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for GuestLinkId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What its owner calls a guest link. Guests aren't told.
pub type GuestLinkName = Line<100>;
/// How many images may come by one, where that has an end.
pub type GuestImages = Within<1, 100_000>;
/// How many bytes may, up to 1024 TiB.
pub type GuestBytes = SizeWithin<1, { 1 << 50 }>;

/// A guest link, as the album's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestLink {
    /// Key.
    pub id: GuestLinkId,
    /// The secret in its address.
    pub slug: Slug,
    /// What they call it.
    pub name: GuestLinkName,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it takes nothing.
    pub expires_at: Option<Timestamp>,
    /// Images that it takes, at most.
    pub max_images: Option<u32>,
    /// Bytes that these may have together.
    pub max_bytes: Option<ByteSize>,
    /// Images that came by it, whatever has become of them.
    pub images: u32,
    /// Their bytes.
    pub bytes: ByteSize,
}

/// A guest link that is to be made, as it was typed. What isn't there, or is empty, has no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuestLinkDraft {
    /// What it is called.
    pub name: String,
    /// From when on it takes nothing, in RFC 3339.
    pub expires_at: Option<String>,
    /// Images, at most.
    pub max_images: Option<String>,
    /// Their bytes, at most: `104857600`, `100 MiB`.
    pub max_bytes: Option<String>,
}

/// What a guest sees of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestDoor {
    /// The album that images go into.
    pub album: AlbumName,
    /// Whose it is.
    pub owner: Username,
    /// From when on it takes nothing.
    pub expires_at: Option<Timestamp>,
    /// Bytes of one image, at most.
    pub max_upload: ByteSize,
    /// Images, at most.
    pub max_images: Option<u32>,
    /// How many of them may still come.
    pub images_left: Option<u32>,
    /// Bytes of all images, at most.
    pub max_bytes: Option<ByteSize>,
    /// How many of them may still come.
    pub bytes_left: Option<ByteSize>,
}

impl GuestDoor {
    /// Whether there is no room for anything more.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.images_left == Some(0) || self.bytes_left == Some(ByteSize(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_has_no_limits_but_those_that_are_typed() {
        let draft: GuestLinkDraft = serde_json::from_str(r#"{"name":"Guests"}"#).unwrap();
        assert_eq!(draft, GuestLinkDraft { name: "Guests".into(), ..GuestLinkDraft::default() });
        assert!(serde_json::from_str::<GuestLinkDraft>(r#"{"name":"a","max_image":"1"}"#).is_err());
    }

    #[test]
    fn a_limit_is_one_of_those_there_are() {
        assert!("0".parse::<GuestImages>().is_err() && "100001".parse::<GuestImages>().is_err());
        assert_eq!("100 MiB".parse::<GuestBytes>().unwrap().size(), ByteSize::mib(100));
        assert!("0".parse::<GuestBytes>().is_err() && "1025 TiB".parse::<GuestBytes>().is_err());
    }
}
