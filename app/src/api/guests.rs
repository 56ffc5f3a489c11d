//! Links by which people without an account put images into an album. Files come by
//! `POST /api/v1/guest-links/{secret}/images`.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{AlbumId, GuestDoor, GuestLink, GuestLinkDraft, GuestLinkId};

use crate::ApiError;

/// The links of one of the person's albums, the newest first.
#[server(prefix = "/api/app", endpoint = "guest-links", input = Json)]
pub async fn guest_links(album: AlbumId) -> Result<Vec<GuestLink>, ApiError> {
    use reflect_core::images::albums::guests;
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    guests::list(&request.app.core, owner, album).await.map_err(crate::context::fail)
}

/// Makes one.
#[server(prefix = "/api/app", endpoint = "make-guest-link", input = Json)]
pub async fn make_guest_link(album: AlbumId, draft: GuestLinkDraft) -> Result<GuestLink, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(crate::service::guests::make(core, by, signed_in.user, album, &draft).await?)
}

/// Ends one.
#[server(prefix = "/api/app", endpoint = "end-guest-link", input = Json)]
pub async fn end_guest_link(album: AlbumId, link: GuestLinkId) -> Result<(), ApiError> {
    use reflect_core::images::albums::guests;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    guests::end(core, by, signed_in.user, album, link).await.map_err(crate::context::fail)
}

/// What a guest is told, who has the secret of one.
#[server(prefix = "/api/app", endpoint = "open-guest-link", input = Json)]
pub async fn open_guest_link(secret: String) -> Result<GuestDoor, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::guests::look(&request.app.core, &secret).await?)
}
