//! A person's images.

use std::mem;

use app::service;
use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::{
    Problem,
    rules::links::{Links, Origins, links},
    types::{
        BulkAction, BulkRequest, DetailedImage, Image, ImageChange, ImageDetails, ImageId, Page, Scope,
        TimelineMonth,
    },
};
use reflect_core::{
    auth::Client,
    images::library::{self, ListQuery},
};
use serde::{Deserialize, Serialize};

use super::{
    caller::{Any, Caller, Delete, Edit, Read},
    parameters::{Body, Key, Parameters, limit},
};
use crate::{
    problem::{Denied, Refusal},
    state::AppState,
};

/// An image with its links, all absolute.
#[derive(Debug, Serialize)]
pub(super) struct LinkedImage {
    #[serde(flatten)]
    image: Image,
    thumbhash: Option<String>,
    links: Links,
}

impl LinkedImage {
    pub(super) fn new(mut image: Image, origins: &Origins) -> Self {
        let thumbhash = Some(mem::take(&mut image.thumbhash)).filter(|hash| !hash.is_empty());
        // That is for pages.
        image.preview.clear();
        Self { links: links(&image, origins, None), image, thumbhash }
    }

    pub(super) const fn id(&self) -> ImageId {
        self.image.id
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

/// What a list takes besides what it is searched by.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListParameters {
    limit: Option<String>,
    cursor: Option<String>,
    at: Option<String>,
}

/// One page of images.
#[derive(Serialize)]
pub(super) struct ImageList {
    images: Vec<LinkedImage>,
    next_cursor: Option<String>,
}

impl ImageList {
    pub(super) fn new(page: Page<Image>, origins: &Origins) -> Self {
        let images = page.items.into_iter().map(|image| LinkedImage::new(image, origins)).collect();
        Self { images, next_cursor: page.next_cursor }
    }
}

/// `GET /api/v1/images?limit&cursor&at` and what images are searched by: newest first, from a day, month or other
/// place on if `at` names one.
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Parameters(parameters): Parameters<ListParameters>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let search = service::search::strictly(&query.unwrap_or_default(), &["limit", "cursor", "at"])?;
    let query = ListQuery { limit, cursor: parameters.cursor, at: parameters.at, search };
    let page = library::list(state.core(), caller.user, &query).await?;
    Ok(Json(ImageList::new(page, &state.core().settings.origins)).into_response())
}

#[derive(Serialize)]
struct Timeline {
    months: Vec<TimelineMonth>,
}

/// `GET /api/v1/images/timeline`: how many images each month has.
pub(super) async fn timeline(
    State(state): State<AppState>,
    caller: Caller<Read>,
) -> Result<Response, Refusal> {
    let months = library::timeline(state.core(), caller.user).await?;
    Ok(Json(Timeline { months }).into_response())
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
    Extension(client): Extension<Client>,
    caller: Caller<Delete>,
    Key(id): Key<ImageId>,
) -> Result<StatusCode, Refusal> {
    let gone = library::delete(state.core(), caller.by(&client), caller.user, &[id]).await?;
    if gone.is_empty() { Err(Problem::NotFound.into()) } else { Ok(StatusCode::NO_CONTENT) }
}

/// `POST /api/v1/images/bulk`: something is done to many, to all of them or to none.
pub(super) async fn bulk(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Any>,
    Body(request): Body<BulkRequest>,
) -> Result<Response, Denied> {
    caller.require(match request.action {
        BulkAction::Delete | BulkAction::Restore => Scope::Delete,
        BulkAction::Visibility(_) | BulkAction::ExpiresAt(_) | BulkAction::Tags(_) | BulkAction::Album(_) => {
            Scope::Edit
        }
    })?;
    let done = service::bulk::bulk(state.core(), caller.by(&client), caller.user, &request).await?;
    Ok(Json(done).into_response())
}
