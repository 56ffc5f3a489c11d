//! What can go wrong with an album.

use model::Problem;

use super::{MOST, guests};
use crate::{auth::AuthError, images::ImageError};

/// A refusal or failure.
#[derive(Debug, thiserror::Error)]
pub enum AlbumError {
    /// Not there, or not the caller's.
    #[error("not found")]
    NotFound,
    /// What it is to lie in is none of theirs, or lies in another one, or this one has albums in it.
    #[error("no parent")]
    BadParent,
    /// What it is to stand before isn't there.
    #[error("no such place")]
    BadPlace,
    /// What is to stand for it isn't in it.
    #[error("no cover")]
    BadCover,
    /// They have as many as one may have.
    #[error("too many albums")]
    TooMany,
    /// The album has as many links for guests as one may have.
    #[error("too many guest links")]
    TooManyLinks,
    /// Its password, or what is random about it.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// An image of it.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<AlbumError> for Problem {
    fn from(error: AlbumError) -> Self {
        let invalid = |name: &str, expected: &str| Self::InvalidParameter {
            name: name.into(),
            expected: expected.into(),
        };
        match error {
            AlbumError::NotFound => Self::NotFound,
            AlbumError::BadParent => {
                invalid("parent", "an album of yours that lies in none, for one that has none in it")
            }
            AlbumError::BadPlace => invalid("before", "another one of the list, or null for the last place"),
            AlbumError::BadCover => invalid("cover", "an image of the album, or null for the first one"),
            AlbumError::TooMany => invalid("albums", &format!("at most {MOST} albums; delete some first")),
            AlbumError::TooManyLinks => {
                invalid("guest_links", &format!("at most {} of an album; end some first", guests::MOST))
            }
            AlbumError::Auth(error) => error.into(),
            AlbumError::Image(error) => error.into(),
            AlbumError::Database(error) => crate::db::problem(&error),
        }
    }
}
