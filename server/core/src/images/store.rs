//! The bytes: content-addressed blobs in chunk rows.

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::ImageError;

/// Bytes in one chunk row.
pub const CHUNK: usize = 256 * 1024;

/// Chunks sent in one statement: 4 MiB, so that a large file isn't held twice.
const BATCH: usize = 16;

/// All bytes of a blob, in one query; `None` if there is no such blob.
///
/// # Errors
/// [`ImageError::Database`], also where chunks are missing.
pub async fn read(pool: &PgPool, hash: &[u8; 32]) -> Result<Option<Bytes>, ImageError> {
    let mut rows = sqlx::query_as::<_, (i64, Vec<u8>)>(
        "SELECT b.size, c.data FROM blobs b JOIN blob_chunks c USING (hash) WHERE b.hash = $1 ORDER BY c.number",
    )
    .bind(&hash[..])
    .fetch(pool);
    let mut all = BytesMut::new();
    let mut expected = None;
    while let Some((size, data)) = rows.try_next().await? {
        let size = expected.get_or_insert_with(|| usize::try_from(size).unwrap_or(0));
        if all.is_empty() {
            all.reserve(*size);
        }
        all.extend_from_slice(&data);
    }
    match expected {
        None => Ok(None),
        Some(size) if size == all.len() => Ok(Some(all.freeze())),
        Some(_) => Err(damaged()),
    }
}

/// The bytes `start..end` of a blob, in one query that reads only the chunks that hold them, and
/// of the first and last only the part that is wanted.
///
/// # Errors
/// [`ImageError::NotFound`] if the blob doesn't have all those bytes; [`ImageError::Database`].
pub async fn read_range(pool: &PgPool, hash: &[u8; 32], start: u64, end: u64) -> Result<Bytes, ImageError> {
    let wanted = end.checked_sub(start).and_then(|n| usize::try_from(n).ok()).ok_or(ImageError::NotFound)?;
    if wanted == 0 {
        return Ok(Bytes::new());
    }
    let chunk = CHUNK as u64;
    let number = |n: u64| i32::try_from(n).map_err(|_| ImageError::NotFound);
    let (first, last) = (number(start / chunk)?, number((end - 1) / chunk)?);
    let skip = i32::try_from(start % chunk).map_err(|_| ImageError::NotFound)?;
    let until = i32::try_from((end - 1) % chunk + 1).map_err(|_| ImageError::NotFound)?;
    let mut rows = sqlx::query_as::<_, (Vec<u8>,)>(
        "SELECT substring(data \
             FROM CASE WHEN number = $2 THEN $4 + 1 ELSE 1 END \
             FOR CASE WHEN number = $3 THEN $5 ELSE $6 END - CASE WHEN number = $2 THEN $4 ELSE 0 END) \
         FROM blob_chunks WHERE hash = $1 AND number BETWEEN $2 AND $3 ORDER BY number",
    )
    .bind(&hash[..])
    .bind(first)
    .bind(last)
    .bind(skip)
    .bind(until)
    .bind(i32::try_from(CHUNK).unwrap_or(i32::MAX))
    .fetch(pool);
    let mut all = BytesMut::new();
    while let Some((data,)) = rows.try_next().await? {
        all.extend_from_slice(&data);
    }
    if all.len() == wanted { Ok(all.freeze()) } else { Err(ImageError::NotFound) }
}

fn damaged() -> ImageError {
    ImageError::Database(sqlx::Error::Decode("chunks of a blob are missing".into()))
}

/// Counts so many references more to these bytes, and stores them where nobody had them yet. The row
/// of the blob stays locked until the transaction ends, so a purge of the same bytes waits, or
/// has ended and they are stored anew. Answers whether they were stored before.
pub(super) async fn add(
    conn: &mut PgConnection,
    hash: &[u8; 32],
    bytes: &[u8],
    references: i32,
    now: OffsetDateTime,
) -> Result<bool, ImageError> {
    let (refs,): (i32,) = sqlx::query_as(
        "INSERT INTO blobs (hash, size, refs, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (hash) DO UPDATE SET refs = blobs.refs + excluded.refs RETURNING refs",
    )
    .bind(&hash[..])
    .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
    .bind(references)
    .bind(now)
    .fetch_one(&mut *conn)
    .await?;
    if refs > references {
        return Ok(true);
    }
    let chunks: Vec<&[u8]> = bytes.chunks(CHUNK).collect();
    for (batch, chunks) in (0..).step_by(BATCH).zip(chunks.chunks(BATCH)) {
        let numbers: Vec<i32> = (batch..).take(chunks.len()).collect();
        sqlx::query(
            "INSERT INTO blob_chunks (hash, number, data) \
             SELECT $1, number, data FROM unnest($2::int4[], $3::bytea[]) AS chunk (number, data)",
        )
        .bind(&hash[..])
        .bind(numbers)
        .bind(chunks)
        .execute(&mut *conn)
        .await?;
    }
    Ok(false)
}

/// Takes references away, `(hash, how many)`, and deletes the bytes and variants of what has none
/// left. Rows are locked in the order of their hashes. Answers how many bytes the variants had, which the
/// transaction has to [count](super::variants::count) last.
pub(super) async fn release(conn: &mut PgConnection, counts: &[(Vec<u8>, i32)]) -> Result<i64, ImageError> {
    let (hashes, numbers): (Vec<_>, Vec<_>) = counts.iter().map(|(h, n)| (h.as_slice(), *n)).unzip();
    sqlx::query("SELECT 1 FROM blobs WHERE hash = ANY($1) ORDER BY hash FOR UPDATE")
        .bind(&hashes)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE blobs SET refs = refs - gone.number \
         FROM unnest($1::bytea[], $2::int4[]) AS gone (hash, number) WHERE blobs.hash = gone.hash",
    )
    .bind(&hashes)
    .bind(&numbers)
    .execute(&mut *conn)
    .await?;
    let freed = sqlx::query_scalar(
        "WITH gone AS (DELETE FROM variants v USING blobs b \
             WHERE v.hash = b.hash AND b.hash = ANY($1) AND b.refs = 0 RETURNING octet_length(data) AS bytes) \
         SELECT coalesce(sum(bytes), 0) FROM gone",
    )
    .bind(&hashes)
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM blobs WHERE hash = ANY($1) AND refs = 0")
        .bind(&hashes)
        .execute(&mut *conn)
        .await?;
    Ok(freed)
}

#[cfg(test)]
mod tests;
