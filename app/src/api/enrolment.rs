//! The steps of the wizard that makes an account.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Begun, ChallengeAnswer, EnrolmentLinkInfo, RecoveryCodesOffer, SessionInfo};

use crate::ApiError;

/// What the link is good for.
#[server(prefix = "/api/app", endpoint = "enrolment-link", input = Json)]
pub async fn enrolment_link(token: String) -> Result<EnrolmentLinkInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::enrolment::link(&request, &token).await?)
}

/// Makes the secret, or mails a code first. `email` may be empty, and `name` where the link has one.
#[server(prefix = "/api/app", endpoint = "begin-enrolment", input = Json)]
pub async fn begin_enrolment(token: String, name: String, email: String) -> Result<Begun, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::enrolment::begin(&request, &token, &name, &email).await?)
}

/// Makes the secret for whoever has the mailed code.
#[server(prefix = "/api/app", endpoint = "prove-enrolment-email", input = Json)]
pub async fn prove_enrolment_email(
    token: String,
    name: String,
    ticket: String,
    code: String,
) -> Result<Begun, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::enrolment::prove_email(&request, &token, &name, ticket, &code).await?)
}

/// A link to the wizard, where everybody may make an account.
#[server(prefix = "/api/app", endpoint = "sign-up", input = Json)]
pub async fn sign_up(challenge: Option<ChallengeAnswer>) -> Result<String, ApiError> {
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    Ok(crate::service::enrolment::sign_up(&request).await?)
}

/// Asks for a way back by mail. Answers the same whether the address is somebody's or not.
#[server(prefix = "/api/app", endpoint = "request-reset", input = Json)]
pub async fn request_reset(email: String, challenge: Option<ChallengeAnswer>) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    Ok(crate::service::reset::request(&request, &email).await?)
}

/// Takes the first code.
#[server(prefix = "/api/app", endpoint = "confirm-enrolment", input = Json)]
pub async fn confirm_enrolment(ticket: String, code: String) -> Result<RecoveryCodesOffer, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::enrolment::confirm(&request, &ticket, &code).await?)
}

/// Takes a recovery code back; the account exists and is signed in when this answers.
#[server(prefix = "/api/app", endpoint = "finish-enrolment", input = Json)]
pub async fn finish_enrolment(ticket: String, code: String) -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::enrolment::finish(&request, &ticket, &code).await?)
}
