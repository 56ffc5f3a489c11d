//! A person's images.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{BinnedImage, DetailedImage, Image, ImageChange, ImageId, Page, PublicPage};

use crate::ApiError;

/// One page of the signed-in person's images, newest first.
#[server(prefix = "/api/app", endpoint = "list-images", input = Json)]
pub async fn list_images(cursor: Option<String>, search: String) -> Result<Page<Image>, ApiError> {
    use reflect_core::images::library::{ListQuery, list};
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let search = Some(search).filter(|text| !text.trim().is_empty());
    let query = ListQuery { limit: crate::context::PAGE, cursor, search };
    list(&request.app.core, owner, &query).await.map_err(crate::context::fail)
}

/// Moves images to the bin; answers which were.
#[server(prefix = "/api/app", endpoint = "delete-images", input = Json)]
pub async fn delete_images(ids: Vec<ImageId>) -> Result<Vec<ImageId>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::library::delete(&request.app.core, owner, &ids).await.map_err(crate::context::fail)
}

/// Takes images out of the bin; answers which were.
#[server(prefix = "/api/app", endpoint = "restore-images", input = Json)]
pub async fn restore_images(ids: Vec<ImageId>) -> Result<Vec<ImageId>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::library::restore(&request.app.core, owner, &ids).await.map_err(crate::context::fail)
}

/// Deletes binned images for good; answers how many.
#[server(prefix = "/api/app", endpoint = "purge-images", input = Json)]
pub async fn purge_images(ids: Vec<ImageId>) -> Result<u64, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let purged = reflect_core::images::library::purge(core, by, signed_in.user, Some(&ids)).await;
    purged.map_err(crate::context::fail)
}

/// Deletes everything in the bin for good; answers how many.
#[server(prefix = "/api/app", endpoint = "empty-bin", input = Json)]
pub async fn empty_bin() -> Result<u64, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let purged = reflect_core::images::library::purge(core, by, signed_in.user, None).await;
    purged.map_err(crate::context::fail)
}

/// One page of the bin, last deleted first.
#[server(prefix = "/api/app", endpoint = "list-bin", input = Json)]
pub async fn list_bin(cursor: Option<String>) -> Result<Page<BinnedImage>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let page =
        reflect_core::images::library::bin(&request.app.core, owner, crate::context::PAGE, cursor.as_deref())
            .await;
    page.map_err(crate::context::fail)
}

/// The image of a public page.
#[server(prefix = "/api/app", endpoint = "public-image", input = Json)]
pub async fn public_image(slug: String) -> Result<PublicPage, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::images::public(&request, &slug).await?)
}

/// One of the person's images with what only they see of it.
#[server(prefix = "/api/app", endpoint = "image-details", input = Json)]
pub async fn image_details(id: ImageId) -> Result<DetailedImage, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::library::details(&request.app.core, owner, id).await.map_err(crate::context::fail)
}

/// Changes one of the person's images.
#[server(prefix = "/api/app", endpoint = "change-image", input = Json)]
pub async fn change_image(id: ImageId, change: ImageChange) -> Result<DetailedImage, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    Ok(crate::service::images::change(&request.app.core, owner, id, &change).await?)
}
