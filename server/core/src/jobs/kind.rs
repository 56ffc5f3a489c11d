//! What there is to do.

use std::{fmt, str::FromStr};

use model::types::UserId;
use time::Duration;
use uuid::Uuid;

/// What is done again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chore {
    /// Deletes sessions, enrolments, codes and tries of sign-in that are over.
    EndSessions,
    /// Answers requests for a way back whose process died before it did.
    AnswerResets,
    /// Answers requests for a mailed code whose process died before it did.
    AnswerMailedCodes,
    /// Tells of accounts that ask for two codes.
    TellStepUps,
    /// Deletes challenges that nobody can answer any more.
    EndChallenges,
    /// Moves images whose time is over to the bin.
    BinLapsed,
    /// Deletes what has been in the bin for 7 days.
    EmptyBin,
    /// Finds what images look like that came before reflect knew to look.
    LookAtImages,
    /// Deletes variants that the budget has no room for.
    ShrinkVariants,
    /// Forgets old tries at albums' passwords.
    ForgetAlbumTries,
    /// Forgets the addresses of guests.
    ForgetGuests,
    /// Forgets the idempotency keys of uploads.
    ForgetUploadKeys,
    /// Deletes uploads in pieces that nobody went on with for a day.
    ForgetUploads,
    /// Forgets days of views that nobody is shown any more.
    ForgetViews,
    /// Forgets what alerts have told long ago.
    ForgetAlerts,
    /// Reminds people of authenticators that have become old.
    RemindOfSecrets,
    /// Deletes mails that were sent long ago.
    EmptyOutbox,
}

impl Chore {
    /// All of them, in the order in which those that are due at once are done.
    pub const ALL: [Self; 17] = [
        Self::EndSessions,
        Self::AnswerResets,
        Self::AnswerMailedCodes,
        Self::TellStepUps,
        Self::EndChallenges,
        Self::BinLapsed,
        Self::EmptyBin,
        Self::LookAtImages,
        Self::ShrinkVariants,
        Self::ForgetAlbumTries,
        Self::ForgetGuests,
        Self::ForgetUploadKeys,
        Self::ForgetUploads,
        Self::ForgetViews,
        Self::ForgetAlerts,
        Self::RemindOfSecrets,
        Self::EmptyOutbox,
    ];

    /// As operators see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndSessions => "end-sessions",
            Self::AnswerResets => "answer-resets",
            Self::AnswerMailedCodes => "answer-mailed-codes",
            Self::TellStepUps => "tell-step-ups",
            Self::EndChallenges => "end-challenges",
            Self::BinLapsed => "bin-lapsed",
            Self::EmptyBin => "empty-bin",
            Self::LookAtImages => "look-at-images",
            Self::ShrinkVariants => "shrink-variants",
            Self::ForgetAlbumTries => "forget-album-tries",
            Self::ForgetGuests => "forget-guests",
            Self::ForgetUploadKeys => "forget-upload-keys",
            Self::ForgetUploads => "forget-uploads",
            Self::ForgetViews => "forget-views",
            Self::ForgetAlerts => "forget-alerts",
            Self::RemindOfSecrets => "remind-of-secrets",
            Self::EmptyOutbox => "empty-outbox",
        }
    }

    /// From one begin to the next.
    pub(super) const EVERY: Duration = Duration::minutes(10);
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Again and again.
    Chore(Chore),
    /// What is left of an account that is to go.
    RemoveAccount(UserId),
}

const REMOVE_ACCOUNT: &str = "remove-account";

impl Job {
    /// What is known here: a node of a later version has more.
    pub(super) fn kinds() -> Vec<&'static str> {
        Chore::ALL.into_iter().map(Chore::as_str).chain([REMOVE_ACCOUNT]).collect()
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Chore(chore) => chore.as_str(),
            Self::RemoveAccount(_) => REMOVE_ACCOUNT,
        }
    }

    pub(super) const fn subject(self) -> Uuid {
        match self {
            Self::Chore(_) => Uuid::nil(),
            Self::RemoveAccount(id) => id.0,
        }
    }

    pub(super) fn read(kind: &str, subject: Uuid) -> Option<Self> {
        match kind {
            REMOVE_ACCOUNT => Some(Self::RemoveAccount(UserId(subject))),
            chore => chore.parse().ok().map(Self::Chore),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chore(chore) => f.write_str(chore.as_str()),
            Self::RemoveAccount(id) => write!(f, "{REMOVE_ACCOUNT} {}", id.0),
        }
    }
}

/// There is no chore of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such job; `reflect jobs` tells which there are")]
pub struct UnknownChore;

impl FromStr for Chore {
    type Err = UnknownChore;

    fn from_str(name: &str) -> Result<Self, UnknownChore> {
        Self::ALL.into_iter().find(|chore| chore.as_str() == name).ok_or(UnknownChore)
    }
}
