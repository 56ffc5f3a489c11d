//! Signing in and out.

use app::service::sign_in as service;
use axum::Json;
use http::StatusCode;
use model::types::{ChallengeAnswer, SignInStep};
use serde::Deserialize;

use super::{Body, InPerson, Refusal, invalid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    name: Option<String>,
    code: Option<String>,
    recovery_code: Option<String>,
    challenge: Option<ChallengeAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondCode {
    ticket: String,
    code: Option<String>,
    mailed_code: Option<String>,
}

/// `POST /api/v1/auth/sign-in`: by a code, by a recovery code, or with neither by what a trusted device has.
/// Answers what comes next.
pub(super) async fn sign_in(
    InPerson(request): InPerson,
    Body(Credentials { name, code, recovery_code, challenge }): Body<Credentials>,
) -> Result<Json<SignInStep>, Refusal> {
    let request = request.with_challenge(challenge);
    let typed = name.as_deref().unwrap_or_default();
    Ok(Json(match (code, recovery_code) {
        (Some(code), None) => service::with_code(&request, typed, &code).await?,
        (None, Some(code)) => service::with_recovery_code(&request, typed, &code).await?,
        (None, None) if name.is_none() => service::with_device(&request).await?,
        _ => return Err(invalid("body", "one with either `code` or `recovery_code`, or empty").into()),
    }))
}

/// `POST /api/v1/auth/totp/verify`: the second of two codes, or the mailed one in its place.
pub(super) async fn verify(
    InPerson(request): InPerson,
    Body(SecondCode { ticket, code, mailed_code }): Body<SecondCode>,
) -> Result<Json<SignInStep>, Refusal> {
    let session = match (code, mailed_code) {
        (Some(code), None) => service::with_second_code(&request, &ticket, &code).await?,
        (None, Some(code)) => service::with_mailed_code(&request, &ticket, &code).await?,
        _ => return Err(invalid("body", "one with either `code` or `mailed_code`").into()),
    };
    Ok(Json(SignInStep::SignedIn { session: Box::new(session) }))
}

/// `POST /api/v1/auth/sign-out`: also where nobody is signed in.
pub(super) async fn sign_out(InPerson(request): InPerson) -> Result<StatusCode, Refusal> {
    service::sign_out(&request).await?;
    Ok(StatusCode::NO_CONTENT)
}
