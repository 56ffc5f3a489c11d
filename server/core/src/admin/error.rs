//! What can go wrong in administration.

use model::Problem;

use crate::{auth::AuthError, images::ImageError};

/// A refusal or failure of administration.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// Nobody would be left to administer the instance.
    #[error("the last administrator has to stay: make somebody else one first")]
    LastAdministrator,
    /// What was typed to confirm isn't the account's name.
    #[error("another name")]
    OtherName,
    /// The cursor isn't one of ours.
    #[error("bad cursor")]
    BadCursor,
    /// Links, sessions and mail.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// Images.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The outbox.
    #[error(transparent)]
    Mail(#[from] crate::mail::MailError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        let invalid = |name: &str, expected: &str| Self::InvalidParameter {
            name: name.into(),
            expected: expected.into(),
        };
        match error {
            AdminError::NotFound => Self::NotFound,
            AdminError::LastAdministrator => {
                invalid("account", "another than that of the last administrator, who has to stay")
            }
            AdminError::OtherName => invalid("name", "the name of the account"),
            AdminError::BadCursor => invalid("cursor", "one that a page gave"),
            AdminError::Auth(error) => error.into(),
            AdminError::Image(error) => error.into(),
            AdminError::Mail(error) => error.into(),
            AdminError::Database(error) => crate::db::problem(&error),
        }
    }
}
