//! The same bytes again, and other bytes that show the same.

use model::types::{Image, ImageId, UserId};
use sqlx::{PgConnection, QueryBuilder};

use crate::{
    Core,
    images::{
        ImageError,
        library::{COLUMNS, Row},
        likeness::Likeness,
    },
};

/// Similar images that are told of.
const MOST: u32 = 3;

/// The newest image of `owner` with these bytes, if it can be seen as a new one would be: by whoever has the link,
/// for good. A link that ends, or that others can't open, isn't what is asked for by uploading.
pub(super) async fn find(
    connection: &mut PgConnection,
    owner: UserId,
    hash: &[u8; 32],
) -> Result<Option<Image>, ImageError> {
    // Without LIMIT, which makes the planner walk all of the owner's images from the newest on.
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE hash = $1 AND owner_id = $2 AND deleted_at IS NULL \
         AND visibility = 'unlisted' AND expires_at IS NULL AND max_views IS NULL ORDER BY id DESC"
    )))
    .bind(&hash[..])
    .bind(owner.0)
    .fetch_optional(connection)
    .await?;
    row.map(Row::image).transpose()
}

/// The other images of `owner` that show the same, the most alike first.
pub(super) async fn similar(
    core: &Core,
    owner: UserId,
    to: ImageId,
    likeness: Likeness,
) -> Result<Vec<Image>, ImageError> {
    let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM images WHERE owner_id = "));
    query.push_bind(owner.0).push(" AND deleted_at IS NULL AND id <> ").push_bind(to.0);
    likeness.push(&mut query, Likeness::SAME);
    query.push(" ORDER BY ");
    likeness.push_distance(&mut query);
    query.push(format_args!(", id DESC LIMIT {MOST}"));
    let rows: Vec<Row> = query.build_query_as().fetch_all(&core.pool).await?;
    rows.into_iter().map(Row::image).collect()
}
