//! Where the person is signed in, and may sign in without a code.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{DeviceId, SessionEntry, SessionHandle, TrustedDevice};

use crate::ApiError;

/// Shows by a code that it is still the person who signed in: for ten minutes they may change how
/// they sign in.
#[server(prefix = "/api/app", endpoint = "confirm-code", input = Json)]
pub async fn confirm_code(code: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::elevate::with_code(&request, &code).await?)
}

/// The same with a recovery code, which is used up.
#[server(prefix = "/api/app", endpoint = "confirm-recovery-code", input = Json)]
pub async fn confirm_recovery_code(code: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::elevate::with_recovery_code(&request, &code).await?)
}

/// Trusts this device: it signs in without a code from now on.
#[server(prefix = "/api/app", endpoint = "trust-device", input = Json)]
pub async fn trust_device() -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    crate::service::devices::trust(&request).await?;
    Ok(())
}

/// The devices that the person trusts.
#[server(prefix = "/api/app", endpoint = "devices", input = Json)]
pub async fn devices() -> Result<Vec<TrustedDevice>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::devices::list(&request).await?)
}

/// Calls one of them by another name.
#[server(prefix = "/api/app", endpoint = "rename-device", input = Json)]
pub async fn rename_device(id: DeviceId, name: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::devices::rename(&request, id, &name).await?)
}

/// Trusts one of them no more, and ends what was opened by it, except for this session.
#[server(prefix = "/api/app", endpoint = "revoke-device", input = Json)]
pub async fn revoke_device(id: DeviceId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::devices::revoke(&request, id).await?)
}

/// Trusts none of them any more.
#[server(prefix = "/api/app", endpoint = "revoke-devices", input = Json)]
pub async fn revoke_devices() -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::devices::revoke_all(&request).await?)
}

/// Where the person is signed in.
#[server(prefix = "/api/app", endpoint = "sessions", input = Json)]
pub async fn sessions() -> Result<Vec<SessionEntry>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sessions::list(&request).await?)
}

/// Ends one of those sessions.
#[server(prefix = "/api/app", endpoint = "end-session", input = Json)]
pub async fn end_session(id: SessionHandle) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sessions::end(&request, id).await?)
}

/// Ends all of them but this one; answers how many.
#[server(prefix = "/api/app", endpoint = "end-other-sessions", input = Json)]
pub async fn end_other_sessions() -> Result<u64, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::sessions::end_others(&request).await?)
}
