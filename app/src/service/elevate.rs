//! Showing by a code that it is still the person who signed in: for ten minutes they may change how they
//! sign in.

use model::Problem;
use reflect_core::auth::sign_in;

use crate::context::Request;

/// By six digits.
///
/// # Errors
/// [`Problem::SignedOut`]; those of [`sign_in::confirm`].
pub async fn with_code(request: &Request, code: &str) -> Result<(), Problem> {
    let signed_in = request.require_signed_in().await?;
    let session = request.handle().ok_or(Problem::SignedOut)?;
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let core = &request.app.core;
    sign_in::confirm(core, &request.client, &signed_in, session, code).await?;
    request.confirm(signed_in).await
}

/// By a recovery code, which is used up.
///
/// # Errors
/// [`Problem::SignedOut`]; those of [`sign_in::confirm_with_recovery_code`].
pub async fn with_recovery_code(request: &Request, code: &str) -> Result<(), Problem> {
    let signed_in = request.require_signed_in().await?;
    let session = request.handle().ok_or(Problem::SignedOut)?;
    let code = code.parse().map_err(|_| Problem::WrongRecoveryCode)?;
    let core = &request.app.core;
    sign_in::confirm_with_recovery_code(core, &request.client, &signed_in, session, code).await?;
    request.confirm(signed_in).await
}
