//! Deleting, in two steps: to the bin, and after seven days or by hand for good.
//!
//! Space is freed and references are given up only when an image goes for good. Locks are taken
//! in the order image, blob, day (`image_days`), user, each kind by its key. An upload takes them in the same
//! order: its image is new, so nobody holds that, then the blob, then the day, then the user.

use model::types::{Action, AuditDetails, BinnedImage, ImageId, Page, UserId};
use sqlx::{PgConnection, Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    MOST,
    cursor::{BinPlace, Cursor},
    row::{COLUMNS, Row},
};
use crate::{
    Core,
    audit::{By, Event, record},
    images::{ImageError, store, tags, variants},
};

/// How long images stay in the bin.
pub(super) const KEPT: Duration = Duration::days(7);

/// The channel of the database on which nodes hear, by its slug, that what they know of an image holds no more.
pub const GONE: &str = "image_gone";

/// Images that go for good in one transaction, so that none holds its locks for long.
pub(super) const BATCH: i64 = 500;

/// Keeps an image from going for good meanwhile, if it is the owner's; answers whether it is.
pub(in crate::images) async fn keep(
    connection: &mut PgConnection,
    owner: UserId,
    id: ImageId,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query(
        "SELECT FROM images WHERE owner_id = $1 AND id = $2 AND deleted_at IS NULL FOR KEY SHARE",
    )
    .bind(owner.0)
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// Writes down what became of so many of `owner`'s images.
pub(super) async fn tell(
    tx: &mut Transaction<'_, Postgres>,
    core: &Core,
    by: By<'_>,
    owner: UserId,
    (action, count): (Action, usize),
) -> Result<(), ImageError> {
    if count > 0 {
        let event = Event::new(by, Some(owner), action);
        record(tx, core, &event.with(AuditDetails::counted(count as u64))).await?;
    }
    Ok(())
}

/// Tells every process that what it knows of these images holds no more, once the transaction commits.
pub(in crate::images) async fn notify(
    conn: &mut PgConnection,
    slugs: impl Iterator<Item = &str> + Send,
) -> Result<(), ImageError> {
    let slugs: Vec<&str> = slugs.collect();
    sqlx::query("SELECT pg_notify($1, slug) FROM unnest($2::text[]) AS slug")
        .bind(GONE)
        .bind(slugs)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes binned images for good and frees their space; `None` empties the bin. Answers how many.
///
/// # Errors
/// [`ImageError::Database`]; what was deleted before it stays deleted.
pub async fn purge(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    ids: Option<&[ImageId]>,
) -> Result<u64, ImageError> {
    purge_where(core, by, owner, ids, core.now()).await
}

/// Deletes for good what has been in the bin for seven days.
///
/// # Errors
/// [`ImageError::Database`]; what was deleted before it stays deleted.
pub async fn purge_expired(core: &Core, now: OffsetDateTime) -> Result<u64, ImageError> {
    let before = now - KEPT;
    let owners: Vec<(Uuid,)> =
        sqlx::query_as("SELECT DISTINCT owner_id FROM images WHERE deleted_at <= $1 ORDER BY owner_id")
            .bind(before)
            .fetch_all(&core.pool)
            .await?;
    let mut purged = 0;
    for (owner,) in owners {
        purged += purge_where(core, By::SYSTEM, UserId(owner), None, before).await?;
    }
    Ok(purged)
}

/// By how much the clock of another node may be ahead that binned something.
const FAR: Duration = Duration::days(36_500);

/// Deletes everything of the owner's for good, in batches.
///
/// # Errors
/// [`ImageError::Database`]; what was deleted before it stays deleted.
pub(crate) async fn purge_everything(core: &Core, owner: UserId) -> Result<(), ImageError> {
    loop {
        // Apart from the purge: the days' counts are locked here, and what locks blobs has locked no days.
        sqlx::query(
            "UPDATE images SET deleted_at = $2 WHERE id IN (SELECT id FROM images \
             WHERE owner_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $3 FOR UPDATE)",
        )
        .bind(owner.0)
        .bind(core.now())
        .bind(BATCH)
        .execute(&core.pool)
        .await?;
        let mut tx = core.pool.begin().await?;
        let purged = purge_batch(&mut tx, owner, None, core.now() + FAR).await?;
        if purged.slugs.is_empty() {
            return Ok(());
        }
        tell(&mut tx, core, By::SYSTEM, owner, (Action::ImagesDeleted, purged.slugs.len())).await?;
        purged.count(&mut tx).await?;
        tx.commit().await?;
        core.image_changes.tell(purged.slugs.iter().map(String::as_str));
    }
}

/// Deletes for good what the owner deleted at or before `before`, in batches.
async fn purge_where(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    ids: Option<&[ImageId]>,
    before: OffsetDateTime,
) -> Result<u64, ImageError> {
    let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
    let mut purged = 0;
    loop {
        let mut tx = core.pool.begin().await?;
        // These were told of when they went into the bin.
        let gone = purge_batch(&mut tx, owner, ids.as_deref(), before).await?;
        let batch = gone.slugs.len();
        tell(&mut tx, core, by, owner, (Action::ImagesDeleted, batch)).await?;
        gone.count(&mut tx).await?;
        tx.commit().await?;
        purged += batch as u64;
        if (batch as u64) < BATCH.cast_unsigned() {
            return Ok(purged);
        }
    }
}

/// What went, which the end of its transaction has to count.
#[derive(Default)]
struct Purged {
    slugs: Vec<String>,
    /// Bytes of variants.
    variants: i64,
}

impl Purged {
    /// The last thing in the transaction, since it takes the last lock.
    async fn count(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), ImageError> {
        if self.variants > 0 {
            variants::count(tx, -self.variants).await?;
        }
        Ok(())
    }
}

async fn purge_batch(
    tx: &mut Transaction<'_, Postgres>,
    owner: UserId,
    ids: Option<&[Uuid]>,
    before: OffsetDateTime,
) -> Result<Purged, ImageError> {
    let rows: Vec<(Uuid, String, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT id, slug, hash, byte_size FROM images \
         WHERE owner_id = $1 AND deleted_at <= $2 AND ($3::uuid[] IS NULL OR id = ANY ($3)) \
         ORDER BY id LIMIT $4 FOR UPDATE",
    )
    .bind(owner.0)
    .bind(before)
    .bind(ids)
    .bind(BATCH)
    .fetch_all(&mut **tx)
    .await?;
    if rows.is_empty() {
        return Ok(Purged::default());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    // What they take with them has locks of its own, which come after those of images.
    sqlx::query(
        "SELECT FROM albums WHERE id IN (SELECT album_id FROM album_images WHERE image_id = ANY ($1)) \
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(&ids)
    .execute(&mut **tx)
    .await?;
    tags::lock(tx, owner).await?;
    // Whoever forgets these keys deletes the same rows in another order.
    sqlx::query(
        "SELECT FROM upload_keys WHERE (owner_id, key) IN \
         (SELECT owner_id, key FROM upload_key_images WHERE image_id = ANY ($1)) \
         ORDER BY owner_id, key FOR NO KEY UPDATE",
    )
    .bind(&ids)
    .execute(&mut **tx)
    .await?;
    // Nobody changes these without their images' locks.
    let earlier: Vec<(Vec<u8>, i64)> =
        sqlx::query_as("DELETE FROM image_versions WHERE image_id = ANY ($1) RETURNING hash, byte_size")
            .bind(&ids)
            .fetch_all(&mut **tx)
            .await?;
    sqlx::query("DELETE FROM images WHERE id = ANY ($1)").bind(&ids).execute(&mut **tx).await?;
    let all = || rows.iter().map(|row| (&row.2, row.3)).chain(earlier.iter().map(|row| (&row.0, row.1)));
    let mut counts = std::collections::BTreeMap::<&Vec<u8>, i32>::new();
    for (hash, _) in all() {
        *counts.entry(hash).or_default() += 1;
    }
    let counts: Vec<_> = counts.into_iter().map(|(hash, count)| (hash.clone(), count)).collect();
    let variants = store::release(tx, &counts).await?;
    free_space(tx, owner, all().map(|(_, bytes)| bytes).sum()).await?;
    notify(tx, rows.iter().map(|row| row.1.as_str())).await?;
    Ok(Purged { slugs: rows.into_iter().map(|row| row.1).collect(), variants })
}

/// Gives `bytes` of the owner's space back.
pub(in crate::images) async fn free_space(
    conn: &mut PgConnection,
    owner: UserId,
    bytes: i64,
) -> Result<(), ImageError> {
    sqlx::query("UPDATE users SET used_bytes = greatest(used_bytes - $2, 0) WHERE id = $1")
        .bind(owner.0)
        .bind(bytes)
        .execute(conn)
        .await?;
    Ok(())
}

/// One page of the bin, last deleted first.
///
/// # Errors
/// [`ImageError::BadCursor`], [`ImageError::Database`].
pub async fn bin(
    core: &Core,
    owner: UserId,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<BinnedImage>, ImageError> {
    let after = cursor.map(BinPlace::decode).transpose()?;
    let limit = limit.clamp(1, MOST);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE owner_id = $1 AND deleted_at IS NOT NULL \
         AND ($2::timestamptz IS NULL OR (deleted_at, id) < ($2, $3)) \
         ORDER BY deleted_at DESC, id DESC LIMIT $4"
    )))
    .bind(owner.0)
    .bind(after.map(|place| place.deleted_at))
    .bind(after.map(|place| place.id.0))
    .bind(i64::from(limit) + 1)
    .fetch_all(&core.pool)
    .await?;
    let cursor = |entry: &(OffsetDateTime, BinnedImage)| {
        BinPlace { deleted_at: entry.0, id: entry.1.image.id }.encode()
    };
    let page = super::page(rows, limit, Row::binned, cursor)?;
    Ok(Page {
        items: page.items.into_iter().map(|(_, entry)| entry).collect(),
        next_cursor: page.next_cursor,
    })
}
