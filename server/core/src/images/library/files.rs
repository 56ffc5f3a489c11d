//! Images with where their bytes are, a few at a time.

use model::types::{ImageId, UserId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    BULK, COLUMNS, MOST, Row, StoredImage, Which,
    find::{From, find},
    place::TOP,
    search::Criteria,
};
use crate::{Core, images::ImageError};

/// At most 200 of `owner`'s images, the newest first, from what is older than `below` on.
///
/// # Errors
/// [`ImageError::TooMany`] where more than [`BULK`] are named, [`ImageError::Database`].
pub async fn files(
    core: &Core,
    owner: UserId,
    which: Which<'_>,
    below: Option<ImageId>,
) -> Result<Vec<StoredImage>, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    let below = below.unwrap_or(TOP);
    let rows = match which {
        Which::Ids(ids) if ids.len() > BULK => return Err(ImageError::TooMany),
        Which::Ids(ids) => {
            let sql = format!(
                "SELECT {COLUMNS} FROM images WHERE owner_id = $1 AND id = ANY ($2) AND deleted_at IS NULL \
                 AND id < $3 ORDER BY id DESC LIMIT $4"
            );
            sqlx::query_as(AssertSqlSafe(sql))
                .bind(owner.0)
                .bind(ids.iter().map(|id| id.0).collect::<Vec<Uuid>>())
                .bind(below.0)
                .bind(i64::from(MOST))
                .fetch_all(connection)
                .await?
        }
        Which::Search(search) => match Criteria::new(connection, owner, search).await? {
            Some(criteria) => find(connection, &criteria, From::Below(below), MOST).await?,
            None => Vec::new(),
        },
    };
    rows.into_iter().map(Row::stored).collect()
}
