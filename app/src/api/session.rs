//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{ChallengeAnswer, SessionInfo, SignInStep};

use crate::ApiError;

/// Who is signed in, and what the instance allows.
#[server(prefix = "/api/app", endpoint = "session", input = Json)]
pub async fn current_session() -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(request.info().await?)
}

/// Signs in with six digits. `name` may be empty where the instance has one account; `challenge` is
/// what was solved after [`SignInStep::NeedChallenge`].
#[server(prefix = "/api/app", endpoint = "sign-in", input = Json)]
pub async fn sign_in(
    name: String,
    code: String,
    challenge: Option<ChallengeAnswer>,
) -> Result<SignInStep, ApiError> {
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    Ok(crate::service::sign_in::with_code(&request, &name, &code).await?)
}

/// Signs in with the code that follows the first one.
#[server(prefix = "/api/app", endpoint = "sign-in-second-code", input = Json)]
pub async fn sign_in_with_second_code(ticket: String, code: String) -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sign_in::with_second_code(&request, &ticket, &code).await?)
}

/// Asks for a mailed code in the place of the second one; answers its ticket, whether one is mailed or not.
#[server(prefix = "/api/app", endpoint = "sign-in-ask-mailed-code", input = Json)]
pub async fn ask_for_mailed_code(ticket: String) -> Result<String, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sign_in::ask_for_mailed_code(&request, &ticket).await?)
}

/// Signs in with that code.
#[server(prefix = "/api/app", endpoint = "sign-in-mailed-code", input = Json)]
pub async fn sign_in_with_mailed_code(ticket: String, code: String) -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sign_in::with_mailed_code(&request, &ticket, &code).await?)
}

/// Signs in with a recovery code, which is used up. `challenge` as with [`sign_in`].
#[server(prefix = "/api/app", endpoint = "sign-in-with-recovery-code", input = Json)]
pub async fn sign_in_with_recovery_code(
    name: String,
    code: String,
    challenge: Option<ChallengeAnswer>,
) -> Result<SignInStep, ApiError> {
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    Ok(crate::service::sign_in::with_recovery_code(&request, &name, &code).await?)
}

/// Signs in with what a trusted device has; asks for a code if it isn't trusted any more.
#[server(prefix = "/api/app", endpoint = "sign-in-with-device", input = Json)]
pub async fn sign_in_with_device() -> Result<SignInStep, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sign_in::with_device(&request).await?)
}

/// Ends this session.
#[server(prefix = "/api/app", endpoint = "sign-out", input = Json)]
pub async fn sign_out() -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sign_in::sign_out(&request).await?)
}
