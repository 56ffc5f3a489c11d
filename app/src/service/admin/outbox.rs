//! Mail on its way, and what became of it.

use model::{
    Problem,
    types::{MailId, OutboxView},
};
use reflect_core::mail::outbox::{self, Filter};

use super::Administrator;

/// One page of the outbox, newest first.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub async fn list(
    administrator: &Administrator,
    filter: Filter,
    limit: u32,
    cursor: Option<&str>,
) -> Result<OutboxView, Problem> {
    let core = administrator.core();
    Ok(OutboxView {
        page: outbox::list(core, filter, limit, cursor).await?,
        counts: outbox::counts(core).await?,
        can_mail: core.mail_enabled(),
    })
}

/// Sends a failed mail once more.
///
/// # Errors
/// [`Problem::NotFound`], [`Problem::InvalidParameter`]; the database.
pub async fn retry(administrator: &Administrator, id: MailId) -> Result<(), Problem> {
    Ok(outbox::retry(administrator.core(), administrator.by(), id).await?)
}
