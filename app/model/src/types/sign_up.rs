//! How accounts come to be.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ByteSize, EmailAddress, Label, Quota, Timestamp, Username, Within};

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpMode {
    /// Everybody.
    Open,
    /// Whoever has an invite.
    #[default]
    Invite,
    /// Nobody: whoever runs the server adds accounts there.
    Closed,
}

impl SignUpMode {
    /// The three, the most open first.
    pub const ALL: [Self; 3] = [Self::Open, Self::Invite, Self::Closed];

    /// Its name in settings and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

/// The text names no [`SignUpMode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignUpMode;

impl fmt::Display for InvalidSignUpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("open, invite or closed")
    }
}

impl std::error::Error for InvalidSignUpMode {}

impl FromStr for SignUpMode {
    type Err = InvalidSignUpMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(InvalidSignUpMode)
    }
}

/// The key of an invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InviteId(pub Uuid);

/// Days that an invite is good for.
pub type InviteDays = Within<1, 90>;

/// An invite that is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteTerms {
    /// Whom it is for, to tell it from others.
    pub note: Option<Label>,
    /// Space of the account, if not what new accounts have.
    pub quota: Option<Quota>,
    /// Days that it is good for.
    pub days: InviteDays,
    /// Where it is mailed.
    pub mail_to: Option<EmailAddress>,
}

impl InviteTerms {
    /// Days of an invite whose maker says nothing of them.
    pub const USUAL_DAYS: InviteDays = Within::nearest(7);
}

/// An invite that nobody has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Key.
    pub id: InviteId,
    /// Whom it is for.
    pub note: Option<String>,
    /// Space of the account, if not what new accounts have.
    pub quota: Option<ByteSize>,
    /// Who made it, unless they are gone.
    pub invited_by: Option<Username>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_by_their_names() {
        for mode in SignUpMode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
        assert_eq!("OPEN".parse::<SignUpMode>(), Err(InvalidSignUpMode));
    }
}
