//! What an image was before, and what becomes of its picture. Another file comes by `PUT /api/v1/images/{id}/file`.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Image, ImageEdit, ImageId, ImageVersion};

use crate::ApiError;

/// All versions of one of the person's images, that which is shown first.
#[server(prefix = "/api/app", endpoint = "image-versions", input = Json)]
pub async fn image_versions(id: ImageId) -> Result<Vec<ImageVersion>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::versions::list(&request.app.core, owner, id).await.map_err(crate::context::fail)
}

/// Turns a picture, or cuts a part out of it.
#[server(prefix = "/api/app", endpoint = "edit-image", input = Json)]
pub async fn edit_image(id: ImageId, edit: ImageEdit) -> Result<Image, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(crate::service::images::edit(core, by, signed_in.user, id, &edit).await?)
}

/// Has an image be again what it was.
#[server(prefix = "/api/app", endpoint = "restore-version", input = Json)]
pub async fn restore_version(id: ImageId, number: u32) -> Result<Image, ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let restored = reflect_core::images::versions::restore(core, by, signed_in.user, id, number).await;
    restored.map_err(crate::context::fail)
}

/// Deletes an earlier version for good.
#[server(prefix = "/api/app", endpoint = "delete-version", input = Json)]
pub async fn delete_version(id: ImageId, number: u32) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_signed_in().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let gone = reflect_core::images::versions::delete(core, by, signed_in.user, id, number).await;
    gone.map_err(crate::context::fail)
}
