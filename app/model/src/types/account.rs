//! People.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ByteSize;

/// The key of a user, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub Uuid);

impl FromStr for UserId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name one signs in with: 1 to 32 letters, digits, `.`, `_` or `-`, of any script,
/// beginning with a letter or digit. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// Why a text is not a [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidUsername {
    /// Nothing but white space.
    Empty,
    /// More than [`Username::MAX_CHARS`] characters.
    TooLong,
    /// A character that names can't have, or the wrong one first.
    Character,
}

impl fmt::Display for InvalidUsername {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "type a name",
            Self::TooLong => "a name has at most 32 characters",
            Self::Character => {
                "a name has letters, digits, '.', '_' and '-', and begins with a letter or digit"
            }
        })
    }
}

impl std::error::Error for InvalidUsername {}

impl Username {
    /// Characters in a name, at most.
    pub const MAX_CHARS: usize = 32;

    /// The name as it was chosen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which names are compared: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidUsername::Empty);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidUsername::TooLong);
        }
        let first = text.chars().next().is_some_and(is_alphanumeric);
        if !first || !text.chars().all(|c| is_alphanumeric(c) || matches!(c, '.' | '_' | '-')) {
            return Err(InvalidUsername::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A letter or digit of any script. In a browser whatever isn't ASCII passes for one: Unicode's tables would be
/// a hundredth of the first download, and the server judges each name that a browser sends.
fn is_alphanumeric(c: char) -> bool {
    if cfg!(target_arch = "wasm32") {
        c.is_ascii_alphanumeric() || !c.is_ascii()
    } else {
        c.is_alphanumeric()
    }
}

impl TryFrom<String> for Username {
    type Error = InvalidUsername;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address that looks like mail could reach it: `local@domain`, at most 254 bytes (RFC 5321
/// §4.5.3.1.3), no white space. Whether it does is told by a code sent there, not by a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEmail;

impl fmt::Display for InvalidEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an e-mail address looks like name@example.org")
    }
}

impl std::error::Error for InvalidEmail {}

impl EmailAddress {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        match text.rsplit_once('@') {
            Some((local, domain))
                if plain
                    && !local.is_empty()
                    && local.len() <= 64
                    && !domain.is_empty()
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
                    && !domain.contains("..") =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidEmail),
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// How much of a person's space is taken. The bin counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Bytes taken.
    pub used: ByteSize,
    /// Bytes allowed.
    pub quota: ByteSize,
    /// Images, the bin not counted.
    pub images: i64,
}

impl Usage {
    /// Bytes that can still be stored.
    #[must_use]
    pub const fn free(&self) -> ByteSize {
        ByteSize(self.quota.0.saturating_sub(self.used.0))
    }
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The key.
    pub id: UserId,
    /// The name.
    pub name: Username,
    /// The mail address, if given.
    pub email: Option<EmailAddress>,
    /// Whether a code that was mailed there has come back.
    pub email_verified: bool,
    /// Whether administration is open to them.
    pub is_admin: bool,
    /// Their space.
    pub usage: Usage,
    /// Recovery codes not yet used.
    pub recovery_codes_left: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_taken_and_trimmed() {
        for good in ["ada", " ada ", "Ada.Lovelace", "李雷", "a-b_c.9", "Ünal"] {
            assert!(good.parse::<Username>().is_ok(), "{good}");
        }
        assert_eq!("  ".parse::<Username>(), Err(InvalidUsername::Empty));
        assert_eq!("a".repeat(33).parse::<Username>(), Err(InvalidUsername::TooLong));
        for bad in ["a b", ".a", "a/b", "a\u{202e}b", "<b>"] {
            assert_eq!(bad.parse::<Username>(), Err(InvalidUsername::Character), "{bad}");
        }
    }

    #[test]
    fn names_fold_case() {
        let name: Username = "ÄDA".parse().unwrap();
        assert_eq!(name.folded(), "äda");
    }

    #[test]
    fn addresses_need_both_halves() {
        assert!("a@b.example".parse::<EmailAddress>().is_ok());
        for bad in ["", "a", "@b", "a@", "a b@c", "a@.c", "a@c.", "a@b\n.c"] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(InvalidEmail), "{bad}");
        }
    }
}
