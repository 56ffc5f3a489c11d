//! Devices on which a person signs in without a code.

use model::{
    Problem,
    types::{DeviceId, TrustedDevice},
};
use reflect_core::auth::device;

use super::or_missing;
use crate::context::{Request, label};

/// Those that the person trusts.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn list(request: &Request) -> Result<Vec<TrustedDevice>, Problem> {
    let signed_in = request.require_signed_in().await?;
    Ok(device::list(&request.app.core, signed_in.user, signed_in.device).await?)
}

/// Trusts the one that asks: it signs in without a code from now on.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; the database, randomness.
pub async fn trust(request: &Request) -> Result<DeviceId, Problem> {
    let mut signed_in = request.require_fresh().await?;
    let (core, asked_in) = (&request.app.core, request.asked_in()?);
    let (device, token, until) = device::trust(core, signed_in.user, &request.client, asked_in).await?;
    signed_in.device = Some(device);
    request.update(&signed_in).await?;
    request.keep_device(&token, until);
    Ok(device)
}

/// Calls one of them by another name.
///
/// # Errors
/// As [`trust`]; [`Problem::InvalidParameter`], [`Problem::NotFound`].
pub async fn rename(request: &Request, id: DeviceId, name: &str) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by, name) = (&request.app.core, request.by(&signed_in), label(name)?);
    or_missing(device::rename(core, by, signed_in.user, id, &name).await?)
}

/// Trusts one of them no more, and ends what was opened by it, except for this session.
///
/// # Errors
/// As [`trust`]; [`Problem::NotFound`].
pub async fn revoke(request: &Request, id: DeviceId) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    request.forget_own_device(&signed_in, |own| own == id).await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    or_missing(device::revoke(core, by, signed_in.user, id, request.handle()).await?)
}

/// Trusts none of them any more.
///
/// # Errors
/// As [`trust`].
pub async fn revoke_all(request: &Request) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    request.forget_own_device(&signed_in, |_| true).await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(device::revoke_all(core, by, signed_in.user, request.handle()).await?)
}
