//! Problems as HTTP answers: `application/problem+json` (RFC 9457).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::{Problem, types::Scope};
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

/// Why whoever calls the API is not let in.
#[derive(Debug)]
pub enum Denied {
    /// As anybody would be.
    Refused(Refusal),
    /// Their API token is good, but not for this. No [`Problem`], which the browser's program can read: a
    /// browser has no token.
    MissingScope(Scope),
}

impl<P: Into<Problem>> From<P> for Denied {
    fn from(problem: P) -> Self {
        Self::Refused(Refusal(problem.into()))
    }
}

impl Denied {
    /// The same for those who know no scopes, but a text that people read.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Refused(Refusal(problem)) => problem,
            Self::MissingScope(scope) => Problem::InvalidParameter {
                name: "token".to_owned(),
                expected: format!("one with the scope `{}`", scope.as_str()),
            },
        }
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::MissingScope(scope) => missing_scope(scope),
        }
    }
}

/// What else belongs to a missing scope.
#[derive(Serialize)]
struct MissingScope {
    code: &'static str,
    scope: Scope,
}

/// With the challenge of RFC 6750 §3.1.
fn missing_scope(scope: Scope) -> Response {
    let detail = format!("The API token lacks the scope `{0}`: make one that has it.", scope.as_str());
    let members = MissingScope { code: "insufficient-scope", scope };
    let mut response = document(StatusCode::FORBIDDEN, detail, None, members, Map::new());
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope.as_str());
    if let Ok(value) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// A problem document: the members that the RFC names, those of the problem, and more.
#[derive(Serialize)]
struct Document<'a, M> {
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'a str>,
    #[serde(flatten)]
    members: M,
    #[serde(flatten)]
    more: Map<String, Value>,
}

pub(crate) fn document(
    status: StatusCode,
    detail: String,
    setting: Option<&str>,
    members: impl Serialize,
    more: Map<String, Value>,
) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let document = Document { title, status: status.as_u16(), detail, setting, members, more };
    let mut response = (status, Json(document)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Refusal {
    /// The answer, with `more` members in the document.
    pub fn with(self, more: Map<String, Value>) -> Response {
        let Self(problem) = self;
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = document(status, problem.to_string(), problem.setting(), &problem, more);
        // For those who say it in another form.
        response.extensions_mut().insert(problem.clone());
        let headers = response.headers_mut();
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
