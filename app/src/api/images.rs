//! A person's images.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{
    BinnedImage, BulkOutcome, BulkRequest, DetailedImage, Image, ImageChange, ImageId, Page, Place,
    PublicPage, Stretch, TimelineMonth,
};

use crate::ApiError;

/// The part of the signed-in person's gallery at a place, of what the query of its address searches for; `most`
/// images, or as many as a page has.
#[server(prefix = "/api/app", endpoint = "list-images", input = Json)]
pub async fn list_images(place: Place, search: String, most: Option<u32>) -> Result<Stretch, ApiError> {
    use reflect_core::images::library::{StretchQuery, stretch};
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let search = crate::service::search::of_page(&search)?;
    let query = StretchQuery { limit: most.unwrap_or(crate::context::PAGE), place, search };
    stretch(&request.app.core, owner, &query).await.map_err(crate::context::fail)
}

/// How many images each of the person's months has, the newest month first.
#[server(prefix = "/api/app", endpoint = "timeline", input = Json)]
pub async fn timeline() -> Result<Vec<TimelineMonth>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::library::timeline(&request.app.core, owner).await.map_err(crate::context::fail)
}

/// Does something to many images, to all of them or to none.
#[server(prefix = "/api/app", endpoint = "bulk", input = Json)]
pub async fn bulk(request: BulkRequest) -> Result<BulkOutcome, ApiError> {
    let asked = crate::context::Request::current().await?;
    let signed_in = asked.require_signed_in().await?;
    let (core, by) = (&asked.app.core, asked.by(&signed_in));
    Ok(crate::service::bulk::bulk(core, by, signed_in.user, &request).await?)
}

/// How many images match a search.
#[server(prefix = "/api/app", endpoint = "count-images", input = Json)]
pub async fn count_images(search: String) -> Result<u64, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let search = crate::service::search::of_page(&search)?;
    reflect_core::images::library::count(&request.app.core, owner, &search)
        .await
        .map_err(crate::context::fail)
}

/// The images of a search from one to another, both included, whichever is newer; or all of them.
#[server(prefix = "/api/app", endpoint = "image-range", input = Json)]
pub async fn image_range(search: String, ends: Option<(ImageId, ImageId)>) -> Result<Vec<Image>, ApiError> {
    use reflect_core::images::library::range;
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let search = crate::service::search::of_page(&search)?;
    let ends = ends.map(<[ImageId; 2]>::from);
    range(&request.app.core, owner, &search, ends).await.map_err(crate::context::fail)
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
