//! A person's images.

use app::service;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::{
    Problem,
    rules::links::{Links, Origins, links},
    types::{DetailedImage, Image, ImageChange, ImageDetails, ImageId},
};
use reflect_core::images::library::{self, ListQuery};
use serde::{Deserialize, Serialize};

use super::{
    caller::{Caller, Delete, Edit, Read},
    parameters::{Body, Key, Parameters, limit},
};
use crate::{problem::Refusal, state::AppState};

/// An image with its links, all absolute.
#[derive(Debug, Serialize)]
pub(super) struct LinkedImage {
    #[serde(flatten)]
    image: Image,
    links: Links,
}

impl LinkedImage {
    pub(super) fn new(image: Image, origins: &Origins) -> Self {
        Self { links: links(&image, origins, None), image }
    }
}

/// The same with what only its owner sees.
#[derive(Serialize)]
struct LinkedDetails {
    #[serde(flatten)]
    image: LinkedImage,
    #[serde(flatten)]
    details: ImageDetails,
}

impl LinkedDetails {
    fn new(found: DetailedImage, origins: &Origins) -> Self {
        Self { image: LinkedImage::new(found.image, origins), details: found.details }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListParameters {
    limit: Option<String>,
    cursor: Option<String>,
    q: Option<String>,
}

#[derive(Serialize)]
struct ImageList {
    images: Vec<LinkedImage>,
    next_cursor: Option<String>,
}

/// `GET /api/v1/images?limit&cursor&q`: newest first, `q` searches in file names.
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Response, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let query = ListQuery { limit, cursor: parameters.cursor, search: parameters.q };
    let page = library::list(state.core(), caller.user, &query).await?;
    let origins = &state.core().settings.origins;
    let images = page.items.into_iter().map(|image| LinkedImage::new(image, origins)).collect();
    Ok(Json(ImageList { images, next_cursor: page.next_cursor }).into_response())
}

/// `GET /api/v1/images/{id}`
pub(super) async fn get(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key(id): Key<ImageId>,
) -> Result<Response, Refusal> {
    let found = library::details(state.core(), caller.user, id).await?;
    Ok(Json(LinkedDetails::new(found, &state.core().settings.origins)).into_response())
}

/// `PATCH /api/v1/images/{id}` (RFC 7396): what isn't named stays, what is `null` goes.
pub(super) async fn change(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key(id): Key<ImageId>,
    Body(change): Body<ImageChange>,
) -> Result<Response, Refusal> {
    let changed = service::images::change(state.core(), caller.user, id, &change).await?;
    Ok(Json(LinkedDetails::new(changed, &state.core().settings.origins)).into_response())
}

/// `DELETE /api/v1/images/{id}`: into the bin.
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller<Delete>,
    Key(id): Key<ImageId>,
) -> Result<StatusCode, Refusal> {
    let gone = library::delete(state.core(), caller.user, &[id]).await?;
    if gone.is_empty() { Err(Problem::NotFound.into()) } else { Ok(StatusCode::NO_CONTENT) }
}
