//! What happened to the person's account.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{AuditEntry, AuditFilter, Page};

use crate::ApiError;

/// One page of it, newest first.
#[server(prefix = "/api/app", endpoint = "activity", input = Json)]
pub async fn activity(filter: AuditFilter, cursor: Option<String>) -> Result<Page<AuditEntry>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::activity::list(&request, &filter, crate::context::PAGE, cursor.as_deref()).await?)
}
