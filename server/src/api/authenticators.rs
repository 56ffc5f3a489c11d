//! The caller's authenticators. One more, or another secret for one, comes by `auth/totp/registration-options`.

use app::service::authenticators as service;
use axum::Json;
use http::StatusCode;
use model::types::{Authenticator, AuthenticatorId};
use serde::{Deserialize, Serialize};

use super::{
    caller::InPerson,
    parameters::{Body, Key, Renamed},
};
use crate::problem::Refusal;

#[derive(Serialize)]
pub(super) struct AuthenticatorList {
    authenticators: Vec<Authenticator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disabled {
    id: AuthenticatorId,
}

/// `GET /api/v1/authenticators`: the oldest first.
pub(super) async fn list(InPerson(request): InPerson) -> Result<Json<AuthenticatorList>, Refusal> {
    Ok(Json(AuthenticatorList { authenticators: service::list(&request).await? }))
}

/// `PATCH /api/v1/authenticators/{id}`
pub(super) async fn rename(
    InPerson(request): InPerson,
    Key(id): Key<AuthenticatorId>,
    Body(Renamed { name }): Body<Renamed>,
) -> Result<StatusCode, Refusal> {
    service::rename(&request, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/authenticators/{id}`: never the last.
pub(super) async fn remove(
    InPerson(request): InPerson,
    Key(id): Key<AuthenticatorId>,
) -> Result<StatusCode, Refusal> {
    service::remove(&request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/auth/totp/disable`: the same, with the key in the body.
pub(super) async fn disable(
    person: InPerson,
    Body(Disabled { id }): Body<Disabled>,
) -> Result<StatusCode, Refusal> {
    remove(person, Key(id)).await
}
