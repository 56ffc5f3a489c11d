//! What happened to a person's account.

use model::{
    Problem,
    types::{AuditEntry, AuditFilter, Page},
};
use reflect_core::audit::{self, Scope};

use crate::context::Request;

/// Whose entries a person sees: their own.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn scope(request: &Request) -> Result<Scope, Problem> {
    Ok(Scope::Own(request.require_user().await?))
}

/// One page of them, newest first.
///
/// # Errors
/// As [`scope`]; [`Problem::InvalidParameter`].
pub async fn list(
    request: &Request,
    filter: &AuditFilter,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<AuditEntry>, Problem> {
    Ok(audit::list(&request.app.core, scope(request).await?, filter, limit, cursor).await?)
}
