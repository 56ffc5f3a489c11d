//! What administration sees.

use serde::{Deserialize, Serialize};

use super::{
    EmailAddress, Invite, InviteId, OutboxCounts, OutboxEntry, Page, Quota, SignUpMode, Timestamp, Usage,
    UserId, Username,
};

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The key.
    pub id: UserId,
    /// The name.
    pub name: Username,
    /// The mail address, if given.
    pub email: Option<EmailAddress>,
    /// Whether administration is open to them.
    pub is_admin: bool,
    /// Since when they can't sign in.
    pub suspended_at: Option<Timestamp>,
    /// Whether everything of theirs is being deleted.
    pub is_going: bool,
    /// Their space.
    pub usage: Usage,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// An account with what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// What a list says of it.
    pub entry: AccountEntry,
    /// Whether the address has been proved.
    pub email_verified: bool,
    /// Whether nobody else could administer the instance.
    pub is_last_admin: bool,
    /// Authenticators.
    pub authenticators: i64,
    /// Recovery codes that weren't used.
    pub recovery_codes_left: i64,
    /// Devices that sign in without a code.
    pub devices: i64,
    /// Where they are signed in.
    pub sessions: i64,
    /// Tokens for programs.
    pub tokens: i64,
}

/// A way back that an administrator made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetMade {
    /// The address to open, once, within a day.
    pub link: String,
    /// Where it has been mailed too.
    pub mailed_to: Option<EmailAddress>,
}

/// An invite that was made just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteMade {
    /// The key.
    pub id: InviteId,
    /// The address to open, once.
    pub link: String,
    /// Where it has been mailed too.
    pub mailed_to: Option<EmailAddress>,
}

/// Invites that are still good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitesInForce {
    /// The newest first.
    pub invites: Vec<Invite>,
    /// Space of an account whose invite says nothing of it.
    pub quota: Quota,
    /// Whether an invite can be mailed.
    pub can_mail: bool,
    /// Who may make an account. Where nobody may, no invite can be made, and none is taken.
    pub sign_up: SignUpMode,
}

/// A page of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxView {
    /// Newest first.
    pub page: Page<OutboxEntry>,
    /// In each state.
    pub counts: OutboxCounts,
    /// Whether there is a mail server.
    pub can_mail: bool,
}

/// One day of a plot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `YYYY-MM-DD`, UTC.
    pub date: String,
    /// Bytes of what is stored now and was there at the day's end.
    pub stored: u64,
    /// Images that came that day and are still there.
    pub images: u64,
    /// Sign-ins.
    pub sign_ins: u64,
    /// Sign-ins that failed.
    pub failures: u64,
}

/// The instance at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Accounts.
    pub accounts: u64,
    /// Those that can't sign in.
    pub suspended: u64,
    /// Those that administer.
    pub administrators: u64,
    /// Images, the bin not counted.
    pub images: u64,
    /// Bytes that people have used of their space.
    pub used: super::ByteSize,
    /// Bytes that the originals take: the same picture twice takes its bytes once.
    pub stored: super::ByteSize,
    /// Mail.
    pub outbox: OutboxCounts,
    /// The last 30 days, the oldest first, today included.
    pub days: Vec<Day>,
}
