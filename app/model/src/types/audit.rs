//! What is kept of who did what to an account.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Timestamp, UserId};

/// The text names none of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName;

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such name")
    }
}

impl std::error::Error for UnknownName {}

/// An enum whose variants have names that are stored, and so never change.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or(UnknownName)
            }
        }
    };
}
pub(super) use named;

named! {
    /// What somebody did, or tried to do.
    Action {
        /// A session began.
        SignedIn = "signed_in",
        /// A name or a code was wrong.
        SignInFailed = "sign_in_failed",
        /// So many codes were wrong that devices which the account doesn't know are asked for two.
        SteppedUp = "stepped_up",
        /// The same for every account, since so many codes were wrong in all.
        SiteSteppedUp = "site_stepped_up",
        /// A session was ended by the one who used it.
        SignedOut = "signed_out",
        /// A code was typed to show that it is still the same person.
        CodeConfirmed = "code_confirmed",
        /// A session was ended from elsewhere.
        SessionEnded = "session_ended",
        /// A device signs in without a code from now on.
        DeviceTrusted = "device_trusted",
        /// A trusted device got another name.
        DeviceRenamed = "device_renamed",
        /// A device is trusted no more.
        DeviceRevoked = "device_revoked",
        /// A device's token came a second time: somebody has a copy.
        DeviceReused = "device_reused",
        /// The first authenticator was set up.
        Enrolled = "enrolled",
        /// One more authenticator was set up.
        AuthenticatorAdded = "authenticator_added",
        /// An authenticator got another name.
        AuthenticatorRenamed = "authenticator_renamed",
        /// An authenticator was taken away.
        AuthenticatorRemoved = "authenticator_removed",
        /// An authenticator got another secret.
        AuthenticatorRotated = "authenticator_rotated",
        /// New recovery codes took the place of the old ones.
        RecoveryCodesRegenerated = "recovery_codes_regenerated",
        /// A recovery code was used up.
        RecoveryCodeUsed = "recovery_code_used",
        /// Somebody asked for a link by mail with which to enrol anew.
        ResetRequested = "reset_requested",
        /// A link was made with which to enrol anew.
        ResetLinkMade = "reset_link_made",
        /// A link to enrol anew ended with the standing of the administrator who had made it.
        ResetLinkRevoked = "reset_link_revoked",
        /// Authenticator and recovery codes are new, whatever signed in before has ended.
        ResetDone = "reset_done",
        /// An account at another provider signs in too.
        IdentityLinked = "identity_linked",
        /// It signs in no more.
        IdentityUnlinked = "identity_unlinked",
        /// The account began.
        AccountCreated = "account_created",
        /// The account and all that was its went.
        AccountDeleted = "account_deleted",
        /// The mail address is another.
        EmailChanged = "email_changed",
        /// A token for upload tools was made.
        TokenCreated = "token_created",
        /// It opens nothing any more.
        TokenRevoked = "token_revoked",
        /// Images went into the bin.
        ImagesBinned = "images_binned",
        /// Images came out of the bin.
        ImagesRestored = "images_restored",
        /// An album has a page for others, or other terms of it.
        AlbumShared = "album_shared",
        /// It has none any more.
        AlbumUnshared = "album_unshared",
        /// A link was made by which guests add to an album.
        GuestLinkMade = "guest_link_made",
        /// It takes nothing any more.
        GuestLinkEnded = "guest_link_ended",
        /// Everybody sees what is public of theirs on a page.
        ProfileShown = "profile_shown",
        /// There is no such page any more.
        ProfileHidden = "profile_hidden",
        /// An album went; its images stay.
        AlbumDeleted = "album_deleted",
        /// Images went for good.
        ImagesDeleted = "images_deleted",
        /// Images were taken away with all that is said of them.
        AccountExported = "account_exported",
        /// An image shows another picture; what it was is kept.
        PictureChanged = "picture_changed",
        /// Something that an image was went for good.
        VersionDeleted = "version_deleted",
        /// A link was made with which somebody makes an account.
        InviteMade = "invite_made",
        /// Such a link is void.
        InviteRevoked = "invite_revoked",
        /// The account is shut until further notice.
        UserSuspended = "user_suspended",
        /// It is open again.
        UserReinstated = "user_reinstated",
        /// The account has more or less space.
        QuotaChanged = "quota_changed",
        /// The account may administer, or no longer.
        RoleChanged = "role_changed",
        /// A setting of the instance is another.
        SettingChanged = "setting_changed",
        /// Secrets were sealed anew under another key.
        KeysRotated = "keys_rotated",
        /// A mail that had been given up was sent off once more.
        MailRetried = "mail_retried",
        /// The log's end wasn't as it had been left: somebody has changed the database.
        LogDamaged = "log_damaged",
        /// What this version doesn't know.
        Unknown = "unknown",
    }
}

named! {
    /// Actions that one looks for together.
    ActionGroup {
        /// Coming and going, and who tried to.
        SignIn = "sign_in",
        /// Trusted devices.
        Devices = "devices",
        /// Authenticators, recovery codes and ways back.
        Means = "means",
        /// The account, its tokens and its images.
        Account = "account",
        /// What administrators do.
        Administration = "administration",
    }
}

impl Action {
    /// Where one looks for it.
    #[must_use]
    pub const fn group(self) -> ActionGroup {
        match self {
            Self::SignedIn
            | Self::SignInFailed
            | Self::SteppedUp
            | Self::SiteSteppedUp
            | Self::SignedOut
            | Self::CodeConfirmed
            | Self::SessionEnded => ActionGroup::SignIn,
            Self::DeviceTrusted | Self::DeviceRenamed | Self::DeviceRevoked | Self::DeviceReused => {
                ActionGroup::Devices
            }
            Self::Enrolled
            | Self::AuthenticatorAdded
            | Self::AuthenticatorRenamed
            | Self::AuthenticatorRemoved
            | Self::AuthenticatorRotated
            | Self::RecoveryCodesRegenerated
            | Self::RecoveryCodeUsed
            | Self::ResetRequested
            | Self::ResetLinkMade
            | Self::ResetLinkRevoked
            | Self::ResetDone
            | Self::IdentityLinked
            | Self::IdentityUnlinked => ActionGroup::Means,
            Self::AccountCreated
            | Self::AccountDeleted
            | Self::EmailChanged
            | Self::TokenCreated
            | Self::TokenRevoked
            | Self::AlbumShared
            | Self::AlbumUnshared
            | Self::GuestLinkMade
            | Self::GuestLinkEnded
            | Self::ProfileShown
            | Self::ProfileHidden
            | Self::AlbumDeleted
            | Self::ImagesBinned
            | Self::ImagesRestored
            | Self::ImagesDeleted
            | Self::AccountExported
            | Self::PictureChanged
            | Self::VersionDeleted => ActionGroup::Account,
            Self::InviteMade
            | Self::InviteRevoked
            | Self::UserSuspended
            | Self::UserReinstated
            | Self::QuotaChanged
            | Self::RoleChanged
            | Self::SettingChanged
            | Self::KeysRotated
            | Self::MailRetried
            | Self::LogDamaged
            | Self::Unknown => ActionGroup::Administration,
        }
    }
}

named! {
    /// Who acted.
    ActorKind {
        /// Whoever is signed in to the account, or signs in.
        User = "user",
        /// Somebody who hasn't shown who they are.
        Visitor = "visitor",
        /// An administrator.
        Administrator = "administrator",
        /// The `reflect` command on the server.
        CommandLine = "command_line",
        /// The server by itself.
        System = "system",
    }
}

named! {
    /// How it ended.
    AuditOutcome {
        /// It was done.
        Success = "success",
        /// It was refused.
        Failure = "failure",
    }
}

named! {
    /// By what somebody showed who they are, or tried to.
    Proof {
        /// Six digits.
        Code = "code",
        /// Two codes that follow each other.
        TwoCodes = "two_codes",
        /// A code and one that was mailed.
        MailedCode = "mailed_code",
        /// A recovery code.
        RecoveryCode = "recovery_code",
        /// What a trusted device keeps.
        Device = "device",
        /// An enrolment that was finished.
        Enrolment = "enrolment",
        /// An account at another provider.
        Identity = "identity",
    }
}

/// What belongs to some actions only.
///
/// Part of what the log's chain covers: a field that is added goes to the end and is left out while
/// it is empty, or older entries would no longer be what they were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditDetails {
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Proof>,
    /// Whether what was typed was right, but had been used before.
    #[serde(skip_serializing_if = "is_false")]
    pub used_before: bool,
    /// What it concerns: a device, a token, an authenticator, a setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many: images or sessions that went, recovery codes that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The API token by which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl AuditDetails {
    /// What was used to show who one is.
    #[must_use]
    pub fn by(proof: Proof) -> Self {
        Self { by: Some(proof), ..Self::default() }
    }

    /// What it concerns.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// How many.
    #[must_use]
    pub fn counted(count: u64) -> Self {
        Self { count: Some(u32::try_from(count).unwrap_or(u32::MAX)), ..Self::default() }
    }

    /// What it was and what it is.
    #[must_use]
    pub fn changed(before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { before: Some(before.into()), after: Some(after.into()), ..Self::default() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, from 1. None is left out.
    pub sequence: i64,
    /// The key, a UUIDv7.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Whose account it concerns, if anybody's.
    pub user: Option<UserId>,
    /// Their name at that time.
    pub name: Option<String>,
    /// Who acted.
    pub actor: ActorKind,
    /// The administrator's name at that time.
    pub actor_name: Option<String>,
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// From where.
    pub address: Option<String>,
    /// The name of the trusted device, or "Firefox on Linux".
    pub device: Option<String>,
    /// What belongs to this action.
    pub details: AuditDetails,
}

/// Which entries to list; everything that isn't said matches. Days are `YYYY-MM-DD` in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Actions of this group.
    pub group: Option<ActionGroup>,
    /// This action.
    pub action: Option<Action>,
    /// Those that ended so.
    pub outcome: Option<AuditOutcome>,
    /// From the beginning of this day.
    pub from: Option<String>,
    /// To the end of this day.
    pub to: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json_and_are_read_back() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        assert_eq!("".parse::<Action>(), Err(UnknownName));
        for group in ActionGroup::ALL {
            assert!(Action::ALL.iter().any(|action| action.group() == *group), "{group:?}");
        }
    }

    #[test]
    fn empty_details_are_left_out() {
        assert_eq!(serde_json::to_string(&AuditDetails::default()).unwrap(), "{}");
        let details = AuditDetails { by: Some(Proof::TwoCodes), count: Some(3), ..AuditDetails::default() };
        assert_eq!(serde_json::to_string(&details).unwrap(), r#"{"by":"two_codes","count":3}"#);
        assert!(serde_json::from_str::<AuditDetails>(r#"{"more":1}"#).is_err());
    }
}
