//! What can go wrong with an image.

use model::{GuestProblem, Problem, types::ByteSize};

use super::{albums::AlbumError, library::BULK, tags::TagError};
use crate::auth::AuthError;

/// A refusal or failure of intake, storage or rendering.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// No bytes.
    #[error("empty file")]
    Empty,
    /// More bytes than allowed.
    #[error("larger than {0}")]
    TooLarge(ByteSize),
    /// Not a format that is taken.
    #[error("unsupported format {0:?}")]
    Unsupported(Option<&'static str>),
    /// Announced as an image, but it doesn't decode.
    #[error("broken image: {0}")]
    Broken(String),
    /// Too many pixels over all frames.
    #[error("{found} pixels, limit {limit}")]
    TooManyPixels {
        /// Allowed.
        limit: u64,
        /// Announced.
        found: u64,
    },
    /// Too wide or high.
    #[error("{found} pixels along a side, limit {limit}")]
    SideTooLong {
        /// Allowed.
        limit: u32,
        /// Announced.
        found: u32,
    },
    /// Too many frames.
    #[error("more than {0} frames")]
    TooManyFrames(u32),
    /// Under the key of this upload another one was sent before.
    #[error("the key is another upload's")]
    OtherUpload,
    /// The file isn't the one that it is said to be.
    #[error("other bytes than announced")]
    OtherBytes,
    /// The owner's space doesn't hold it.
    #[error("quota exceeded")]
    QuotaExceeded {
        /// Taken.
        used: ByteSize,
        /// Allowed.
        quota: ByteSize,
        /// Needed besides.
        needed: ByteSize,
    },
    /// The image is another version by now.
    #[error("changed meanwhile")]
    Changed,
    /// Its picture can't be changed here.
    #[error("not to be edited")]
    NotEditable,
    /// There is no such part of it.
    #[error("beyond the picture")]
    BeyondPicture,
    /// Not there, or not the caller's.
    #[error("not found")]
    NotFound,
    /// Encoding a variant failed.
    #[error("encoding: {0}")]
    Encode(String),
    /// The worker panicked or was stopped.
    #[error("worker stopped")]
    Worker,
    /// The cursor isn't one of ours.
    #[error("bad cursor")]
    BadCursor,
    /// Its tags.
    #[error(transparent)]
    Tags(#[from] TagError),
    /// The album that they were to go into.
    #[error(transparent)]
    Album(#[from] Box<AlbumError>),
    /// A guest sent it, by a link that doesn't take it.
    #[error(transparent)]
    Guest(#[from] GuestProblem),
    /// More images than one request may change.
    #[error("more than {BULK} images")]
    TooMany,
    /// No place in the gallery is called so.
    #[error("bad place")]
    BadPlace,
    /// What was to be done can't be recorded, and so isn't done.
    #[error("audit log: {0}")]
    Recording(#[from] AuthError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Empty => Self::FileEmpty,
            ImageError::TooLarge(limit) => Self::FileTooLarge { limit },
            ImageError::Unsupported(found) => Self::UnsupportedFormat { found: found.map(str::to_owned) },
            ImageError::Broken(_) => Self::BrokenImage,
            ImageError::TooManyPixels { limit, found } => Self::TooManyPixels { limit, found },
            ImageError::SideTooLong { limit, found } => Self::SideTooLong { limit, found },
            ImageError::TooManyFrames(limit) => Self::TooManyFrames { limit },
            ImageError::QuotaExceeded { used, quota, needed } => Self::QuotaExceeded { used, quota, needed },
            ImageError::NotFound | ImageError::Guest(GuestProblem::GuestLinkEnded) => Self::NotFound,
            ImageError::BadCursor => Self::InvalidParameter {
                name: "cursor".into(),
                expected: "a cursor from an earlier answer".into(),
            },
            ImageError::OtherUpload => Self::InvalidParameter {
                name: "Idempotency-Key".into(),
                expected: "a new one for another upload".into(),
            },
            ImageError::OtherBytes => {
                Self::InvalidParameter { name: "hash".into(), expected: "the SHA-256 of the file".into() }
            }
            ImageError::Changed => Self::InvalidParameter {
                name: "version".into(),
                expected: "the image's present version: it was changed meanwhile".into(),
            },
            ImageError::NotEditable => Self::InvalidParameter {
                name: "image".into(),
                expected: "a still JPEG, PNG, WebP or GIF".into(),
            },
            ImageError::BeyondPicture => Self::InvalidParameter {
                name: "crop".into(),
                expected: "a part of the picture, in its pixels".into(),
            },
            ImageError::BadPlace => Self::InvalidParameter {
                name: "at".into(),
                expected: "a day such as 2026-03-14, a month, a year, a moment, or an image's slug".into(),
            },
            ImageError::Encode(_) | ImageError::Worker => {
                tracing::error!(%error, "image work failed");
                Self::Internal
            }
            ImageError::Tags(error) => error.into(),
            ImageError::Album(error) => (*error).into(),
            ImageError::Guest(_) => Self::Forbidden,
            ImageError::TooMany => Self::InvalidParameter {
                name: "images".into(),
                expected: format!("at most {BULK} at once; by months or days they are fewer"),
            },
            ImageError::Recording(error) => error.into(),
            ImageError::Database(error) => crate::db::problem(&error),
        }
    }
}
