//! Signing in with an OpenID Connect provider.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// What came of going to the provider. The page that follows has it in its address, as
/// `?provider={outcome}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderOutcome {
    /// The identity signs in from now on.
    Linked,
    /// The person or the provider said no.
    Denied,
    /// It took too long, or wasn't begun in this browser.
    Expired,
    /// The provider doesn't work, or isn't set up rightly.
    Failed,
    /// No account is linked to the identity.
    Unlinked,
    /// The identity is linked to another account.
    Taken,
    /// The account is suspended.
    Suspended,
}

/// The text is no [`ProviderOutcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidProviderOutcome;

impl ProviderOutcome {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Linked,
        Self::Denied,
        Self::Expired,
        Self::Failed,
        Self::Unlinked,
        Self::Taken,
        Self::Suspended,
    ];

    /// As an address has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Unlinked => "unlinked",
            Self::Taken => "taken",
            Self::Suspended => "suspended",
        }
    }
}

impl FromStr for ProviderOutcome {
    type Err = InvalidProviderOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or(InvalidProviderOutcome)
    }
}

/// An identity by which somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// By what its owner knows it: a mail address or a name.
    pub label: String,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// The last sign-in with it.
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_from_what_they_are_written_as() {
        for outcome in ProviderOutcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        assert_eq!("".parse::<ProviderOutcome>(), Err(InvalidProviderOutcome));
    }
}
