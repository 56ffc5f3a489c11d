//! The same bytes again.

use model::types::{Image, UserId};
use sqlx::PgConnection;

use super::Terms;
use crate::images::{
    ImageError,
    library::{COLUMNS, Row},
};

/// The newest image of `owner` with these bytes, if it can be seen as a new one would be: by the same people, for good.
/// A link that ends isn't what is asked for by uploading, and one that is to end isn't to end another.
pub(super) async fn find(
    connection: &mut PgConnection,
    owner: UserId,
    hash: &[u8; 32],
    terms: &Terms,
) -> Result<Option<Image>, ImageError> {
    if terms.end() {
        return Ok(None);
    }
    // Without LIMIT, which makes the planner walk all of the owner's images from the newest on.
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE hash = $1 AND owner_id = $2 AND deleted_at IS NULL \
         AND visibility = $3 AND expires_at IS NULL AND max_views IS NULL ORDER BY id DESC"
    )))
    .bind(&hash[..])
    .bind(owner.0)
    .bind(terms.visibility.name())
    .fetch_optional(connection)
    .await?;
    row.map(Row::image).transpose()
}
