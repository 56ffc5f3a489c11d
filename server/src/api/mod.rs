//! The JSON API, `/api/v1/…`. Failures are problem documents (RFC 9457) with stable codes.

mod admin;
mod albums;
mod archive;
mod audit;
mod auth;
mod authenticators;
mod caller;
mod captcha;
mod compat;
mod csv;
mod devices;
mod fetched;
mod file_name;
mod guests;
mod images;
mod import;
mod intake;
mod me;
mod oembed;
mod once;
mod parameters;
mod profiles;
mod sessions;
mod statistics;
mod tags;
mod tokens;
mod upload;
mod upload_memory;
mod uploader;
mod versions;

use std::convert::Infallible;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use model::Problem;

use crate::{
    middleware::{deadline, rate_limit, read_on},
    problem::Refusal,
    state::AppState,
};

pub use self::caller::{Admin, Any, Caller, Delete, Edit, InPerson, Permission, Read, Upload, admit};
pub use self::upload_memory::UploadMemory;
pub(crate) use self::{
    caller::bearer_token, compat::routes as compat_routes, guests::door_routes as guest_routes,
};

/// Names, codes and settings are short, and so is the longest solution of a challenge.
const BODY: usize = 16 * 1024;

/// What is said about an image, each character of it escaped.
const DESCRIBED: usize = 64 * 1024;

/// As many keys as one request may name.
pub(crate) const KEYS: usize = 512 * 1024;

/// All albums that somebody may have, with what there is to say of them.
const ALBUMS: usize = 24 * 1024 * 1024;

/// The routes of the API.
pub fn routes() -> Router<AppState> {
    account_routes()
        .merge(image_routes())
        .route("/api/v1/images", uploading(post(upload::upload)))
        .route("/api/v1/import/images", uploading(post(import::image)))
        .route("/api/v1/images/{id}/file", uploading(put(versions::replace)))
        .route("/api/{*rest}", axum::routing::any(nothing))
        .layer(from_fn(rate_limit))
        .method_not_allowed_fallback(wrong_method)
}

/// Those about images, albums and tags, but for uploading.
fn image_routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/images", get(images::list))
        .route("/api/v1/images/timeline", get(images::timeline))
        .route("/api/v1/images/bulk", post(images::bulk).layer(DefaultBodyLimit::max(KEYS)))
        .route(
            "/api/v1/images/zip",
            get(archive::of_search)
                .head(archive::head)
                .post(archive::of_ids)
                .layer(DefaultBodyLimit::max(KEYS)),
        )
        .route("/api/v1/export", get(archive::export).head(archive::head))
        .route("/api/v1/import", post(import::start).layer(DefaultBodyLimit::max(ALBUMS)))
        .route("/api/v1/import/known", post(import::known).layer(DefaultBodyLimit::max(KEYS)))
        .route("/api/v1/images/{id}", get(images::get).patch(images::change).delete(images::delete))
        .route("/api/v1/images/{id}/edit", post(versions::edit))
        .route("/api/v1/images/{id}/versions", get(versions::list))
        .route("/api/v1/images/{id}/versions/{number}", delete(versions::delete))
        .route("/api/v1/images/{id}/versions/{number}/file", get(versions::file))
        .route("/api/v1/images/{id}/versions/{number}/restore", post(versions::restore))
        .route("/oembed", get(oembed::oembed))
        .merge(albums::routes())
        .merge(guests::routes())
        .merge(statistics::routes())
        .merge(tags::routes())
        .layer(DefaultBodyLimit::max(DESCRIBED))
        .layer(from_fn(deadline))
}

/// Those about people, where requests are small and answers come soon.
fn account_routes() -> Router<AppState> {
    Router::new()
        .merge(admin::routes())
        .merge(auth::routes())
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/audit.csv", get(audit::export))
        .route("/api/v1/authenticators", get(authenticators::list))
        .route("/api/v1/authenticators/{id}", patch(authenticators::rename).delete(authenticators::remove))
        .route("/api/v1/devices", get(devices::list).post(devices::trust).delete(devices::revoke_all))
        .route("/api/v1/devices/{id}", patch(devices::rename).delete(devices::revoke))
        .route("/api/v1/me", get(me::me).delete(me::remove))
        .route("/api/v1/me/profile", get(profiles::own).patch(profiles::change))
        .route("/api/v1/users/{name}", get(profiles::find))
        .route("/api/v1/sessions", get(sessions::list).delete(sessions::end_others))
        .route("/api/v1/sessions/{id}", delete(sessions::end))
        .route("/api/v1/tokens", get(tokens::list).post(tokens::create).delete(tokens::revoke_all))
        .route("/api/v1/tokens/{id}", delete(tokens::revoke))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(deadline))
}

/// Takes bytes for as long as they go on coming.
fn uploading(handler: MethodRouter<AppState>) -> MethodRouter<AppState> {
    handler.layer::<_, Infallible>(from_fn(read_on)).layer(DefaultBodyLimit::disable())
}

async fn nothing() -> Refusal {
    Refusal(Problem::NotFound)
}

async fn wrong_method() -> Refusal {
    Refusal(Problem::MethodNotAllowed)
}
