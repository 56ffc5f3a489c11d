//! The way back by mail.

use app::service::reset as service;
use axum::Json;
use http::StatusCode;
use model::types::{ChallengeAnswer, EnrolmentLinkInfo};
use serde::Deserialize;

use super::{Body, InPerson, Refusal, registration::Step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    email: String,
    challenge: Option<ChallengeAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mailed {
    token: String,
}

/// `POST /api/v1/auth/request-totp-reset`: the same answer whether the address is somebody's or not.
pub(super) async fn request(
    InPerson(request): InPerson,
    Body(Asked { email, challenge }): Body<Asked>,
) -> Result<StatusCode, Refusal> {
    service::request(&request.with_challenge(challenge), &email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/v1/auth/reset-totp/verify`: what the link is good for. Uses nothing up.
pub(super) async fn verify(
    InPerson(request): InPerson,
    Body(Mailed { token }): Body<Mailed>,
) -> Result<Json<EnrolmentLinkInfo>, Refusal> {
    Ok(Json(service::link(&request, &token).await?))
}

/// `POST /api/v1/auth/reset-totp/confirm`: makes the new secret; `totp/registration-verify` goes on.
pub(super) async fn confirm(
    InPerson(request): InPerson,
    Body(Mailed { token }): Body<Mailed>,
) -> Result<Json<Step>, Refusal> {
    Ok(Json(service::begin(&request, &token).await?.into()))
}
