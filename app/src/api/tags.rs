//! A person's tags.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{KnownTag, Tag, TagChange, TagId};

use crate::ApiError;

/// All of the person's tags, by their names.
#[server(prefix = "/api/app", endpoint = "tags", input = Json)]
pub async fn tags() -> Result<Vec<Tag>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::tags::list(&request.app.core, owner, "").await.map_err(crate::context::fail)
}

/// Names and colours of the person's tags.
#[server(prefix = "/api/app", endpoint = "known-tags", input = Json)]
pub async fn known_tags() -> Result<Vec<KnownTag>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::tags::known(&request.app.core, owner).await.map_err(crate::context::fail)
}

/// Changes a tag.
#[server(prefix = "/api/app", endpoint = "change-tag", input = Json)]
pub async fn change_tag(id: TagId, change: TagChange) -> Result<Tag, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    Ok(crate::service::tags::change(&request.app.core, owner, id, &change).await?)
}

/// Deletes a tag; images that had it stay.
#[server(prefix = "/api/app", endpoint = "delete-tag", input = Json)]
pub async fn delete_tag(id: TagId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::tags::delete(&request.app.core, owner, id).await.map_err(crate::context::fail)
}
