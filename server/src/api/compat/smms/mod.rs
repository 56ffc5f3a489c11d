//! sm.ms v2, `/api/v2/…`, and the spelling of its successor S.EE, `/api/v1/file…`.
//!
//! Old clients look for `code: "success"`, newer ones for `message: "success"`, S.EE's for `code: 200`; what
//! fails is answered with status 200 as well, since clients read the reason from the body of such alone.

mod account;
mod envelope;
mod file;

use axum::{
    Router,
    middleware::from_fn,
    routing::{get, post},
};

use super::speaking;
use crate::{
    api::{uploading, wrong_method},
    middleware::deadline,
    state::AppState,
};

/// The routes of both spellings.
pub(super) fn routes() -> Router<AppState> {
    speaking(classic(), envelope::classic_failure).merge(speaking(see(), envelope::see_failure))
}

fn classic() -> Router<AppState> {
    Router::new()
        .route("/api/v2/token", post(account::token))
        .route("/api/v2/profile", post(account::profile))
        // A `HEAD` would be answered as `GET` is, and so delete.
        .route("/api/v2/delete/{hash}", get(file::delete_classic).head(wrong_method))
        .route("/api/v2/upload_history", get(file::history_classic))
        .route("/api/v2/history", get(account::nothing))
        .route("/api/v2/clear", get(account::nothing))
        .layer(from_fn(deadline))
        .route("/api/v2/upload", uploading(post(file::upload_classic)))
}

fn see() -> Router<AppState> {
    Router::new()
        .route("/api/v1/files", get(file::history_see))
        .route("/api/v1/file/delete/{hash}", get(file::delete_see).head(wrong_method))
        .layer(from_fn(deadline))
        .route("/api/v1/file/upload", uploading(post(file::upload_see)))
}
