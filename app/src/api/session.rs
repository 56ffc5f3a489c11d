//! Signing in and out.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{ChallengeAnswer, SessionInfo, SignInStep};

use crate::ApiError;

/// Who is signed in, and what the instance allows.
#[server(prefix = "/api/app", endpoint = "session", input = Json)]
pub async fn current_session() -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    request.info().await
}

/// Signs in with six digits. `name` may be empty where the instance has one account; `challenge` is
/// what was solved after [`SignInStep::NeedChallenge`].
#[server(prefix = "/api/app", endpoint = "sign-in", input = Json)]
pub async fn sign_in(
    name: String,
    code: String,
    challenge: Option<ChallengeAnswer>,
) -> Result<SignInStep, ApiError> {
    use reflect_core::auth::{
        AuthError,
        sign_in::{Outcome, with_code},
    };
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    let name = crate::context::sign_in_name(&name)?;
    let code = code.parse().map_err(|_| crate::context::fail(model::Problem::WrongCode))?;
    match with_code(&request.app.core, &request.client, name.as_ref(), code).await {
        Ok(Outcome::SignedIn(user)) => Ok(SignInStep::SignedIn(Box::new(request.sign_in(user).await?))),
        Ok(Outcome::NeedSecondCode(ticket)) => Ok(SignInStep::NeedSecondCode { ticket }),
        Err(AuthError::ChallengeNeeded) => Ok(SignInStep::NeedChallenge),
        Err(error) => Err(crate::context::fail(error)),
    }
}

/// Signs in with the code that follows the first one.
#[server(prefix = "/api/app", endpoint = "sign-in-second-code", input = Json)]
pub async fn sign_in_with_second_code(ticket: String, code: String) -> Result<SessionInfo, ApiError> {
    use reflect_core::auth::sign_in::with_second_code;
    let request = crate::context::Request::current().await?;
    let code = code.parse().map_err(|_| crate::context::fail(model::Problem::WrongCode))?;
    let user = with_second_code(&request.app.core, &request.client, &ticket, code).await;
    request.sign_in(user.map_err(crate::context::fail)?).await
}

/// Signs in with a recovery code, which is used up. `challenge` as with [`sign_in`].
#[server(prefix = "/api/app", endpoint = "sign-in-with-recovery-code", input = Json)]
pub async fn sign_in_with_recovery_code(
    name: String,
    code: String,
    challenge: Option<ChallengeAnswer>,
) -> Result<SignInStep, ApiError> {
    use reflect_core::auth::{AuthError, sign_in::with_recovery_code};
    let request = crate::context::Request::current().await?.with_challenge(challenge);
    let name = crate::context::sign_in_name(&name)?;
    let code = code.parse().map_err(|_| crate::context::fail(model::Problem::WrongRecoveryCode))?;
    match with_recovery_code(&request.app.core, &request.client, name.as_ref(), code).await {
        Ok(user) => Ok(SignInStep::SignedIn(Box::new(request.sign_in(user).await?))),
        Err(AuthError::ChallengeNeeded) => Ok(SignInStep::NeedChallenge),
        Err(error) => Err(crate::context::fail(error)),
    }
}

/// Signs in with what a trusted device has; asks for a code if it isn't trusted any more.
#[server(prefix = "/api/app", endpoint = "sign-in-with-device", input = Json)]
pub async fn sign_in_with_device() -> Result<SignInStep, ApiError> {
    use reflect_core::auth::device::{Resumed, resume};
    let request = crate::context::Request::current().await?;
    match resume(&request.app.core, &request.client).await.map_err(crate::context::fail)? {
        Resumed::SignedIn(device, token, until) => {
            request.keep_device(&token, until);
            Ok(SignInStep::SignedIn(Box::new(request.sign_in_by(device.id, device.user).await?)))
        }
        Resumed::Unknown | Resumed::Reused(_) => {
            request.forget_device();
            Ok(SignInStep::NeedCode)
        }
    }
}

/// Ends this session.
#[server(prefix = "/api/app", endpoint = "sign-out", input = Json)]
pub async fn sign_out() -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    request.sign_out().await
}
