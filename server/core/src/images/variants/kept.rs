//! Variants that are kept, and the room that they have together.
//!
//! [`Settings::variant_bytes`](crate::Settings) is never exceeded: what would exceed it makes room first, from what
//! wasn't wanted for longest. The one row that counts them is locked last of all in its transaction, and whoever holds
//! it waits for nobody, since what others have locked is skipped.

use bytes::Bytes;
use model::types::{ByteSize, MediaType, VariantFormat, VariantWidth};
use sqlx::PgConnection;

use super::Key;
use crate::{Core, images::ImageError};

/// Variants that one statement looks through for room.
const BATCH: i64 = 256;
/// So much of the budget is left free besides, or each variant would have to make room anew; in one transaction no
/// more than [`STEP`].
const SPARE: u64 = 32;
/// Bytes that one transaction deletes, about: others wait for it.
const STEP: u64 = 8 << 20;

/// A variant of some blob.
#[derive(Clone, Copy, Debug)]
pub(in crate::images) struct Variant<'a> {
    /// Pixels across.
    pub(in crate::images) width: VariantWidth,
    /// Its format.
    pub(in crate::images) kind: MediaType,
    /// Its bytes.
    pub(in crate::images) data: &'a [u8],
}

/// A variant, and notes that somebody wanted it.
pub(in crate::images) async fn read(
    core: &Core,
    hash: &[u8; 32],
    width: VariantWidth,
    kind: MediaType,
) -> Result<Option<Bytes>, ImageError> {
    let today = core.now().date();
    let row: Option<(Vec<u8>, bool)> = sqlx::query_as(
        "SELECT data, used_on < $4 FROM variants WHERE hash = $1 AND width = $2 AND media_type = $3",
    )
    .bind(&hash[..])
    .bind(width.pixels().cast_signed())
    .bind(kind.mime())
    .bind(today)
    .fetch_optional(&core.pool)
    .await?;
    Ok(row.map(|(data, is_first_today)| {
        if is_first_today {
            core.workers.used().note((*hash, width.pixels(), kind));
        }
        data.into()
    }))
}

/// Whether there is such a variant.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn is_kept(
    core: &Core,
    hash: &[u8; 32],
    width: VariantWidth,
    format: VariantFormat,
) -> Result<bool, ImageError> {
    let sql = "SELECT EXISTS (SELECT FROM variants WHERE hash = $1 AND width = $2 AND media_type = $3)";
    let found = sqlx::query_scalar(sql)
        .bind(&hash[..])
        .bind(width.pixels().cast_signed())
        .bind(format.media_type().mime())
        .fetch_one(&core.pool)
        .await?;
    Ok(found)
}

/// Keeps variants of one blob, where there is room or some can be made; others may have kept them already. The last
/// thing in a transaction, since it takes the last lock.
pub(in crate::images) async fn keep(
    conn: &mut PgConnection,
    core: &Core,
    hash: &[u8; 32],
    variants: &[Variant<'_>],
) -> Result<(), sqlx::Error> {
    let budget = core.settings.variant_bytes.bytes();
    if variants.iter().map(|variant| variant.data.len() as u64).sum::<u64>() > budget {
        return Ok(());
    }
    let (mut widths, mut kinds, mut bytes) = (Vec::new(), Vec::new(), 0);
    for Variant { width, kind, data } in variants {
        let (width, kind) = (width.pixels().cast_signed(), kind.mime());
        let done = sqlx::query(
            "INSERT INTO variants (hash, width, media_type, data, created_at, used_on) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&hash[..])
        .bind(width)
        .bind(kind)
        .bind(data)
        .bind(core.now())
        .bind(core.now().date())
        .execute(&mut *conn)
        .await?;
        if done.rows_affected() > 0 {
            widths.push(width);
            kinds.push(kind);
            bytes += data.len() as u64;
        }
    }
    if bytes == 0 {
        return Ok(());
    }
    let excess = count(conn, bytes.cast_signed()).await?.saturating_sub(budget);
    let spare = (budget / SPARE).min(STEP);
    if excess == 0 || make_room(conn, excess.saturating_add(spare), hash).await? >= excess {
        return Ok(());
    }
    // Nothing else can go.
    sqlx::query(
        "DELETE FROM variants WHERE hash = $1 \
         AND (width, media_type) IN (SELECT * FROM unnest($2::int4[], $3::text[]))",
    )
    .bind(&hash[..])
    .bind(widths)
    .bind(kinds)
    .execute(&mut *conn)
    .await?;
    count(conn, -bytes.cast_signed()).await?;
    Ok(())
}

/// Counts bytes that variants take more, or less, and answers all that they take now.
pub(in crate::images) async fn count(conn: &mut PgConnection, change: i64) -> Result<u64, sqlx::Error> {
    let total: i64 = sqlx::query_scalar("UPDATE variants_total SET bytes = bytes + $1 RETURNING bytes")
        .bind(change)
        .fetch_one(conn)
        .await?;
    Ok(total.max(0).cast_unsigned())
}

/// Deletes so many bytes of variants, of others than `hash`, beginning with those unused for longest; answers
/// how many there were to delete.
async fn make_room(conn: &mut PgConnection, wanted: u64, hash: &[u8]) -> Result<u64, sqlx::Error> {
    let mut freed = 0_u64;
    while freed < wanted {
        let gone: Vec<i32> = sqlx::query_scalar(
            "WITH oldest AS MATERIALIZED (SELECT hash, width, media_type, used_on, octet_length(data) AS bytes \
                 FROM variants WHERE hash <> $1 ORDER BY used_on, hash, width, media_type LIMIT $2 \
                 FOR UPDATE SKIP LOCKED), \
             old AS MATERIALIZED (SELECT hash, width, media_type, \
                 sum(bytes) OVER (ORDER BY used_on, hash, width, media_type) - bytes AS before FROM oldest) \
             DELETE FROM variants v USING old \
             WHERE v.hash = old.hash AND v.width = old.width AND v.media_type = old.media_type AND before < $3 \
             RETURNING octet_length(data)",
        )
        .bind(hash)
        .bind(BATCH)
        .bind((wanted - freed).cast_signed())
        .fetch_all(&mut *conn)
        .await?;
        if gone.is_empty() {
            break;
        }
        freed += gone.into_iter().map(|bytes| u64::from(bytes.cast_unsigned())).sum::<u64>();
    }
    count(conn, -freed.cast_signed()).await?;
    Ok(freed)
}

/// Deletes what the budget doesn't allow any more, since it was lowered. Answers how many bytes that was. Where there
/// is nothing to delete though more is counted than may be, it is counted anew.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn shrink(core: &Core) -> Result<ByteSize, ImageError> {
    let mut all = 0;
    loop {
        let mut tx = core.pool.begin().await?;
        let excess = count(&mut tx, 0).await?.saturating_sub(core.settings.variant_bytes.bytes());
        let freed = make_room(&mut tx, excess.min(STEP), &[]).await?;
        if excess > 0 && freed == 0 {
            let sql = "UPDATE variants_total SET bytes = (SELECT coalesce(sum(octet_length(data)), 0) FROM variants)";
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        all += freed;
        if freed == 0 {
            return Ok(ByteSize(all));
        }
    }
}

/// Notes that a variant was wanted which nobody had to read.
pub fn note_used(core: &Core, hash: [u8; 32], width: VariantWidth, format: VariantFormat) {
    core.workers.used().note((hash, width.pixels(), format.media_type()));
}

/// Writes down which variants were wanted today.
///
/// # Errors
/// [`ImageError::Database`]: these are forgotten, until they are wanted again.
pub async fn write_used(core: &Core) -> Result<(), ImageError> {
    let today = core.now().date();
    let used: Vec<Key> = core.workers.used().take();
    for batch in used.chunks(1000) {
        let hashes: Vec<&[u8]> = batch.iter().map(|(hash, ..)| &hash[..]).collect();
        let widths: Vec<i32> = batch.iter().map(|(_, width, _)| width.cast_signed()).collect();
        let kinds: Vec<&str> = batch.iter().map(|(.., kind)| kind.mime()).collect();
        // What somebody has locked is being deleted, or written by another node.
        sqlx::query(
            "UPDATE variants v SET used_on = $4 FROM ( \
                 SELECT hash, width, media_type FROM variants \
                 JOIN unnest($1::bytea[], $2::int4[], $3::text[]) AS used (hash, width, media_type) \
                     USING (hash, width, media_type) \
                 WHERE used_on < $4 FOR NO KEY UPDATE OF variants SKIP LOCKED \
             ) AS used \
             WHERE v.hash = used.hash AND v.width = used.width AND v.media_type = used.media_type",
        )
        .bind(hashes)
        .bind(widths)
        .bind(kinds)
        .bind(today)
        .execute(&core.pool)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
