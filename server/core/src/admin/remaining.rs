//! One administrator who can sign in always remains.

use model::types::UserId;
use sqlx::PgConnection;

use super::AdminError;
use crate::db;

/// Whoever takes an administrator away queues here until the transaction ends: of two who take each
/// other away, the second finds that the first has gone.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    db::lock(connection, b"administrators").await
}

/// Refuses to take away the last. To be asked under [`lock`].
pub(super) async fn refuse_last(connection: &mut PgConnection, id: UserId) -> Result<(), AdminError> {
    if is_last(connection, id).await? { Err(AdminError::LastAdministrator) } else { Ok(()) }
}

/// Whether this account administers and no other that isn't suspended does.
pub(super) async fn is_last(connection: &mut PgConnection, id: UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FILTER (WHERE id = $1) = 1 AND count(*) = 1 \
         FROM users WHERE is_admin AND suspended_at IS NULL",
    )
    .bind(id.0)
    .fetch_one(connection)
    .await
}
