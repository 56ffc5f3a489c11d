//! Images whose time is over.

use super::bin::{BATCH, notify};
use crate::{Core, images::ImageError};

/// Moves images that have lapsed to their owners' bins; answers how many. Nobody but the owner has seen them
/// since their moment came: this only tidies up. Several nodes may do so at once.
///
/// # Errors
/// [`ImageError::Database`]; what was moved before it stays in the bin.
pub async fn bin_lapsed(core: &Core) -> Result<u64, ImageError> {
    let mut moved = 0;
    loop {
        let mut tx = core.pool.begin().await?;
        let slugs: Vec<(String,)> = sqlx::query_as(
            "UPDATE images SET deleted_at = $1 WHERE id IN (SELECT id FROM images \
             WHERE expires_at <= $1 AND deleted_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) \
             RETURNING slug",
        )
        .bind(core.now())
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        notify(&mut tx, slugs.iter().map(|(slug,)| slug.as_str())).await?;
        tx.commit().await?;
        core.image_changes.tell(slugs.iter().map(|(slug,)| slug.as_str()));
        moved += slugs.len() as u64;
        if slugs.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(moved);
        }
    }
}
