//! Where the person is signed in, and may sign in without a code.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{DeviceId, SessionEntry, SessionHandle, TrustedDevice};

use crate::ApiError;

/// Shows by a code that it is still the person who signed in: for ten minutes they may change how
/// they sign in.
#[server(prefix = "/api/app", endpoint = "confirm-code", input = Json)]
pub async fn confirm_code(code: String) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let mut signed_in = request.require_signed_in().await?;
    let session = request.handle().ok_or_else(|| fail(model::Problem::SignedOut))?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongCode))?;
    let core = &request.app.core;
    let confirmed = reflect_core::auth::sign_in::confirm(core, &request.client, &signed_in, session, code);
    confirmed.await.map_err(fail)?;
    signed_in.confirm(core.now());
    request.renew(&signed_in).await
}

/// The same with a recovery code, which is used up.
#[server(prefix = "/api/app", endpoint = "confirm-recovery-code", input = Json)]
pub async fn confirm_recovery_code(code: String) -> Result<(), ApiError> {
    use crate::context::fail;
    use reflect_core::auth::sign_in::confirm_with_recovery_code;
    let request = crate::context::Request::current().await?;
    let mut signed_in = request.require_signed_in().await?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongRecoveryCode))?;
    let core = &request.app.core;
    confirm_with_recovery_code(core, &request.client, &signed_in, code).await.map_err(fail)?;
    signed_in.confirm(core.now());
    request.renew(&signed_in).await
}

/// Trusts this device: it signs in without a code from now on.
#[server(prefix = "/api/app", endpoint = "trust-device", input = Json)]
pub async fn trust_device() -> Result<(), ApiError> {
    use reflect_core::auth::device::trust;
    let request = crate::context::Request::current().await?;
    let mut signed_in = request.require_fresh().await?;
    let trusted = trust(&request.app.core, signed_in.user, &request.client).await;
    let (device, token, until) = trusted.map_err(crate::context::fail)?;
    signed_in.device = Some(device);
    request.update(&signed_in).await?;
    request.keep_device(&token, until);
    Ok(())
}

/// The devices that the person trusts.
#[server(prefix = "/api/app", endpoint = "devices", input = Json)]
pub async fn devices() -> Result<Vec<TrustedDevice>, ApiError> {
    use reflect_core::auth::device::list;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    list(&request.app.core, signed_in.user, signed_in.device).await.map_err(crate::context::fail)
}

/// Calls one of them by another name.
#[server(prefix = "/api/app", endpoint = "rename-device", input = Json)]
pub async fn rename_device(id: DeviceId, name: String) -> Result<(), ApiError> {
    use crate::context::{fail, label};
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let (by, name) = (request.by(&signed_in), label(&name)?);
    let renamed = reflect_core::auth::device::rename(&request.app.core, by, signed_in.user, id, &name).await;
    if renamed.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// Trusts one of them no more, and ends what was opened by it, except for this session.
#[server(prefix = "/api/app", endpoint = "revoke-device", input = Json)]
pub async fn revoke_device(id: DeviceId) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    request.forget_own_device(&signed_in, |own| own == id).await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let revoked = reflect_core::auth::device::revoke(core, by, signed_in.user, id, request.handle()).await;
    if revoked.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// Trusts none of them any more.
#[server(prefix = "/api/app", endpoint = "revoke-devices", input = Json)]
pub async fn revoke_devices() -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    request.forget_own_device(&signed_in, |_| true).await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let revoked = reflect_core::auth::device::revoke_all(core, by, signed_in.user, request.handle()).await;
    revoked.map_err(crate::context::fail)
}

/// Where the person is signed in.
#[server(prefix = "/api/app", endpoint = "sessions", input = Json)]
pub async fn sessions() -> Result<Vec<SessionEntry>, ApiError> {
    use reflect_core::auth::session::list;
    let request = crate::context::Request::current().await?;
    let user = request.require_user().await?;
    list(&request.app.core, user, request.handle()).await.map_err(crate::context::fail)
}

/// Ends one of those sessions.
#[server(prefix = "/api/app", endpoint = "end-session", input = Json)]
pub async fn end_session(id: SessionHandle) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let ended = reflect_core::auth::session::end(core, by, signed_in.user, id).await;
    if ended.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// Ends all of them but this one; answers how many.
#[server(prefix = "/api/app", endpoint = "end-other-sessions", input = Json)]
pub async fn end_other_sessions() -> Result<u64, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let ended = reflect_core::auth::session::end_others(core, by, signed_in.user, request.handle()).await;
    ended.map_err(crate::context::fail)
}
