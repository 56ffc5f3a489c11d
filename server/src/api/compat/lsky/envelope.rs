//! What every answer is wrapped in.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::Problem;
use serde::Serialize;

use crate::api::compat::request_id::RequestId;

#[derive(Serialize)]
struct Envelope<T> {
    status: bool,
    message: String,
    data: T,
}

/// `data` without members.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// The answer to what was done.
pub(super) fn success(message: &str, data: impl Serialize) -> Response {
    Json(Envelope { status: true, message: message.to_owned(), data }).into_response()
}

/// A failure that is the caller's to mend.
pub(super) fn refused(message: String) -> Response {
    Json(Envelope { status: false, message, data: Nothing {} }).into_response()
}

/// What is said of a failure.
pub(super) fn failure(_: RequestId, problem: &Problem) -> Response {
    let status = match problem {
        Problem::SignedOut | Problem::InvalidToken => StatusCode::UNAUTHORIZED,
        Problem::Forbidden => StatusCode::FORBIDDEN,
        Problem::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Problem::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
        Problem::Internal | Problem::Unavailable { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    };
    (status, refused(message(problem))).into_response()
}

/// The same of an upload, where nobody being known is no failure to sign in but a guest.
pub(super) fn upload_failure(id: RequestId, problem: &Problem) -> Response {
    match problem {
        Problem::SignedOut | Problem::InvalidToken => refused(format!("管理员关闭了游客上传: {problem}")),
        other => failure(id, other),
    }
}

/// The sentence by which people know it from Lsky Pro, where there is one, and what reflect has to say.
fn message(problem: &Problem) -> String {
    let known = match problem {
        Problem::SignedOut | Problem::InvalidToken => "Unauthenticated",
        Problem::UnsupportedFormat { .. } => "不支持的文件类型",
        Problem::FileTooLarge { .. } => "图片大小超出限制",
        Problem::QuotaExceeded { .. } => "储存空间不足",
        Problem::InvalidParameter { name, .. } if name == "strategy_id" => "选定的策略不存在",
        Problem::Internal | Problem::Unavailable { .. } => "服务异常，请稍后再试",
        other => return other.to_string(),
    };
    format!("{known}: {problem}")
}
