//! Where the caller is signed in.

use app::service::sessions as service;
use axum::Json;
use http::StatusCode;
use model::types::{SessionEntry, SessionHandle};
use serde::Serialize;

use super::{caller::InPerson, parameters::Key};
use crate::problem::Refusal;

#[derive(Serialize)]
pub(super) struct SessionList {
    sessions: Vec<SessionEntry>,
}

#[derive(Serialize)]
pub(super) struct Ended {
    pub(super) ended: u64,
}

/// `GET /api/v1/sessions`: the last used first.
pub(super) async fn list(InPerson(request): InPerson) -> Result<Json<SessionList>, Refusal> {
    Ok(Json(SessionList { sessions: service::list(&request).await? }))
}

/// `DELETE /api/v1/sessions`: all but the one that asks.
pub(super) async fn end_others(InPerson(request): InPerson) -> Result<Json<Ended>, Refusal> {
    Ok(Json(Ended { ended: service::end_others(&request).await? }))
}

/// `DELETE /api/v1/sessions/{id}`
pub(super) async fn end(
    InPerson(request): InPerson,
    Key(id): Key<SessionHandle>,
) -> Result<StatusCode, Refusal> {
    service::end(&request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
