//! A person's albums.

use app::service;
use axum::{
    Extension, Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, patch},
};
use http::StatusCode;
use model::{
    rules::links::album_path,
    types::{
        Album, AlbumChange, AlbumDraft, AlbumId, AlbumName, AlbumShare, Description, ImageId, Timestamp,
    },
};
use reflect_core::{auth::Client, images::albums};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    caller::{Caller, Edit, Read},
    images::{ImageList, LinkedImage},
    parameters::{Body, Key, Parameters, invalid, limit},
};
use crate::{problem::Refusal, state::AppState};

/// Images that one address names, at most.
const NAMED: usize = 200;

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/albums", get(list).post(create))
        .route("/api/v1/albums/{id}", get(find).patch(change).delete(delete))
        .route("/api/v1/albums/{id}/images", get(images).delete(remove))
        .route("/api/v1/albums/{id}/images/{image}", patch(place))
}

/// An album with the links of what stands for it.
#[derive(Serialize)]
struct Shown {
    id: AlbumId,
    name: AlbumName,
    description: Option<Description>,
    parent: Option<AlbumId>,
    created_at: Timestamp,
    count: u32,
    cover: Option<LinkedImage>,
    share: Option<Share>,
}

/// Its page for others.
#[derive(Serialize)]
struct Share {
    url: String,
    has_password: bool,
    expires_at: Option<Timestamp>,
}

impl Shown {
    fn new(album: Album, state: &AppState) -> Self {
        let Album { id, name, description, parent, created_at, count, cover, share } = album;
        let origins = &state.core().settings.origins;
        let cover = cover.map(|image| LinkedImage::new(image, origins));
        let share = share.map(|AlbumShare { slug, has_password, expires_at }| Share {
            url: format!("{}{}", origins.site, album_path(&slug)),
            has_password,
            expires_at,
        });
        Self { id, name, description, parent, created_at, count, cover, share }
    }
}

#[derive(Serialize)]
struct Albums {
    albums: Vec<Shown>,
}

/// `GET /api/v1/albums`: all of them, in their order.
async fn list(State(state): State<AppState>, caller: Caller<Read>) -> Result<Response, Refusal> {
    let found = albums::list(state.core(), caller.user).await?;
    let albums = found.into_iter().map(|album| Shown::new(album, &state)).collect();
    Ok(Json(Albums { albums }).into_response())
}

/// `POST /api/v1/albums`
async fn create(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Body(draft): Body<AlbumDraft>,
) -> Result<Response, Refusal> {
    let made = service::albums::create(state.core(), caller.user, &draft).await?;
    Ok((StatusCode::CREATED, Json(Shown::new(made, &state))).into_response())
}

/// `GET /api/v1/albums/{id}`
async fn find(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key(id): Key<AlbumId>,
) -> Result<Response, Refusal> {
    let found = albums::find(state.core(), caller.user, id).await?;
    Ok(Json(Shown::new(found, &state)).into_response())
}

/// `PATCH /api/v1/albums/{id}` (RFC 7396): what isn't named stays, what is `null` goes.
async fn change(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key(id): Key<AlbumId>,
    Body(change): Body<AlbumChange>,
) -> Result<Response, Refusal> {
    let by = caller.by(&client);
    let changed = service::albums::change(state.core(), by, caller.user, id, &change).await?;
    Ok(Json(Shown::new(changed, &state)).into_response())
}

/// `DELETE /api/v1/albums/{id}`: its images stay.
async fn delete(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key(id): Key<AlbumId>,
) -> Result<StatusCode, Refusal> {
    albums::delete(state.core(), caller.by(&client), caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
struct PageParameters {
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /api/v1/albums/{id}/images?limit&cursor`: in the album's order.
async fn images(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key(id): Key<AlbumId>,
    Parameters(parameters): Parameters<PageParameters>,
) -> Result<Response, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let page = albums::images(state.core(), caller.user, id, limit, parameters.cursor.as_deref()).await?;
    Ok(Json(ImageList::new(page, &state.core().settings.origins)).into_response())
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    ids: String,
}

#[derive(Serialize)]
struct Removed {
    removed: Vec<ImageId>,
}

/// `DELETE /api/v1/albums/{id}/images?ids=…,…`: they stay where else they are.
async fn remove(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key(id): Key<AlbumId>,
    Parameters(Named { ids }): Parameters<Named>,
) -> Result<Response, Refusal> {
    let ids: Option<Vec<ImageId>> = ids.split(',').map(|id| id.trim().parse().ok()).collect();
    let ids = ids.filter(|ids| ids.len() <= NAMED);
    let ids =
        ids.ok_or_else(|| invalid("ids", format!("1 to {NAMED} keys of images, with commas between")))?;
    let removed = albums::remove(state.core(), caller.user, id, &ids).await?;
    Ok(Json(Removed { removed }).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    before: Option<ImageId>,
}

/// `PATCH /api/v1/albums/{id}/images/{image}`: to another place.
async fn place(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key((id, image)): Key<(Uuid, Uuid)>,
    Body(Place { before }): Body<Place>,
) -> Result<StatusCode, Refusal> {
    albums::place(state.core(), caller.user, AlbumId(id), ImageId(image), before).await?;
    Ok(StatusCode::NO_CONTENT)
}
