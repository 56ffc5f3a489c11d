//! What can go wrong on the way to the provider and back.

use model::{Problem, types::ProviderOutcome};

use crate::auth::AuthError;

/// Why somebody isn't signed in, or an identity isn't linked.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The way back isn't that of this browser, was used before or took more than ten minutes.
    #[error("unknown, used or expired state")]
    Expired,
    /// The person, or the provider's rules for them, said no.
    #[error("access denied at the provider")]
    Denied,
    /// The provider doesn't answer, or not as it should. The text is for the log.
    #[error("{0}")]
    Provider(String),
    /// The identity is nobody's here.
    #[error("no account is linked to this identity")]
    Unlinked,
    /// The identity is somebody else's here.
    #[error("the identity is linked to another account")]
    Taken,
    /// No session can be opened.
    #[error("no session: {0}")]
    Session(Problem),
    /// Keys, randomness, the database.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl From<sqlx::Error> for OidcError {
    fn from(error: sqlx::Error) -> Self {
        Self::Auth(error.into())
    }
}

impl OidcError {
    /// What the person is told. What it was goes to the log.
    #[must_use]
    pub fn outcome(self) -> ProviderOutcome {
        match self {
            Self::Expired => ProviderOutcome::Expired,
            Self::Denied => ProviderOutcome::Denied,
            Self::Unlinked => ProviderOutcome::Unlinked,
            Self::Taken => ProviderOutcome::Taken,
            Self::Provider(error) => {
                tracing::warn!(error, "OpenID Connect provider");
                ProviderOutcome::Failed
            }
            // It is in the log already.
            Self::Session(_) => ProviderOutcome::Failed,
            Self::Auth(AuthError::Suspended) => ProviderOutcome::Suspended,
            Self::Auth(error) => {
                // Logs it.
                let _ = Problem::from(error);
                ProviderOutcome::Failed
            }
        }
    }
}
