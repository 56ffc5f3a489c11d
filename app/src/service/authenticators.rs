//! A person's authenticators.

use model::{
    Problem,
    types::{Authenticator, AuthenticatorId, AuthenticatorOffer},
};
use reflect_core::auth::authenticator;

use super::or_missing;
use crate::context::{Request, label};

/// All of them.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn list(request: &Request) -> Result<Vec<Authenticator>, Problem> {
    let user = request.require_user().await?;
    Ok(authenticator::list(&request.app.core, user).await?)
}

/// Makes the secret of one more.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`], [`Problem::InvalidParameter`]; those of
/// [`authenticator::begin`].
pub async fn begin(request: &Request, name: &str) -> Result<AuthenticatorOffer, Problem> {
    let user = request.require_fresh().await?.user;
    Ok(authenticator::begin(&request.app.core, user, label(name)?).await?)
}

/// Makes another secret for one of them.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`], [`Problem::NotFound`]; the database, randomness.
pub async fn rotate(request: &Request, id: AuthenticatorId) -> Result<AuthenticatorOffer, Problem> {
    let user = request.require_fresh().await?.user;
    authenticator::rotate(&request.app.core, user, id).await?.ok_or(Problem::NotFound)
}

/// Takes the first code of what was begun. The ticket stands for the fresh code that was given then:
/// somebody who sets a lost authenticator up anew may have no other to give one with.
///
/// # Errors
/// [`Problem::SignedOut`]; those of [`authenticator::confirm`].
pub async fn confirm(request: &Request, ticket: &str, code: &str) -> Result<AuthenticatorId, Problem> {
    let signed_in = request.require_signed_in().await?;
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let (core, by, keep) = (&request.app.core, request.by(&signed_in), request.handle());
    Ok(authenticator::confirm(core, by, signed_in.user, keep, ticket, code).await?)
}

/// Calls one of them by another name.
///
/// # Errors
/// As [`rotate`]; [`Problem::InvalidParameter`], [`Problem::NameTaken`].
pub async fn rename(request: &Request, id: AuthenticatorId, name: &str) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by, name) = (&request.app.core, request.by(&signed_in), label(name)?);
    or_missing(authenticator::rename(core, by, signed_in.user, id, &name).await?)
}

/// Removes one of them, but never the last.
///
/// # Errors
/// As [`rotate`]; [`Problem::AuthenticatorLimit`].
pub async fn remove(request: &Request, id: AuthenticatorId) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by, keep) = (&request.app.core, request.by(&signed_in), request.handle());
    or_missing(authenticator::remove(core, by, signed_in.user, keep, id).await?)
}
