//! Things that people give names.

use model::types::{Label, UserId};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// Calls a thing of `user` in `table` by another name. Answers what it was called; `None` if there is no
/// such thing.
pub(super) async fn rename(
    connection: &mut PgConnection,
    table: &'static str,
    user: UserId,
    id: Uuid,
    name: &Label,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "UPDATE {table} AS thing SET name = $3 \
         FROM (SELECT id, name FROM {table} WHERE id = $1 AND user_id = $2 FOR UPDATE) AS before \
         WHERE thing.id = before.id RETURNING before.name"
    )))
    .bind(id)
    .bind(user.0)
    .bind(name.as_str())
    .fetch_optional(connection)
    .await
}
