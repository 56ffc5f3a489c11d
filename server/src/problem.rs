//! Problems as HTTP answers: `application/problem+json` (RFC 9457).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::Problem;
use serde::Serialize;
use serde_json::{Map, Value};

/// A refusal or failure on its way out. The members of the [`Problem`] stand beside those of the
/// RFC; `code` is stable.
#[derive(Debug)]
pub struct Refusal(pub Problem);

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

/// The members of a problem document.
#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'a str>,
    #[serde(flatten)]
    problem: &'a Problem,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Refusal {
    /// The answer, with `more` members in the document.
    pub fn with(self, more: Map<String, Value>) -> Response {
        let Self(problem) = self;
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let document = Document {
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: problem.to_string(),
            setting: problem.setting(),
            problem: &problem,
            more,
        };
        let mut response = (status, Json(document)).into_response();
        // For those who say it in another form.
        response.extensions_mut().insert(problem.clone());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = problem.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        match problem {
            Problem::SignedOut => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Problem::InvalidToken => {
                let value = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                headers.insert(header::WWW_AUTHENTICATE, value);
            }
            Problem::RangeNotSatisfiable { size } => {
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{size}")) {
                    headers.insert(header::CONTENT_RANGE, value);
                }
            }
            _ => {}
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.with(Map::new())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use model::types::ByteSize;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn the_document_names_the_limit_and_the_setting() {
        let response = Refusal(Problem::FileTooLarge { limit: ByteSize::mib(20) }).into_response();
        assert_eq!(response.status(), 413);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let document: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(document["code"], "file-too-large");
        assert_eq!(document["limit"], json!(20 * 1024 * 1024));
        assert_eq!(document["setting"], "REFLECT_MAX_UPLOAD");
        assert_eq!(document["status"], 413);
        assert!(document["detail"].as_str().unwrap().contains("20.0 MiB"));
    }

    #[test]
    fn waiting_and_signing_in_are_told_by_headers() {
        let wait = Refusal(Problem::TooManyAttempts { retry_after: 90 }).into_response();
        assert_eq!(wait.headers()[header::RETRY_AFTER], "90");
        let token = Refusal(Problem::InvalidToken).into_response();
        assert_eq!(token.headers()[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
        let range = Refusal(Problem::RangeNotSatisfiable { size: 7 }).into_response();
        assert_eq!(range.headers()[header::CONTENT_RANGE], "bytes */7");
    }
}
