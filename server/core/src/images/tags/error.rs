//! What can go wrong with a tag.

use model::Problem;

use super::{MOST, MOST_ON_IMAGE};
use crate::auth::AuthError;

/// A refusal or failure.
#[derive(Debug, thiserror::Error)]
pub enum TagError {
    /// Not there, or not the caller's.
    #[error("not found")]
    NotFound,
    /// Another one has the name.
    #[error("name taken")]
    NameTaken,
    /// They have as many as one may have.
    #[error("too many tags")]
    TooMany,
    /// An image has as many as one may have.
    #[error("too many tags of an image")]
    TooManyOnImage,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] AuthError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<TagError> for Problem {
    fn from(error: TagError) -> Self {
        let too_many = |most: usize, of: &str| Self::InvalidParameter {
            name: "tags".into(),
            expected: format!("at most {most} {of}"),
        };
        match error {
            TagError::NotFound => Self::NotFound,
            TagError::NameTaken => Self::NameTaken,
            TagError::TooMany => too_many(MOST, "different ones; delete some first"),
            TagError::TooManyOnImage => too_many(MOST_ON_IMAGE, "of one image"),
            TagError::Random(error) => error.into(),
            TagError::Database(error) => crate::db::problem(&error),
        }
    }
}
