//! An identity at the OpenID Connect provider, by which the person signs in.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::LinkedIdentity;

use crate::ApiError;

/// Begins to link an identity; answers the address to go to.
#[server(prefix = "/api/app", endpoint = "link-identity", input = Json)]
pub async fn link_identity() -> Result<String, ApiError> {
    use reflect_core::oidc::{Purpose, start};
    let request = crate::context::Request::current().await?;
    let user = request.require_fresh().await?.user;
    let provider = request.require_provider()?;
    let session = request.handle().ok_or_else(|| crate::context::fail(model::Problem::SignedOut))?;
    let purpose = Purpose::Link { user, session };
    match start(&request.app.core, provider, purpose).await {
        Ok(started) => {
            request.keep_flow(started.cookie);
            Ok(started.address)
        }
        Err(error) => Ok(purpose.page_telling(error.outcome())),
    }
}

/// The identity that the person has linked.
#[server(prefix = "/api/app", endpoint = "linked-identity", input = Json)]
pub async fn own_identity() -> Result<Option<LinkedIdentity>, ApiError> {
    let request = crate::context::Request::current().await?;
    let user = request.require_user().await?;
    let issuer = request.require_provider()?.issuer();
    let found = reflect_core::oidc::links::find(&request.app.core, user, issuer).await;
    found.map_err(crate::context::fail)
}

/// Unlinks it, and ends what was opened by it, except for this session.
#[server(prefix = "/api/app", endpoint = "unlink-identity", input = Json)]
pub async fn unlink_identity() -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let issuer = request.require_provider()?.issuer();
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let unlinked =
        reflect_core::oidc::links::unlink(core, by, signed_in.user, issuer, request.handle()).await;
    if unlinked.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}
