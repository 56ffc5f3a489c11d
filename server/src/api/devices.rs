//! Devices on which the caller signs in without a code.

use app::service::devices as service;
use axum::Json;
use http::StatusCode;
use model::types::{DeviceId, TrustedDevice};
use serde::Serialize;

use super::{
    caller::InPerson,
    parameters::{Body, Key, Renamed},
};
use crate::problem::Refusal;

#[derive(Serialize)]
pub(super) struct DeviceList {
    devices: Vec<TrustedDevice>,
}

#[derive(Serialize)]
pub(super) struct Trusted {
    id: DeviceId,
}

/// `GET /api/v1/devices`: the last used first.
pub(super) async fn list(InPerson(request): InPerson) -> Result<Json<DeviceList>, Refusal> {
    Ok(Json(DeviceList { devices: service::list(&request).await? }))
}

/// `POST /api/v1/devices`: trusts the one that asks. Its token is in a cookie.
pub(super) async fn trust(InPerson(request): InPerson) -> Result<(StatusCode, Json<Trusted>), Refusal> {
    let id = service::trust(&request).await?;
    Ok((StatusCode::CREATED, Json(Trusted { id })))
}

/// `DELETE /api/v1/devices`
pub(super) async fn revoke_all(InPerson(request): InPerson) -> Result<StatusCode, Refusal> {
    service::revoke_all(&request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH /api/v1/devices/{id}`
pub(super) async fn rename(
    InPerson(request): InPerson,
    Key(id): Key<DeviceId>,
    Body(Renamed { name }): Body<Renamed>,
) -> Result<StatusCode, Refusal> {
    service::rename(&request, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/devices/{id}`
pub(super) async fn revoke(
    InPerson(request): InPerson,
    Key(id): Key<DeviceId>,
) -> Result<StatusCode, Refusal> {
    service::revoke(&request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
