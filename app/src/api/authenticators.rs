//! A person's authenticators and recovery codes.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Authenticator, AuthenticatorId, AuthenticatorOffer, RecoveryCodesOffer, RecoveryStatus};

use crate::ApiError;

/// The person's authenticators.
#[server(prefix = "/api/app", endpoint = "authenticators", input = Json)]
pub async fn authenticators() -> Result<Vec<Authenticator>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::list(&request).await?)
}

/// Makes the secret of one more.
#[server(prefix = "/api/app", endpoint = "begin-authenticator", input = Json)]
pub async fn begin_authenticator(name: String) -> Result<AuthenticatorOffer, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::begin(&request, &name).await?)
}

/// Makes another secret for one of them.
#[server(prefix = "/api/app", endpoint = "rotate-authenticator", input = Json)]
pub async fn rotate_authenticator(id: AuthenticatorId) -> Result<AuthenticatorOffer, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::rotate(&request, id).await?)
}

/// Takes the first code of what was begun.
#[server(prefix = "/api/app", endpoint = "confirm-authenticator", input = Json)]
pub async fn confirm_authenticator(ticket: String, code: String) -> Result<AuthenticatorId, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::confirm(&request, &ticket, &code).await?)
}

/// Calls one of them by another name.
#[server(prefix = "/api/app", endpoint = "rename-authenticator", input = Json)]
pub async fn rename_authenticator(id: AuthenticatorId, name: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::rename(&request, id, &name).await?)
}

/// Removes one of them, but never the last.
#[server(prefix = "/api/app", endpoint = "remove-authenticator", input = Json)]
pub async fn remove_authenticator(id: AuthenticatorId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::authenticators::remove(&request, id).await?)
}

/// What is left of the person's recovery codes.
#[server(prefix = "/api/app", endpoint = "recovery-codes", input = Json)]
pub async fn recovery_codes() -> Result<RecoveryStatus, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::recovery_codes::status(&request).await?)
}

/// Makes ten new ones.
#[server(prefix = "/api/app", endpoint = "begin-recovery-codes", input = Json)]
pub async fn begin_recovery_codes() -> Result<RecoveryCodesOffer, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::recovery_codes::begin(&request).await?)
}

/// Takes one of the new ones back; they are good and the old ones void when this answers.
#[server(prefix = "/api/app", endpoint = "confirm-recovery-codes", input = Json)]
pub async fn confirm_recovery_codes(ticket: String, code: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::recovery_codes::confirm(&request, &ticket, &code).await?)
}
