//! Answers in the form that was asked for.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::Problem;
use serde::Serialize;

use super::{Spelling, image::Uploaded};
use crate::api::{compat::request_id::RequestId, parameters::one_of};

/// How an upload is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// All that is known of the image.
    #[default]
    Json,
    /// Its address alone.
    Txt,
    /// The way to its page.
    Redirect,
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Txt => "txt",
            Self::Redirect => "redirect",
        }
    }

    /// What `format` says.
    ///
    /// # Errors
    /// [`Problem::InvalidParameter`]
    pub(super) fn parse(text: Option<&str>) -> Result<Self, Problem> {
        let found = one_of("format", text, &[Self::Json, Self::Txt, Self::Redirect], Self::name)?;
        Ok(found.unwrap_or_default())
    }
}

/// What Chevereto says of an upload that went well.
#[derive(Serialize)]
struct Success {
    message: &'static str,
    code: u16,
}

#[derive(Serialize)]
struct Stored {
    status_code: u16,
    success: Success,
    image: Uploaded,
    status_txt: &'static str,
}

/// imgbb has the image as `data`, and a flag for its success.
#[derive(Serialize)]
struct ImgbbStored {
    data: Uploaded,
    success: bool,
    status: u16,
    status_code: u16,
    image: Uploaded,
    status_txt: &'static str,
}

/// The answer to an upload.
pub(super) fn success(spelling: Spelling, format: Format, image: Uploaded) -> Response {
    match (format, spelling) {
        (Format::Txt, _) => image.url.into_response(),
        (Format::Redirect, _) => (StatusCode::FOUND, [(header::LOCATION, image.path_viewer)]).into_response(),
        (Format::Json, Spelling::Chevereto) => {
            let success = Success { message: "file uploaded", code: 200 };
            json(StatusCode::OK, Stored { status_code: 200, success, image, status_txt: "OK" })
        }
        (Format::Json, Spelling::Imgbb) => {
            let data = image.clone();
            let (status, status_code) = (200, 200);
            json(
                StatusCode::OK,
                ImgbbStored { data, success: true, status, status_code, image, status_txt: "OK" },
            )
        }
    }
}

#[derive(Serialize)]
struct Failure {
    status_code: u16,
    error: Reason,
    status_txt: &'static str,
}

#[derive(Serialize)]
struct Reason {
    message: String,
    code: u16,
}

/// What is said of a failure.
pub(super) fn failure(_: RequestId, problem: &Problem) -> Response {
    let (status, code) = match problem {
        Problem::InvalidParameter { name, .. } if name == "source" || name == "image" => (400, 120),
        Problem::SignedOut | Problem::InvalidToken | Problem::InvalidParameter { .. } => (400, 100),
        Problem::NoFile | Problem::FileEmpty => (400, 130),
        other => (other.status(), other.status()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = match problem {
        Problem::SignedOut => {
            "Send an API token as `X-API-Key`, or as the parameter `key` before the picture.".into()
        }
        Problem::NoFile => "Empty upload source. Send a picture as `source` or `image`.".into(),
        other => other.to_string(),
    };
    let status_txt = status.canonical_reason().unwrap_or_default();
    json(status, Failure { status_code: status.as_u16(), error: Reason { message, code }, status_txt })
}

fn json(status: StatusCode, body: impl Serialize) -> Response {
    let mut answer = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/json; charset=UTF-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
