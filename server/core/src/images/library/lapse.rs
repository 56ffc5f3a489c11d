//! Images whose time is over.

use std::collections::BTreeMap;

use model::types::{Action, UserId};
use uuid::Uuid;

use super::bin::{BATCH, notify, tell};
use crate::{Core, audit::By, images::ImageError};

/// Moves images that have lapsed to their owners' bins; answers how many. Nobody but the owner has seen them
/// since their moment came: this only tidies up. Several nodes may do so at once.
///
/// # Errors
/// [`ImageError::Database`]; what was moved before it stays in the bin.
pub async fn bin_lapsed(core: &Core) -> Result<u64, ImageError> {
    let mut moved = 0;
    loop {
        let mut tx = core.pool.begin().await?;
        let gone: Vec<(Uuid, String)> = sqlx::query_as(
            "UPDATE images SET deleted_at = $1 WHERE id IN (SELECT id FROM images \
             WHERE expires_at <= $1 AND deleted_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) \
             RETURNING owner_id, slug",
        )
        .bind(core.now())
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        notify(&mut tx, gone.iter().map(|(_, slug)| slug.as_str())).await?;
        let mut counts = BTreeMap::<Uuid, usize>::new();
        for (owner, _) in &gone {
            *counts.entry(*owner).or_default() += 1;
        }
        for (owner, count) in counts {
            tell(&mut tx, core, By::SYSTEM, UserId(owner), (Action::ImagesBinned, count)).await?;
        }
        tx.commit().await?;
        core.image_changes.tell(gone.iter().map(|(_, slug)| slug.as_str()));
        moved += gone.len() as u64;
        if gone.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(moved);
        }
    }
}
