//! A person's recovery codes.

use model::{
    Problem,
    types::{RecoveryCodesOffer, RecoveryStatus},
};
use reflect_core::auth::recovery;

use crate::context::Request;

/// What is left of them.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn status(request: &Request) -> Result<RecoveryStatus, Problem> {
    let user = request.require_user().await?;
    Ok(recovery::status(&request.app.core, user).await?)
}

/// Makes ten new ones.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; the database, randomness.
pub async fn begin(request: &Request) -> Result<RecoveryCodesOffer, Problem> {
    let user = request.require_fresh().await?.user;
    Ok(recovery::begin(&request.app.core, user).await?)
}

/// Takes one of the new ones back; they are good and the old ones void when this answers. The ticket
/// stands for the fresh code that was given for it.
///
/// # Errors
/// [`Problem::SignedOut`]; those of [`recovery::confirm`].
pub async fn confirm(request: &Request, ticket: &str, code: &str) -> Result<(), Problem> {
    let signed_in = request.require_signed_in().await?;
    let code = code.parse().map_err(|_| Problem::WrongRecoveryCode)?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(recovery::confirm(core, by, signed_in.user, ticket, code).await?)
}
