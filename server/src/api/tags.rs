//! A person's tags.

use app::service;
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::{get, patch},
};
use http::StatusCode;
use model::types::{Tag, TagChange, TagId};
use reflect_core::images::tags;
use serde::{Deserialize, Serialize};

use super::{
    caller::{Caller, Edit, Read},
    parameters::{Body, Key, Parameters},
};
use crate::{problem::Refusal, state::AppState};

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/tags", get(list)).route("/api/v1/tags/{id}", patch(change).delete(delete))
}

#[derive(Default, Deserialize)]
struct Beginning {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct Tags {
    tags: Vec<Tag>,
}

/// `GET /api/v1/tags?q`: by their names, `q` is a beginning.
async fn list(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Parameters(Beginning { q }): Parameters<Beginning>,
) -> Result<Response, Refusal> {
    let tags = tags::list(state.core(), caller.user, &q).await?;
    Ok(Json(Tags { tags }).into_response())
}

/// `PATCH /api/v1/tags/{id}`
async fn change(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key(id): Key<TagId>,
    Body(change): Body<TagChange>,
) -> Result<Response, Refusal> {
    Ok(Json(service::tags::change(state.core(), caller.user, id, &change).await?).into_response())
}

/// `DELETE /api/v1/tags/{id}`: images that had it stay.
async fn delete(
    State(state): State<AppState>,
    caller: Caller<Edit>,
    Key(id): Key<TagId>,
) -> Result<StatusCode, Refusal> {
    tags::delete(state.core(), caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
