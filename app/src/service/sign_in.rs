//! Signing in and out.

use model::{
    Problem,
    types::{SessionInfo, SignInStep, UserId},
};
use reflect_core::{
    auth::{
        AuthError,
        device::{Resumed, resume},
        sign_in::{self, Outcome, mailed_code},
        user,
    },
    db,
};

use crate::context::{Request, sign_in_name};

/// With six digits. `name` may be empty where the instance has one account; what the client has solved
/// after [`SignInStep::NeedChallenge`] is the request's.
///
/// # Errors
/// Those of [`sign_in::with_code`].
pub async fn with_code(request: &Request, name: &str, code: &str) -> Result<SignInStep, Problem> {
    request.recognise_device().await?;
    if nobody_has_an_account(request).await? {
        return Ok(SignInStep::NeedEnrolment);
    }
    let name = sign_in_name(name, Problem::WrongCode)?;
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let core = &request.app.core;
    let tried = match sign_in::with_code(core, &request.client, name.as_ref(), code).await {
        Ok(Outcome::NeedSecondCode(ticket)) => {
            return Ok(SignInStep::NeedSecondCode { ticket, by_mail: core.settings.mail.is_some() });
        }
        Ok(Outcome::SignedIn(user)) => Ok(user),
        Err(error) => Err(error),
    };
    after(request, tried).await
}

/// With the code that follows the first one.
///
/// # Errors
/// Those of [`sign_in::with_second_code`].
pub async fn with_second_code(request: &Request, ticket: &str, code: &str) -> Result<SessionInfo, Problem> {
    request.recognise_device().await?;
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let user = sign_in::with_second_code(&request.app.core, &request.client, ticket, code).await?;
    request.sign_in(user).await
}

/// Asks for a mailed code in the place of the second one. Answers the same whether one is mailed or not.
///
/// # Errors
/// Those of [`mailed_code::ask`].
pub async fn ask_for_mailed_code(request: &Request, ticket: &str) -> Result<String, Problem> {
    Ok(mailed_code::ask(&request.app.core, &request.client, ticket).await?)
}

/// With that code.
///
/// # Errors
/// Those of [`mailed_code::with_mailed_code`].
pub async fn with_mailed_code(request: &Request, ticket: &str, code: &str) -> Result<SessionInfo, Problem> {
    request.recognise_device().await?;
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let user = mailed_code::with_mailed_code(&request.app.core, &request.client, ticket, code).await?;
    request.sign_in(user).await
}

/// With a recovery code, which is used up. Name and challenge as with [`with_code`].
///
/// # Errors
/// Those of [`sign_in::with_recovery_code`].
pub async fn with_recovery_code(request: &Request, name: &str, code: &str) -> Result<SignInStep, Problem> {
    request.recognise_device().await?;
    if nobody_has_an_account(request).await? {
        return Ok(SignInStep::NeedEnrolment);
    }
    let name = sign_in_name(name, Problem::WrongRecoveryCode)?;
    let code = code.parse().map_err(|_| Problem::WrongRecoveryCode)?;
    let tried = sign_in::with_recovery_code(&request.app.core, &request.client, name.as_ref(), code).await;
    after(request, tried).await
}

/// With what a trusted device has; asks for a code if it isn't trusted, or not any more.
///
/// # Errors
/// The database, a primitive.
pub async fn with_device(request: &Request) -> Result<SignInStep, Problem> {
    match resume(&request.app.core, &request.client).await? {
        Resumed::SignedIn(device, token, until) => {
            request.keep_device(&token, until);
            Ok(signed_in(request.sign_in_by(device.id, device.user).await?))
        }
        Resumed::Unknown | Resumed::Reused(_) => {
            request.forget_device();
            let alone = nobody_has_an_account(request).await?;
            Ok(if alone { SignInStep::NeedEnrolment } else { SignInStep::NeedCode })
        }
    }
}

/// Ends the session, if there is one; answers what the page then knows.
///
/// # Errors
/// The database.
pub async fn sign_out(request: &Request) -> Result<SessionInfo, Problem> {
    request.sign_out().await
}

async fn after(request: &Request, tried: Result<UserId, AuthError>) -> Result<SignInStep, Problem> {
    match tried {
        Ok(user) => Ok(signed_in(request.sign_in(user).await?)),
        Err(AuthError::ChallengeNeeded) => Ok(SignInStep::NeedChallenge),
        Err(error) => Err(error.into()),
    }
}

fn signed_in(session: SessionInfo) -> SignInStep {
    SignInStep::SignedIn { session: Box::new(session) }
}

/// Asked before anything is tried, whoever is named, so that it tells nothing about a name.
async fn nobody_has_an_account(request: &Request) -> Result<bool, Problem> {
    let any = user::any(&request.app.core.pool).await.map_err(|error| db::problem(&error))?;
    Ok(!any)
}
