//! What happened, to everybody.

use model::{
    Problem,
    types::{AuditEntry, AuditFilter, Page},
};
use reflect_core::audit::{self, Scope};

use super::Administrator;

/// One page of it, newest first.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub async fn list(
    administrator: &Administrator,
    scope: Scope,
    filter: &AuditFilter,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<AuditEntry>, Problem> {
    Ok(audit::list(administrator.core(), scope, filter, limit, cursor).await?)
}
