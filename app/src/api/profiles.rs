//! One's page of what one has made public.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{OwnProfile, ProfileChange};

use crate::ApiError;

/// One's own page.
#[server(prefix = "/api/app", endpoint = "profile", input = Json)]
pub async fn profile() -> Result<OwnProfile, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::profile::own(&request.app.core, owner).await.map_err(crate::context::fail)
}

/// Changes it.
#[server(prefix = "/api/app", endpoint = "change-profile", input = Json)]
pub async fn change_profile(change: ProfileChange) -> Result<OwnProfile, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(crate::service::profiles::change(core, by, signed_in.user, &change).await?)
}
