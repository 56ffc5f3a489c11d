//! Tokens with which programs call the API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ByteSize, Label, Timestamp, UploadLimit, Within,
    audit::{UnknownName, named},
};

/// The key of a token, a UUIDv7. Opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

/// Days that a token is good for.
pub type TokenDays = Within<1, 3650>;
/// Requests that a token is good for in a minute.
pub type RequestsPerMinute = Within<1, 60_000>;

impl RequestsPerMinute {
    /// What a token has unless its owner says otherwise: a folder full of pictures passes, and a script that
    /// went wild is noticed.
    pub const USUAL: Self = Self::nearest(6000);
}

named! {
    /// A part of the API that a token may open. Whose token it is, it tells in any case.
    Scope {
        /// Images may come.
        Upload = "upload",
        /// Images may be listed, with their links.
        Read = "read",
        /// What is said of images may be changed.
        Edit = "edit",
        /// Images may go into the bin.
        Delete = "delete",
        /// Administration, if the owner administers.
        Admin = "admin",
    }
}

impl Scope {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Several scopes, in no order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(u8);

impl Scopes {
    /// All that concerns images.
    pub const IMAGES: Self =
        Self(Scope::Upload.bit() | Scope::Read.bit() | Scope::Edit.bit() | Scope::Delete.bit());

    /// Whether `scope` is one of them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, as [`Scope::ALL`] has them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

/// What a token opens, and for how long: something, and administration not for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    scopes: Scopes,
    days: Option<TokenDays>,
}

/// Why there is no such [`Reach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidReach {
    /// It opens nothing.
    Nothing,
    /// It opens administration for too long.
    AdminForTooLong,
}

impl fmt::Display for InvalidReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("at least one scope"),
            Self::AdminForTooLong => {
                write!(f, "1 to {} days for a token that administers", Reach::MOST_ADMIN_DAYS)
            }
        }
    }
}

impl std::error::Error for InvalidReach {}

impl Reach {
    /// Days for which a token may open administration, at most.
    pub const MOST_ADMIN_DAYS: u32 = 90;

    /// `scopes` for so many `days`, or until the token is revoked.
    ///
    /// # Errors
    /// See [`InvalidReach`].
    pub fn new(scopes: Scopes, days: Option<TokenDays>) -> Result<Self, InvalidReach> {
        if scopes.is_empty() {
            Err(InvalidReach::Nothing)
        } else if scopes.has(Scope::Admin) && days.is_none_or(|days| days.get() > Self::MOST_ADMIN_DAYS) {
            Err(InvalidReach::AdminForTooLong)
        } else {
            Ok(Self { scopes, days })
        }
    }

    /// What it opens.
    #[must_use]
    pub const fn scopes(self) -> Scopes {
        self.scopes
    }

    /// For how long, if not until it is revoked.
    #[must_use]
    pub const fn days(self) -> Option<TokenDays> {
        self.days
    }
}

/// What a token is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTerms {
    /// What it is for.
    pub name: Label,
    /// What it opens, and for how long.
    pub reach: Reach,
    /// How often it may be used.
    pub requests_per_minute: RequestsPerMinute,
    /// Bytes of one file, where that is less than the instance takes.
    pub max_upload: Option<UploadLimit>,
}

/// A token in the list of its owner's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Key.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it opens.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// Whether it has.
    pub expired: bool,
    /// The last use, to a minute.
    pub last_used_at: Option<Timestamp>,
    /// The network of that use: an IPv4 /24 or IPv6 /48.
    pub network: Option<String>,
    /// The program of that use: "Firefox on Linux", "PicGo".
    pub agent: Option<String>,
    /// How often it may be used.
    pub requests_per_minute: RequestsPerMinute,
    /// Bytes of one file, where that is less than the instance takes.
    pub max_upload: Option<ByteSize>,
}

/// A token that was made just now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMade {
    /// Key.
    pub id: TokenId,
    /// The token itself, told this once.
    pub token: String,
}

impl fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMade").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn days(days: u32) -> Option<TokenDays> {
        Some(TokenDays::nearest(days))
    }

    #[test]
    fn administration_is_open_for_ninety_days_at_most() {
        let admin: Scopes = [Scope::Admin, Scope::Read].into_iter().collect();
        assert!(Reach::new(admin, days(90)).is_ok());
        for too_long in [days(91), None] {
            assert_eq!(Reach::new(admin, too_long), Err(InvalidReach::AdminForTooLong));
        }
        assert!(Reach::new(Scopes::IMAGES, None).is_ok());
        assert_eq!(Reach::new(Scopes::default(), days(1)), Err(InvalidReach::Nothing));
        assert!(!Scopes::IMAGES.has(Scope::Admin));
    }

    #[test]
    fn what_was_made_does_not_show_in_debug() {
        let made = TokenMade { id: TokenId(Uuid::nil()), token: "rfl_secret".into() };
        assert!(!format!("{made:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn scopes_are_a_set(picks in proptest::collection::vec(0..Scope::ALL.len(), 0..9)) {
            let picked: Vec<Scope> = picks.into_iter().map(|pick| Scope::ALL[pick]).collect();
            let scopes: Scopes = picked.iter().copied().collect();
            for scope in Scope::ALL {
                prop_assert_eq!(scopes.has(*scope), picked.contains(scope));
            }
            let json = serde_json::to_string(&scopes).unwrap();
            prop_assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
        }
    }
}
