//! Links by which people without an account put images into an album: its owner's side, and theirs.

use std::convert::Infallible;

use app::service;
use axum::{
    Extension, Json, Router,
    extract::{Request, State},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
    routing::{delete, get, post},
};
use http::StatusCode;
use model::{
    GuestProblem, Problem,
    rules::links::guest_path,
    types::{AlbumId, ByteSize, GuestLink, GuestLinkDraft, GuestLinkId, GuestLinkName, Slug, Timestamp},
};
use reflect_core::{
    auth::Client,
    images::albums::{
        AlbumError,
        guests::{self, OpenLink},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use uuid::Uuid;

use super::{
    caller::{Caller, Edit},
    fetched::Reason,
    parameters::{Body, Key, Typed},
    upload,
    uploader::Guest,
};
use crate::{
    middleware::{deadline, is_from_elsewhere},
    problem::Refusal,
    state::AppState,
};

/// The owner's.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/albums/{id}/guest-links", get(list).post(make))
        .route("/api/v1/albums/{id}/guest-links/{link}", delete(end))
}

/// The guests'. No session counts here, nor does a token: the secret in the address does.
pub(crate) fn door_routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/guest-links/{secret}", get(look).layer::<_, Infallible>(from_fn(deadline)))
        .route("/api/v1/guest-links/{secret}/images", super::uploading(post(send)))
        .method_not_allowed_fallback(super::wrong_method)
}

/// A link with its address.
#[derive(Serialize)]
struct Shown {
    id: GuestLinkId,
    url: String,
    name: GuestLinkName,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    max_images: Option<u32>,
    max_bytes: Option<ByteSize>,
    images: u32,
    bytes: ByteSize,
}

impl Shown {
    fn new(link: GuestLink, state: &AppState) -> Self {
        let GuestLink { id, slug, name, created_at, expires_at, max_images, max_bytes, images, bytes } = link;
        let url = format!("{}{}", state.core().settings.origins.site, guest_path(&slug));
        Self { id, url, name, created_at, expires_at, max_images, max_bytes, images, bytes }
    }
}

#[derive(Serialize)]
struct Links {
    guest_links: Vec<Shown>,
}

/// `GET /api/v1/albums/{id}/guest-links`: to who may add images to the album, since the links do.
async fn list(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key(album): Key<AlbumId>,
) -> Result<Response, Refusal> {
    let found = guests::list(state.core(), caller.user, album).await?;
    let guest_links = found.into_iter().map(|link| Shown::new(link, &state)).collect();
    Ok(Json(Links { guest_links }).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    name: String,
    expires_at: Option<String>,
    max_images: Option<Typed>,
    max_bytes: Option<Typed>,
}

/// `POST /api/v1/albums/{id}/guest-links`
async fn make(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key(album): Key<AlbumId>,
    Body(Draft { name, expires_at, max_images, max_bytes }): Body<Draft>,
) -> Result<Response, Refusal> {
    let typed = |value: Option<Typed>| value.map(|Typed(text)| text);
    let (max_images, max_bytes) = (typed(max_images), typed(max_bytes));
    let draft = GuestLinkDraft { name, expires_at, max_images, max_bytes };
    let made = service::guests::make(state.core(), caller.by(&client), caller.user, album, &draft).await?;
    Ok((StatusCode::CREATED, Json(Shown::new(made, &state))).into_response())
}

/// `DELETE /api/v1/albums/{id}/guest-links/{link}`: what came by it stays.
async fn end(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key((album, link)): Key<(Uuid, Uuid)>,
) -> Result<StatusCode, Refusal> {
    let by = caller.by(&client);
    guests::end(state.core(), by, caller.user, AlbumId(album), GuestLinkId(link)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/guest-links/{secret}`
async fn look(State(state): State<AppState>, Key(secret): Key<String>) -> Response {
    match opened(&state, &secret).await {
        Ok(OpenLink { door, .. }) => Json(door).into_response(),
        Err(reason) => reason.into_response(Map::new()),
    }
}

/// `POST /api/v1/guest-links/{secret}/images`
async fn send(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Key(secret): Key<String>,
    request: Request,
) -> Response {
    // Else any page could have its visitors use up what the link takes.
    if is_from_elsewhere(request.headers()) {
        return Refusal(Problem::CrossSite).into_response();
    }
    match opened(&state, &secret).await {
        Ok(OpenLink { pass, .. }) => {
            let guest = Guest { pass, address: client.address };
            upload::take_in(&state, &guest.into(), request).await
        }
        Err(reason) => reason.into_response(Map::new()),
    }
}

async fn opened(state: &AppState, secret: &str) -> Result<OpenLink, Reason> {
    let slug: Slug = secret.parse().map_err(|_| GuestProblem::GuestLinkEnded)?;
    guests::open(state.core(), &slug).await.map_err(|error| match error {
        AlbumError::NotFound => GuestProblem::GuestLinkEnded.into(),
        error => Reason::Problem(error.into()),
    })
}
