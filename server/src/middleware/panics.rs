//! A panic is an answer to one request, and no more.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};
use model::Problem;
use tower_http::catch_panic::CatchPanicLayer;

use crate::problem::Refusal;

/// Answers 500 where a handler panicked, and logs what it said.
#[must_use]
pub fn panics() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(answer)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    Refusal(Problem::Internal).into_response()
}
