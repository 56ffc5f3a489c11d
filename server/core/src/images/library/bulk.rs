//! The one door to changing many images: whatever is done, it is done to all of them in one transaction, and
//! answered for each.
//!
//! Images are locked first, in the order of their keys, then what else is changed: so two requests wait for
//! each other in turn, and never both.

use std::collections::{HashMap, HashSet};

use model::types::{Action, AlbumId, BulkOutcome, ImageId, UserId, Visibility};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    BULK, Search,
    bin::{notify, tell},
    find,
    search::Criteria,
};
use crate::{
    Core,
    audit::By,
    images::{
        ImageError, albums,
        tags::{self, Name},
    },
};

/// Which images.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// These.
    Ids(&'a [ImageId]),
    /// All that are found at this moment, the newest first.
    Search(&'a Search),
}

/// What becomes of them.
#[derive(Clone, Debug)]
pub enum Bulk {
    /// Who may see them.
    Visibility(Visibility),
    /// From when on nobody else sees them; without a moment, never.
    ExpiresAt(Option<OffsetDateTime>),
    /// Tags that they get, and tags that they lose.
    Tags {
        /// Those that they get; those that there aren't are made.
        add: Vec<Name>,
        /// Those that they lose.
        remove: Vec<Name>,
    },
    /// They are put into an album, behind what is in it, in their order.
    Album(AlbumId),
    /// They go to the bin.
    Delete,
    /// They come out of it. The time of one that has lapsed is over for others: it comes back as its owner's
    /// alone.
    Restore,
}

impl Bulk {
    /// How images are locked: what only belongs to them needs no more than that they stay.
    const fn lock(&self) -> &'static str {
        match self {
            Self::Tags { .. } | Self::Album(_) => "FOR KEY SHARE",
            Self::Visibility(_) | Self::ExpiresAt(_) | Self::Delete | Self::Restore => "FOR UPDATE",
        }
    }

    /// Whether it is done to images in the bin, and to those that aren't; what is the other way is so already.
    const fn is_done_to(&self, is_binned: bool) -> bool {
        match self {
            Self::Restore => is_binned,
            _ => !is_binned,
        }
    }

    /// Whether what lies in the bin is as if it weren't there.
    const fn is_blind_to_bin(&self) -> bool {
        !matches!(self, Self::Delete | Self::Restore)
    }
}

/// Does something to `owner`'s images, to all of them or, where that fails, to none.
///
/// # Errors
/// [`ImageError::TooMany`] if they are more than [`BULK`], [`ImageError::Album`], [`ImageError::Tags`],
/// [`ImageError::Database`].
pub async fn bulk(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    which: Which<'_>,
    what: &Bulk,
) -> Result<BulkOutcome, ImageError> {
    let mut tx = core.pool.begin().await?;
    let ids = named(&mut tx, owner, which).await?;
    let found = lock(&mut tx, owner, &ids, what.lock()).await?;
    let meant: Vec<Uuid> =
        ids.iter().filter(|id| found.get(id).is_some_and(|bin| what.is_done_to(*bin))).copied().collect();
    let (changed, slugs) = act(&mut tx, core, owner, &meant, what).await?;
    notify(&mut tx, slugs.iter().map(String::as_str)).await?;
    let told = match what {
        Bulk::Delete => Some(Action::ImagesBinned),
        Bulk::Restore => Some(Action::ImagesRestored),
        _ => None,
    };
    if let Some(action) = told {
        tell(&mut tx, core, by, owner, (action, changed.len())).await?;
    }
    tx.commit().await?;
    core.image_changes.tell(slugs.iter().map(String::as_str));
    let mut outcome = BulkOutcome::default();
    for id in ids {
        let list = match found.get(&id) {
            _ if changed.contains(&id) => &mut outcome.done,
            Some(is_binned) if !(*is_binned && what.is_blind_to_bin()) => &mut outcome.unchanged,
            _ => &mut outcome.missing,
        };
        list.push(ImageId(id));
    }
    Ok(outcome)
}

/// Moves images to the bin; answers which were moved.
///
/// # Errors
/// As [`bulk`].
pub async fn delete(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    ids: &[ImageId],
) -> Result<Vec<ImageId>, ImageError> {
    Ok(bulk(core, by, owner, Which::Ids(ids), &Bulk::Delete).await?.done)
}

/// Puts images into an album, behind those in it, which nobody records; answers which are new in it.
///
/// # Errors
/// As [`bulk`].
pub async fn add_to_album(
    core: &Core,
    owner: UserId,
    album: AlbumId,
    ids: &[ImageId],
) -> Result<Vec<ImageId>, ImageError> {
    Ok(bulk(core, By::SYSTEM, owner, Which::Ids(ids), &Bulk::Album(album)).await?.done)
}

/// Each key once, in order.
async fn named(
    tx: &mut Transaction<'_, Postgres>,
    owner: UserId,
    which: Which<'_>,
) -> Result<Vec<Uuid>, ImageError> {
    let ids = match which {
        Which::Ids(ids) => {
            let mut seen = HashSet::new();
            ids.iter().map(|id| id.0).filter(|id| seen.insert(*id)).collect()
        }
        Which::Search(search) => match Criteria::new(tx, owner, search).await? {
            Some(criteria) => {
                let mut keys = find::keys(tx, &criteria, BULK).await?;
                keys.sort_unstable_by(|one, other| other.cmp(one));
                keys
            }
            None => Vec::new(),
        },
    };
    if ids.len() > BULK { Err(ImageError::TooMany) } else { Ok(ids) }
}

/// Locks those that are the owner's, in the order of their keys; with whether each lies in the bin.
async fn lock(
    tx: &mut Transaction<'_, Postgres>,
    owner: UserId,
    ids: &[Uuid],
    strength: &'static str,
) -> Result<HashMap<Uuid, bool>, ImageError> {
    let rows: Vec<(Uuid, bool)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT id, deleted_at IS NOT NULL FROM images WHERE owner_id = $1 AND id = ANY ($2) ORDER BY id {strength}"
    )))
    .bind(owner.0)
    .bind(ids)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Answers which images were changed, and the slugs of those of which others see something else now.
async fn act(
    connection: &mut PgConnection,
    core: &Core,
    owner: UserId,
    ids: &[Uuid],
    what: &Bulk,
) -> Result<(HashSet<Uuid>, Vec<String>), ImageError> {
    let changed = match what {
        Bulk::Tags { add, remove } => {
            return Ok((tags::retag(connection, core, owner, ids, add, remove).await?, Vec::new()));
        }
        Bulk::Album(album) => {
            return Ok((albums::put(connection, owner, *album, ids).await.map_err(Box::new)?, Vec::new()));
        }
        Bulk::Visibility(visibility) => sqlx::query_as(
            "UPDATE images SET visibility = $2 WHERE id = ANY ($1) AND visibility <> $2 RETURNING id, slug",
        )
        .bind(ids)
        .bind(visibility.name()),
        Bulk::ExpiresAt(moment) => sqlx::query_as(
            "UPDATE images SET expires_at = $2 WHERE id = ANY ($1) AND expires_at IS DISTINCT FROM $2 \
             RETURNING id, slug",
        )
        .bind(ids)
        .bind(*moment),
        Bulk::Delete => {
            sqlx::query_as("UPDATE images SET deleted_at = $2 WHERE id = ANY ($1) RETURNING id, slug")
                .bind(ids)
                .bind(core.now())
        }
        Bulk::Restore => sqlx::query_as(
            "UPDATE images SET deleted_at = NULL, \
             visibility = CASE WHEN expires_at <= $2 THEN $3 ELSE visibility END, \
             expires_at = CASE WHEN expires_at <= $2 THEN NULL ELSE expires_at END WHERE id = ANY ($1) \
             RETURNING id, slug",
        )
        .bind(ids)
        .bind(core.now())
        .bind(Visibility::Private.name()),
    };
    let changed: Vec<(Uuid, String)> = changed.fetch_all(connection).await?;
    Ok(changed.into_iter().unzip())
}

#[cfg(test)]
mod tests;
