//! Where a person is signed in, and may sign in without a code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

/// The key of a trusted device, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub Uuid);

/// Names a session to its owner: the beginning of the hash of its id, which opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionHandle(pub Uuid);

/// What somebody calls a device: 1 to 64 printable characters, without white space around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// The text is no [`Label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLabel;

impl fmt::Display for InvalidLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1 to 64 characters")
    }
}

impl std::error::Error for InvalidLabel {}

impl Label {
    /// Characters, at most.
    pub const MAX_CHARS: usize = 64;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = (1..=Self::MAX_CHARS).contains(&text.chars().count());
        if fits && !text.contains(char::is_control) { Ok(Self(text.to_owned())) } else { Err(InvalidLabel) }
    }
}

impl TryFrom<String> for Label {
    type Error = InvalidLabel;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

/// A device on which its owner signs in without a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDevice {
    /// Key.
    pub id: DeviceId,
    /// "Firefox on Linux", or what its owner calls it.
    pub name: String,
    /// The address of the last use.
    pub address: String,
    /// When it was trusted.
    pub created_at: Timestamp,
    /// The last sign-in with it.
    pub last_used_at: Timestamp,
    /// When the trust ends.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A session of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Names it.
    pub id: SessionHandle,
    /// "Firefox on Linux".
    pub agent: String,
    /// Where it was opened or last confirmed.
    pub address: String,
    /// The trusted device by which it was opened.
    pub device: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The last use, to a minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Somebody whom the instance knows, although they aren't signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownVisitor {
    /// Their name.
    pub name: super::Username,
    /// Whether they may go on without a code. If not, their session has moved to another network,
    /// and a code shows that it is still they who use it.
    pub trusted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_short_and_printable() {
        assert_eq!(" Ada's phone ".parse::<Label>().unwrap().as_str(), "Ada's phone");
        assert!("机".repeat(64).parse::<Label>().is_ok());
        for bad in ["", "   ", &"x".repeat(65), "a\nb"] {
            assert_eq!(bad.parse::<Label>(), Err(InvalidLabel), "{bad:?}");
        }
    }
}
