//! Images that show the same in other bytes.

use model::types::{Image, ImageId, UserId};
use sqlx::QueryBuilder;

use super::{COLUMNS, Row};
use crate::{
    Core,
    images::{ImageError, likeness::Likeness},
};

/// That are told of.
const MOST: u32 = 3;

/// The other images of `owner` that show the same as this one, three at most, the most alike first.
///
/// # Errors
/// The database.
pub async fn similar(core: &Core, owner: UserId, to: ImageId) -> Result<Vec<Image>, ImageError> {
    let likeness: Option<Option<i64>> =
        sqlx::query_scalar("SELECT likeness FROM images WHERE id = $1 AND owner_id = $2")
            .bind(to.0)
            .bind(owner.0)
            .fetch_optional(&core.pool)
            .await?;
    let Some(likeness) = likeness.flatten().and_then(Likeness::from_stored) else { return Ok(Vec::new()) };
    // Keys first, from the index alone: else every image of the owner's is read.
    let mut query = QueryBuilder::new(format!(
        "SELECT {COLUMNS} FROM images WHERE id IN (SELECT id FROM images WHERE owner_id = "
    ));
    query.push_bind(owner.0).push(" AND deleted_at IS NULL AND id <> ").push_bind(to.0);
    likeness.push(&mut query, Likeness::SAME);
    query.push(" ORDER BY ");
    likeness.push_distance(&mut query);
    query.push(format_args!(", id DESC LIMIT {MOST}) ORDER BY "));
    likeness.push_distance(&mut query);
    query.push(", id DESC");
    let rows: Vec<Row> = query.build_query_as().fetch_all(&core.pool).await?;
    rows.into_iter().map(Row::image).collect()
}
