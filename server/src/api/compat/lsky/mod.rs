//! Lsky Pro 2.x, `/api/v1` there, `/compat/lsky/api/v1` here.
//!
//! What fails for a reason of its own is answered with status 200 and `status: false`; only who may not ask,
//! and what breaks, has a status that says so.

mod account;
mod album;
mod envelope;
mod image;
mod paginator;

use axum::{
    Router,
    middleware::from_fn,
    routing::{any, delete, get, post},
};

use super::speaking;
use crate::{
    api::{nothing, uploading},
    middleware::deadline,
    state::AppState,
};

/// Where it all is.
const BASE: &str = "/compat/lsky/api/v1";

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .nest(BASE, speaking(listed(), envelope::failure).merge(speaking(upload(), envelope::upload_failure)))
}

fn listed() -> Router<AppState> {
    Router::new()
        .route("/tokens", post(account::make_token).delete(account::revoke_tokens))
        .route("/profile", get(account::profile))
        .route("/strategies", get(account::strategies))
        .route("/images", get(image::list))
        .route("/images/{key}", delete(image::delete))
        .route("/albums", get(album::list))
        .route("/albums/{id}", delete(album::delete))
        .route("/{*rest}", any(nothing))
        .layer(from_fn(deadline))
}

fn upload() -> Router<AppState> {
    Router::new().route("/upload", uploading(post(image::upload)))
}
