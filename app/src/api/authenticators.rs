//! A person's authenticators and recovery codes.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Authenticator, AuthenticatorId, AuthenticatorOffer, RecoveryCodesOffer, RecoveryStatus};

use crate::ApiError;

/// The person's authenticators.
#[server(prefix = "/api/app", endpoint = "authenticators", input = Json)]
pub async fn authenticators() -> Result<Vec<Authenticator>, ApiError> {
    use reflect_core::auth::authenticator::list;
    let request = crate::context::Request::current().await?;
    let user = request.require_user().await?;
    list(&request.app.core, user).await.map_err(crate::context::fail)
}

/// Makes the secret of one more.
#[server(prefix = "/api/app", endpoint = "begin-authenticator", input = Json)]
pub async fn begin_authenticator(name: String) -> Result<AuthenticatorOffer, ApiError> {
    use crate::context::{fail, label};
    let request = crate::context::Request::current().await?;
    let user = request.require_fresh().await?.user;
    let begun = reflect_core::auth::authenticator::begin(&request.app.core, user, label(&name)?).await;
    begun.map_err(fail)
}

/// Makes another secret for one of them.
#[server(prefix = "/api/app", endpoint = "rotate-authenticator", input = Json)]
pub async fn rotate_authenticator(id: AuthenticatorId) -> Result<AuthenticatorOffer, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let user = request.require_fresh().await?.user;
    let begun = reflect_core::auth::authenticator::rotate(&request.app.core, user, id).await;
    begun.map_err(fail)?.ok_or_else(|| fail(model::Problem::NotFound))
}

/// Takes the first code of what was begun. The ticket stands for the fresh code that was given then:
/// somebody who sets a lost authenticator up anew may have no other to give one with.
#[server(prefix = "/api/app", endpoint = "confirm-authenticator", input = Json)]
pub async fn confirm_authenticator(ticket: String, code: String) -> Result<AuthenticatorId, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongCode))?;
    let (core, by, keep) = (&request.app.core, request.by(&signed_in), request.handle());
    let confirmed =
        reflect_core::auth::authenticator::confirm(core, by, signed_in.user, keep, &ticket, code).await;
    confirmed.map_err(fail)
}

/// Calls one of them by another name.
#[server(prefix = "/api/app", endpoint = "rename-authenticator", input = Json)]
pub async fn rename_authenticator(id: AuthenticatorId, name: String) -> Result<(), ApiError> {
    use crate::context::{fail, label};
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let (core, by, name) = (&request.app.core, request.by(&signed_in), label(&name)?);
    let renamed = reflect_core::auth::authenticator::rename(core, by, signed_in.user, id, &name).await;
    if renamed.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// Removes one of them, but never the last.
#[server(prefix = "/api/app", endpoint = "remove-authenticator", input = Json)]
pub async fn remove_authenticator(id: AuthenticatorId) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let (core, by, keep) = (&request.app.core, request.by(&signed_in), request.handle());
    let removed = reflect_core::auth::authenticator::remove(core, by, signed_in.user, keep, id).await;
    if removed.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// What is left of the person's recovery codes.
#[server(prefix = "/api/app", endpoint = "recovery-codes", input = Json)]
pub async fn recovery_codes() -> Result<RecoveryStatus, ApiError> {
    use reflect_core::auth::recovery::status;
    let request = crate::context::Request::current().await?;
    let user = request.require_user().await?;
    status(&request.app.core, user).await.map_err(crate::context::fail)
}

/// Makes ten new ones.
#[server(prefix = "/api/app", endpoint = "begin-recovery-codes", input = Json)]
pub async fn begin_recovery_codes() -> Result<RecoveryCodesOffer, ApiError> {
    use reflect_core::auth::recovery::begin;
    let request = crate::context::Request::current().await?;
    let user = request.require_fresh().await?.user;
    begin(&request.app.core, user).await.map_err(crate::context::fail)
}

/// Takes one of the new ones back; they are good and the old ones void when this answers. The ticket
/// stands for the fresh code that was given for it.
#[server(prefix = "/api/app", endpoint = "confirm-recovery-codes", input = Json)]
pub async fn confirm_recovery_codes(ticket: String, code: String) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongRecoveryCode))?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let confirmed = reflect_core::auth::recovery::confirm(core, by, signed_in.user, &ticket, code).await;
    confirmed.map_err(fail)
}
