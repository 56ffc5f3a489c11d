//! The JSON API, `/api/v1/…`. Failures are problem documents (RFC 9457) with stable codes.

mod audit;
mod caller;
mod captcha;
mod csv;
mod images;
mod me;
mod oembed;
mod parameters;
mod upload;
mod upload_memory;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use model::Problem;

use crate::{problem::Refusal, state::AppState};

pub(crate) use self::caller::bearer;
pub use self::upload_memory::UploadMemory;

/// The routes of the API.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/auth/captcha", post(captcha::issue))
        .route("/api/v1/auth/captcha/verify", post(captcha::verify))
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/audit.csv", get(audit::export))
        .route("/api/v1/images", get(images::list).post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/api/v1/images/{id}", get(images::get).delete(images::delete))
        .route("/api/v1/me", get(me::me))
        .route("/api/{*rest}", axum::routing::any(nothing))
        .route("/oembed", get(oembed::oembed))
        .method_not_allowed_fallback(wrong_method)
}

async fn nothing() -> Refusal {
    Refusal(Problem::NotFound)
}

async fn wrong_method() -> Refusal {
    Refusal(Problem::MethodNotAllowed)
}
