//! A person's images with all that is said of them, to take away.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::ExportPart;

use crate::ApiError;

/// What each file of an export would hold; none where there are no images.
#[server(prefix = "/api/app", endpoint = "export-parts", input = Json)]
pub async fn export_parts() -> Result<Vec<ExportPart>, ApiError> {
    let request = crate::context::Request::current().await?;
    let owner = request.require_user().await?;
    Ok(crate::service::export::parts(&request.app.core, owner).await?)
}
