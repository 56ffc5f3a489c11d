//! What can go wrong on the way in.

use model::Problem;

/// A refusal or failure of sign-in or enrolment.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Wrong name or wrong code; which one isn't told.
    #[error("wrong name or code")]
    WrongCode,
    /// The code's step isn't later than the last accepted one.
    #[error("code already used, next in {wait} s")]
    CodeAlreadyUsed {
        /// Seconds until the next step.
        wait: u32,
    },
    /// No such unused recovery code.
    #[error("wrong recovery code")]
    WrongRecoveryCode,
    /// Five failures an hour from one address.
    #[error("too many attempts, retry after {retry_after} s")]
    TooManyAttempts {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// There was no room for key stretching. Nothing was counted.
    #[error("no room for key stretching")]
    NoRoom,
    /// After failures a challenge must be solved before the next try.
    #[error("challenge needed")]
    ChallengeNeeded,
    /// What was solved isn't right, or was used before.
    #[error("challenge failed")]
    ChallengeFailed,
    /// The first of two codes was given too long ago, or elsewhere.
    #[error("sign-in expired")]
    SignInExpired,
    /// The session that asks has ended meanwhile.
    #[error("session ended")]
    SessionEnded,
    /// The link is unknown, used or expired.
    #[error("enrolment link invalid")]
    LinkInvalid,
    /// The ticket is unknown, lapsed or finished.
    #[error("enrolment expired")]
    EnrolmentExpired,
    /// Accounts are made by invite, or on the server alone.
    #[error("sign-up is closed")]
    SignUpClosed,
    /// No mail server is set.
    #[error("no mail server is set")]
    NoMail,
    /// The mailed code is unknown, spent, lapsed or had its tries.
    #[error("mailed code expired")]
    CodeExpired,
    /// A new account must have a mail address.
    #[error("mail address required")]
    EmailRequired,
    /// A new account must have a name, and the link has none.
    #[error("name required")]
    NameRequired,
    /// The name is taken.
    #[error("name taken")]
    NameTaken,
    /// The account is suspended. Only whoever has shown that it is theirs is told.
    #[error("the account is suspended")]
    Suspended,
    /// The account has as many authenticators as it may have.
    #[error("too many authenticators")]
    TooManyAuthenticators,
    /// Without this authenticator nobody could sign in.
    #[error("last authenticator")]
    LastAuthenticator,
    /// Only administrators have tokens that administer.
    #[error("not an administrator")]
    NotAdministrator,
    /// The account has as many tokens as it may have.
    #[error("too many tokens: {} at most, revoke one first", super::token::MOST)]
    TooManyTokens,
    /// A sealed secret can't be opened with the keys at hand.
    #[error("sealed secret cannot be opened")]
    Sealed,
    /// Hashing or another primitive failed.
    #[error("cryptography: {0}")]
    Crypto(&'static str),
    /// A mail about it can't be written.
    #[error("mail: {0}")]
    Letter(#[from] askama::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::WrongCode => Self::WrongCode,
            AuthError::CodeAlreadyUsed { wait } => Self::CodeAlreadyUsed { wait },
            AuthError::WrongRecoveryCode => Self::WrongRecoveryCode,
            AuthError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            AuthError::NoRoom => Self::Unavailable { retry_after: 5 },
            AuthError::ChallengeNeeded => Self::ChallengeNeeded,
            AuthError::ChallengeFailed => Self::ChallengeFailed,
            AuthError::SignInExpired | AuthError::CodeExpired => Self::SignInExpired,
            AuthError::SessionEnded => Self::SignedOut,
            AuthError::LinkInvalid => Self::EnrolmentLinkInvalid,
            AuthError::EnrolmentExpired => Self::EnrolmentExpired,
            AuthError::SignUpClosed => Self::SignUpClosed,
            AuthError::NoMail | AuthError::Suspended | AuthError::NotAdministrator => Self::Forbidden,
            AuthError::TooManyTokens => Self::InvalidParameter {
                name: "tokens".to_owned(),
                expected: format!("{} at most: revoke one first", super::token::MOST),
            },
            AuthError::EmailRequired => Self::EmailInvalid,
            AuthError::NameRequired => Self::NameInvalid,
            AuthError::NameTaken => Self::NameTaken,
            AuthError::TooManyAuthenticators | AuthError::LastAuthenticator => Self::AuthenticatorLimit,
            AuthError::Sealed | AuthError::Crypto(_) | AuthError::Letter(_) => {
                tracing::error!(%error, "sign-in failed internally");
                Self::Internal
            }
            AuthError::Database(error) => crate::db::problem(&error),
        }
    }
}
