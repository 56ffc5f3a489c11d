//! What can go wrong with challenges.

use model::Problem;

use crate::{auth::AuthError, images::ImageError};

/// A refusal or failure of a challenge.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// There was no answer to a challenge.
    #[error("challenge needed")]
    Needed,
    /// The answer is wrong, or the challenge unknown, spent, expired, or for something else.
    #[error("challenge failed")]
    Failed,
    /// The address asked for too many.
    #[error("too many challenges, retry after {retry_after} s")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// A picture couldn't be drawn.
    #[error(transparent)]
    Drawing(#[from] ImageError),
    /// Sealing or randomness.
    #[error(transparent)]
    Crypto(#[from] AuthError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<ChallengeError> for Problem {
    fn from(error: ChallengeError) -> Self {
        match error {
            ChallengeError::Needed => Self::ChallengeNeeded,
            ChallengeError::Failed => Self::ChallengeFailed,
            ChallengeError::TooMany { retry_after } => Self::TooManyAttempts { retry_after },
            ChallengeError::Drawing(error) => error.into(),
            ChallengeError::Crypto(error) => error.into(),
            ChallengeError::Database(error) => crate::db::problem(&error),
        }
    }
}

impl From<ChallengeError> for AuthError {
    fn from(error: ChallengeError) -> Self {
        match error {
            ChallengeError::Needed => Self::ChallengeNeeded,
            ChallengeError::Failed => Self::ChallengeFailed,
            ChallengeError::TooMany { retry_after } => Self::TooManyAttempts { retry_after },
            ChallengeError::Drawing(_) => Self::Crypto("drawing a challenge"),
            ChallengeError::Crypto(error) => error,
            ChallengeError::Database(error) => Self::Database(error),
        }
    }
}
