//! No answer takes for ever.

use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use model::Problem;

use crate::problem::Refusal;

/// Longest time that an answer may take; uploads have their own rule.
const DEADLINE: Duration = Duration::from_secs(30);

/// Answers 408 where nothing else comes in time.
pub async fn deadline(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal(Problem::TimedOut).into_response(),
    }
}
