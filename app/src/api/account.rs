//! The account itself.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::SessionInfo;

use crate::ApiError;

/// Deletes the person's account with all that is theirs; `name` is its name, to confirm.
#[server(prefix = "/api/app", endpoint = "remove-account", input = Json)]
pub async fn remove_account(name: String) -> Result<SessionInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::account::remove(&request, &name).await?)
}
