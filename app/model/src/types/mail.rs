//! Mail, as administration sees it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

/// The key of a mail in the outbox, a UUIDv7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailId(pub Uuid);

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailKind {
    /// Somebody tries whether mail works.
    Test,
    /// Six digits that prove an address.
    VerifyCode,
    /// Six digits that sign in, besides a code of the authenticator.
    SignInCode,
    /// A way back.
    ResetLink,
    /// A way back into an account, made by an administrator.
    ResetByAdmin,
    /// A link to make an account with.
    Invite,
    /// An account was made.
    Welcome,
    /// An authenticator came, went or has a new secret.
    AuthenticatorChanged,
    /// The way back was taken.
    ResetDone,
    /// A device signed in that never had before.
    NewDevice,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An authenticator's secret is old.
    RotationDue,
    /// An account is guessed at.
    StepUp,
    /// A device signs in without a code from now on.
    DeviceTrusted,
    /// Somebody has a copy of what a trusted device keeps.
    DeviceReused,
    /// There are new recovery codes.
    RecoveryCodesChanged,
    /// Mail goes to another address.
    EmailChanged,
    /// An account at another provider signs in too, or no more.
    IdentityChanged,
    /// A token for programs was made.
    TokenCreated,
    /// An account is gone.
    AccountDeleted,
    /// The audit log was changed in the database.
    LogDamaged,
    /// Many sign-ins fail.
    FailureBurst,
    /// No mail, but a post to the operator's webhook.
    Webhook,
}

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// Waits for its next try.
    Queued,
    /// Is being sent.
    Sending,
    /// The mail server took it.
    Sent,
    /// Given up.
    Failed,
}

/// The text names no kind or state of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMailName;

impl fmt::Display for UnknownMailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a kind or state of mail")
    }
}

impl std::error::Error for UnknownMailName {}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Test,
        Self::VerifyCode,
        Self::SignInCode,
        Self::ResetLink,
        Self::ResetByAdmin,
        Self::Invite,
        Self::Welcome,
        Self::AuthenticatorChanged,
        Self::ResetDone,
        Self::NewDevice,
        Self::RecoveryCodeUsed,
        Self::RotationDue,
        Self::StepUp,
        Self::DeviceTrusted,
        Self::DeviceReused,
        Self::RecoveryCodesChanged,
        Self::EmailChanged,
        Self::IdentityChanged,
        Self::TokenCreated,
        Self::AccountDeleted,
        Self::LogDamaged,
        Self::FailureBurst,
        Self::Webhook,
    ];

    /// The name in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::VerifyCode => "verify-code",
            Self::SignInCode => "sign-in-code",
            Self::ResetLink => "reset-link",
            Self::ResetByAdmin => "reset-by-admin",
            Self::Invite => "invite",
            Self::Welcome => "welcome",
            Self::AuthenticatorChanged => "authenticator-changed",
            Self::ResetDone => "reset-done",
            Self::NewDevice => "new-device",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::RotationDue => "rotation-due",
            Self::StepUp => "step-up",
            Self::DeviceTrusted => "device-trusted",
            Self::DeviceReused => "device-reused",
            Self::RecoveryCodesChanged => "recovery-codes-changed",
            Self::EmailChanged => "email-changed",
            Self::IdentityChanged => "identity-changed",
            Self::TokenCreated => "token-created",
            Self::AccountDeleted => "account-deleted",
            Self::LogDamaged => "log-damaged",
            Self::FailureBurst => "failure-burst",
            Self::Webhook => "webhook",
        }
    }
}

impl FromStr for MailKind {
    type Err = UnknownMailName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownMailName)
    }
}

impl MailState {
    /// All of them, in the order in which a mail has them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sending, Self::Sent, Self::Failed];

    /// The name in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for MailState {
    type Err = UnknownMailName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or(UnknownMailName)
    }
}

/// A mail in the outbox. What it says stays sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The key.
    pub id: MailId,
    /// Whom it goes to.
    pub to: String,
    /// What it is about.
    pub kind: MailKind,
    /// How far it is.
    pub state: MailState,
    /// Tries so far, the one under way included.
    pub tries: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next, while it is queued.
    pub next_at: Option<Timestamp>,
    /// When it was sent or given up.
    pub finished_at: Option<Timestamp>,
    /// Why the last try failed, in the mail server's words.
    pub last_error: Option<String>,
    /// Whether it has failed and can be sent again: its text is still kept.
    pub can_retry: bool,
}

/// How many mails there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxCounts {
    /// Waiting.
    pub queued: u64,
    /// On the line.
    pub sending: u64,
    /// Sent in the last 30 days.
    pub sent: u64,
    /// Given up in the last 30 days.
    pub failed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json_and_are_read_back() {
        for kind in MailKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for state in MailState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!("letter".parse::<MailKind>(), Err(UnknownMailName));
        assert_eq!("lost".parse::<MailState>(), Err(UnknownMailName));
    }
}
