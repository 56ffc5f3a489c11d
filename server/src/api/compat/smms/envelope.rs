//! What every answer is wrapped in.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use model::Problem;
use serde::Serialize;

use crate::api::compat::request_id::RequestId;

/// Which of the two spellings is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// sm.ms v2.
    Classic,
    /// S.EE.
    See,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Code {
    Word(String),
    Number(u16),
}

#[derive(Serialize)]
struct Envelope<T> {
    success: bool,
    code: Code,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
    #[serde(flatten)]
    paging: Option<Paging>,
    #[serde(rename = "RequestId")]
    request_id: String,
}

/// Which page of a list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Paging {
    pub(super) current_page: u32,
    pub(super) total_pages: u64,
    pub(super) per_page: u32,
    /// Entries of all pages.
    pub(super) count: u64,
}

/// What newer clients look for.
pub(super) const SUCCESS: &str = "success";

/// The answer to what was done.
pub(super) fn success(
    spelling: Spelling,
    id: RequestId,
    message: &str,
    data: impl Serialize,
    paging: Option<Paging>,
) -> Response {
    let code = match spelling {
        Spelling::Classic => Code::Word(SUCCESS.into()),
        Spelling::See => Code::Number(200),
    };
    let (message, request_id) = (message.to_owned(), id.text());
    Json(Envelope { success: true, code, message, data: Some(data), paging, request_id }).into_response()
}

/// What is said of a failure to clients of sm.ms.
pub(super) fn classic_failure(id: RequestId, problem: &Problem) -> Response {
    refused(id, Code::Word(word(problem)), message(problem))
}

/// The same to clients of S.EE.
pub(super) fn see_failure(id: RequestId, problem: &Problem) -> Response {
    refused(id, Code::Number(problem.status()), message(problem))
}

/// A refusal in these words.
pub(super) fn refused_because(id: RequestId, word: &str, message: &str) -> Response {
    refused(id, Code::Word(word.to_owned()), message.to_owned())
}

fn refused(id: RequestId, code: Code, message: String) -> Response {
    let request_id = id.text();
    Json(Envelope::<()> { success: false, code, message, data: None, paging: None, request_id })
        .into_response()
}

fn word(problem: &Problem) -> String {
    match problem {
        Problem::SignedOut | Problem::InvalidToken => "unauthorized".into(),
        other => other.code().replace('-', "_"),
    }
}

/// The sentence by which people know it from sm.ms, where there is one, and what reflect has to say.
fn message(problem: &Problem) -> String {
    let known = match problem {
        Problem::FileEmpty => return "File is empty.".into(),
        Problem::NoFile => return "No files were uploaded. Send one in the field `smfile`.".into(),
        Problem::SignedOut | Problem::InvalidToken | Problem::Forbidden => "Access Denied.",
        Problem::FileTooLarge { .. } => "File is too large.",
        Problem::UnsupportedFormat { .. } => "File has an invalid extension.",
        Problem::TooManyFiles { .. } => "Upload file count limit.",
        Problem::TooManyAttempts { .. } => "Upload file frequency limit.",
        other => return other.to_string(),
    };
    format!("{known} {problem}")
}
