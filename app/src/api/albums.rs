//! A person's albums.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Album, AlbumChange, AlbumDraft, AlbumId, Image, ImageId, Page};

use crate::ApiError;

/// All of the person's albums, in their order.
#[server(prefix = "/api/app", endpoint = "albums", input = Json)]
pub async fn albums() -> Result<Vec<Album>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::albums::list(&request.app.core, owner).await.map_err(crate::context::fail)
}

/// One page of an album's images, in its order.
#[server(prefix = "/api/app", endpoint = "album-images", input = Json)]
pub async fn album_images(id: AlbumId, cursor: Option<String>) -> Result<Page<Image>, ApiError> {
    use reflect_core::images::albums::images;
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let page = images(&request.app.core, owner, id, crate::context::PAGE, cursor.as_deref()).await;
    page.map_err(crate::context::fail)
}

/// Makes an album.
#[server(prefix = "/api/app", endpoint = "create-album", input = Json)]
pub async fn create_album(draft: AlbumDraft) -> Result<Album, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    Ok(crate::service::albums::create(&request.app.core, owner, &draft).await?)
}

/// Changes one.
#[server(prefix = "/api/app", endpoint = "change-album", input = Json)]
pub async fn change_album(id: AlbumId, change: AlbumChange) -> Result<Album, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(crate::service::albums::change(core, by, signed_in.user, id, &change).await?)
}

/// Deletes one; its images stay.
#[server(prefix = "/api/app", endpoint = "delete-album", input = Json)]
pub async fn delete_album(id: AlbumId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let deleted = reflect_core::images::albums::delete(core, by, signed_in.user, id).await;
    deleted.map_err(crate::context::fail)
}

/// Takes images out of one; answers which were in it.
#[server(prefix = "/api/app", endpoint = "remove-from-album", input = Json)]
pub async fn remove_from_album(id: AlbumId, images: Vec<ImageId>) -> Result<Vec<ImageId>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let gone = reflect_core::images::albums::remove(&request.app.core, owner, id, &images).await;
    gone.map_err(crate::context::fail)
}

/// Moves an image of one before another one, or behind all.
#[server(prefix = "/api/app", endpoint = "place-in-album", input = Json)]
pub async fn place_in_album(id: AlbumId, image: ImageId, before: Option<ImageId>) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let placed = reflect_core::images::albums::place(&request.app.core, owner, id, image, before).await;
    placed.map_err(crate::context::fail)
}
