//! What can go wrong with the outbox. What goes wrong with sending is no error: it is kept with the
//! mail, see [`super::Refusal`].

use model::Problem;

use crate::auth::AuthError;

/// A failure of the outbox.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No mail has this key.
    #[error("no such mail")]
    NotFound,
    /// Only a failed mail whose text is still kept can be sent again.
    #[error("the mail cannot be sent again")]
    NotRetryable,
    /// The text is no cursor of ours.
    #[error("bad cursor")]
    BadCursor,
    /// Queueing, or randomness.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<MailError> for Problem {
    fn from(error: MailError) -> Self {
        let invalid = |name: &str, expected: &str| Self::InvalidParameter {
            name: name.to_owned(),
            expected: expected.to_owned(),
        };
        match error {
            MailError::NotFound => Self::NotFound,
            MailError::NotRetryable => invalid("id", "a failed mail whose text is still kept"),
            MailError::BadCursor => invalid("cursor", "the next_cursor of a page"),
            MailError::Auth(error) => error.into(),
            MailError::Database(error) => crate::db::problem(&error),
        }
    }
}
