//! What the owner of an account is told of it.

use model::types::MailKind;

use super::Line;

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A device signed in that wasn't seen for long, or never.
    NewDevice,
    /// This device signs in without a code from now on.
    DeviceTrusted(Line),
    /// What this device keeps came a second time: there is a copy of it.
    DeviceReused(Line),
    /// There is one authenticator more.
    AuthenticatorAdded(Line),
    /// There is one less.
    AuthenticatorRemoved(Line),
    /// One has a new secret.
    AuthenticatorRotated(Line),
    /// Somebody used a recovery code.
    RecoveryCodeUsed {
        /// Codes that are left.
        left: u32,
    },
    /// New recovery codes took the place of the old ones.
    RecoveryCodesChanged,
    /// The account was set up anew.
    ResetDone,
    /// Mail goes to another address.
    EmailChanged {
        /// Whether it goes to the one that this is sent to, or did until now.
        goes_here: bool,
    },
    /// This identity at another provider signs in too.
    IdentityLinked(Line),
    /// It signs in no more.
    IdentityUnlinked(Line),
    /// Programs that have this token act in its owner's name.
    TokenCreated(Line),
    /// The account and all that was its own are gone.
    AccountDeleted,
    /// The account is guessed at, so unknown devices now need two codes in a row.
    SteppedUp {
        /// Wrong codes so far.
        failures: u32,
    },
}

impl Notice {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::NewDevice => MailKind::NewDevice,
            Self::DeviceTrusted(_) => MailKind::DeviceTrusted,
            Self::DeviceReused(_) => MailKind::DeviceReused,
            Self::AuthenticatorAdded(_) | Self::AuthenticatorRemoved(_) | Self::AuthenticatorRotated(_) => {
                MailKind::AuthenticatorChanged
            }
            Self::RecoveryCodeUsed { .. } => MailKind::RecoveryCodeUsed,
            Self::RecoveryCodesChanged => MailKind::RecoveryCodesChanged,
            Self::ResetDone => MailKind::ResetDone,
            Self::EmailChanged { .. } => MailKind::EmailChanged,
            Self::IdentityLinked(_) | Self::IdentityUnlinked(_) => MailKind::IdentityChanged,
            Self::TokenCreated(_) => MailKind::TokenCreated,
            Self::AccountDeleted => MailKind::AccountDeleted,
            Self::SteppedUp { .. } => MailKind::StepUp,
        }
    }

    /// The page, as a path, where its owner sees what became of it and what else there is.
    #[must_use]
    pub const fn page(&self) -> &'static str {
        match self {
            Self::NewDevice | Self::ResetDone | Self::SteppedUp { .. } => "/settings/activity",
            Self::DeviceTrusted(_) | Self::DeviceReused(_) => "/settings/devices",
            Self::AuthenticatorAdded(_) | Self::AuthenticatorRemoved(_) | Self::AuthenticatorRotated(_) => {
                "/settings/authenticators"
            }
            Self::RecoveryCodeUsed { .. } | Self::RecoveryCodesChanged => "/settings/recovery-codes",
            Self::TokenCreated(_) => "/settings/tokens",
            Self::EmailChanged { .. } | Self::IdentityLinked(_) | Self::IdentityUnlinked(_) => "/settings",
            Self::AccountDeleted => "/",
        }
    }
}
