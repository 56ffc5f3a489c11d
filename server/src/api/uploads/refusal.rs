//! Why something about an upload isn't done.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use model::Problem;
use reflect_core::images::{ImageError, intake::pieces::PieceError};
use serde::Serialize;
use serde_json::Map;

use super::headers;
use crate::{
    api::parameters::invalid,
    problem::{self, Refusal},
};

/// A refusal. No [`Problem`], which every page reads: only what sends files has to.
#[derive(Debug)]
pub(super) enum TusRefusal {
    /// As any request may be.
    Refused(Refusal),
    /// It speaks another version of the protocol.
    Version,
    /// A piece is sent as something else.
    ContentType,
    /// The next byte is another one.
    Elsewhere(u64),
    /// Somebody else is about it.
    UnderWay {
        /// Seconds after which to ask again.
        retry_after: u32,
    },
    /// The request broke off.
    Interrupted,
    /// One more has to wait for others.
    TooMany,
}

impl TusRefusal {
    /// What may be otherwise a moment later, where somebody asks how far an upload has come: clients begin one anew of
    /// which they are told that it is gone, or that the server failed.
    pub(super) fn kept(self) -> Self {
        match self {
            Self::Refused(Refusal(problem))
                if problem.status() >= 500 || matches!(problem, Problem::QuotaExceeded { .. }) =>
            {
                Self::UnderWay { retry_after: problem.retry_after().unwrap_or(5) }
            }
            other => other,
        }
    }

    /// More came than was announced.
    pub(super) fn too_much(missing: u64) -> Self {
        invalid("Content-Length", format!("at most {missing}, the bytes that are missing of `Upload-Length`"))
            .into()
    }
}

impl From<Problem> for TusRefusal {
    fn from(problem: Problem) -> Self {
        Self::Refused(Refusal(problem))
    }
}

impl From<ImageError> for TusRefusal {
    fn from(error: ImageError) -> Self {
        Problem::from(error).into()
    }
}

impl From<PieceError> for TusRefusal {
    fn from(error: PieceError) -> Self {
        match error {
            PieceError::NotFound => Problem::NotFound.into(),
            PieceError::Elsewhere(offset) => Self::Elsewhere(offset),
            PieceError::TakenOver => Self::UnderWay { retry_after: 1 },
            PieceError::TooMany => Self::TooMany,
            PieceError::Image(error) => error.into(),
        }
    }
}

/// What a refusal has besides.
#[derive(Serialize)]
struct Members {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl IntoResponse for TusRefusal {
    fn into_response(self) -> Response {
        let mut members = Members { code: "", offset: None, retry_after: None };
        let mut more = HeaderMap::new();
        let (status, code, detail) = match self {
            Self::Refused(refusal) => return refusal.into_response(),
            Self::Version => (
                StatusCode::PRECONDITION_FAILED,
                "tus-version",
                "This address speaks tus 1.0.0: send `Tus-Resumable: 1.0.0`.",
            ),
            Self::ContentType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "A piece is sent as `Content-Type: application/offset+octet-stream`.",
            ),
            Self::Elsewhere(offset) => {
                members.offset = Some(offset);
                more.insert(headers::OFFSET, offset.into());
                (
                    StatusCode::CONFLICT,
                    "offset-mismatch",
                    "The upload goes on at another place: at `offset`, which HEAD tells as `Upload-Offset`.",
                )
            }
            Self::UnderWay { retry_after } => {
                members.retry_after = Some(retry_after);
                more.insert(header::RETRY_AFTER, retry_after.into());
                (
                    StatusCode::LOCKED,
                    "upload-under-way",
                    "Another request is about this upload. Ask again a little later where it stands.",
                )
            }
            Self::Interrupted => (
                StatusCode::BAD_REQUEST,
                "upload-interrupted",
                "The request broke off. What had come is kept: ask by HEAD where to go on.",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-uploads",
                "You have begun so many uploads that this one has to wait: finish them or delete them. Those that \
                 nobody finishes are forgotten after a day.",
            ),
        };
        members.code = code;
        let mut response = problem::document(status, detail.to_owned(), None, members, Map::new());
        response.headers_mut().extend(more);
        response
    }
}
