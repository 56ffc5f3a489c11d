//! A person's images in figures.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{self, ImageId, StatisticsDays};

use crate::ApiError;

/// Views of the person's images, which were seen most, and what they take.
#[server(prefix = "/api/app", endpoint = "statistics", input = Json)]
pub async fn statistics(days: StatisticsDays) -> Result<types::Statistics, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    reflect_core::images::views::of_owner(&request.app.core, owner, days).await.map_err(crate::context::fail)
}

/// Views of one of the person's images.
#[server(prefix = "/api/app", endpoint = "image-statistics", input = Json)]
pub async fn image_statistics(id: ImageId, days: StatisticsDays) -> Result<types::ImageStatistics, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    let found = reflect_core::images::views::of_image(&request.app.core, owner, id, days).await;
    found.map_err(crate::context::fail)
}
