//! The status of server functions.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use model::Problem;

use crate::problem::Refusal;

/// A problem in JSON is far smaller.
const MOST: usize = 64 * 1024;

/// Gives a failed server function the status of its [`Problem`]: `server_fn` answers 500 to
/// whatever it refuses before the function is called.
pub async fn function_status(request: Request, next: Next) -> Response {
    let is_call = request.method() == Method::POST;
    let response = next.run(request).await;
    if !is_call || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST).await else { return Refusal(Problem::Internal).into_response() };
    let problem = serde_json::from_slice::<Problem>(&bytes).ok();
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status()).ok()) {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(bytes))
}
