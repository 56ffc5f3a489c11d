//! Whether what is stored is what was stored: every blob against its hash, every count against its rows.
//!
//! Nothing is changed, and servers may go on meanwhile: each statement sees one moment, so what is being
//! uploaded or deleted is whole in it, or isn't there.

mod damage;

use std::mem;

use futures::TryStreamExt as _;
use model::types::ByteSize;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;

pub use self::damage::{BlobHash, Damage};
use super::ImageError;
use crate::Core;

/// Blobs read in one statement.
const BATCH: i64 = 256;
/// What is wrong and is told in full; of more only the number.
const TOLD: usize = 1000;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Blobs that were read.
    pub blobs: u64,
    /// Bytes in them.
    pub bytes: ByteSize,
    /// How many things are wrong.
    pub damaged: u64,
    /// The first thousand of them.
    pub damage: Vec<Damage>,
}

impl Report {
    fn add(&mut self, damage: Damage) {
        self.damaged += 1;
        if self.damage.len() < TOLD {
            self.damage.push(damage);
        }
    }
}

/// Reads every blob and compares; tells `progress` from time to time what it has found so far. Holds one
/// chunk row in memory.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn verify(core: &Core, mut progress: impl FnMut(&Report)) -> Result<Report, ImageError> {
    let mut report = Report::default();
    let mut last = Vec::new();
    while let Some(reached) = batch(&core.pool, &last, &mut report).await? {
        last = reached;
        progress(&report);
    }
    counts(&core.pool, &mut report).await?;
    Ok(report)
}

/// A blob whose chunks are being read.
struct Reading {
    hash: Vec<u8>,
    size: i64,
    found: i64,
    next: i32,
    is_ordered: bool,
    digest: Sha256,
}

impl Reading {
    fn of(hash: Vec<u8>, size: i64) -> Self {
        Self { hash, size, found: 0, next: 0, is_ordered: true, digest: Sha256::new() }
    }

    fn take(&mut self, number: i32, data: &[u8]) {
        self.is_ordered &= number == self.next;
        self.next = number.saturating_add(1);
        self.found += i64::try_from(data.len()).unwrap_or(i64::MAX);
        self.digest.update(data);
    }

    async fn finish(&mut self, pool: &PgPool, report: &mut Report) -> Result<(), ImageError> {
        report.blobs += 1;
        report.bytes.0 += self.found.cast_unsigned();
        let digest = mem::take(&mut self.digest).finalize();
        let is_whole = self.found == self.size && self.is_ordered;
        if is_whole && digest.as_slice() == self.hash {
            return Ok(());
        }
        let images = sqlx::query_scalar(
            "SELECT slug FROM images WHERE hash = $1 \
             OR id IN (SELECT image_id FROM image_versions WHERE hash = $1) ORDER BY id LIMIT 10",
        )
        .bind(&self.hash)
        .fetch_all(pool)
        .await?;
        let hash = BlobHash(mem::take(&mut self.hash));
        report.add(if is_whole {
            Damage::Changed { hash, images }
        } else {
            Damage::Incomplete { hash, size: self.size, found: self.found, images }
        });
        Ok(())
    }
}

/// The blobs after `last`; the last of them, or `None` if there was none.
async fn batch(pool: &PgPool, last: &[u8], report: &mut Report) -> Result<Option<Vec<u8>>, ImageError> {
    let mut rows = sqlx::query_as::<_, (Vec<u8>, i64, Option<i32>, Option<Vec<u8>>)>(
        "WITH batch AS (SELECT hash, size FROM blobs WHERE hash > $1 ORDER BY hash LIMIT $2) \
         SELECT batch.hash, batch.size, c.number, c.data FROM batch LEFT JOIN blob_chunks c USING (hash) \
         ORDER BY batch.hash, c.number",
    )
    .bind(last)
    .bind(BATCH)
    .fetch(pool);
    let mut reached = None;
    let mut reading: Option<Reading> = None;
    while let Some((hash, size, number, data)) = rows.try_next().await? {
        if reading.as_ref().is_none_or(|blob| blob.hash != hash) {
            if let Some(mut blob) = reading.take() {
                blob.finish(pool, report).await?;
            }
            reached = Some(hash.clone());
            reading = Some(Reading::of(hash, size));
        }
        if let (Some(blob), Some(number), Some(data)) = (&mut reading, number, data) {
            blob.take(number, &data);
        }
    }
    if let Some(mut blob) = reading {
        blob.finish(pool, report).await?;
    }
    Ok(reached)
}

/// What is counted, against what there is.
async fn counts(pool: &PgPool, report: &mut Report) -> Result<(), ImageError> {
    // Too many keep bytes for ever; too few let them go while somebody's image shows them.
    let mut rows = sqlx::query_as::<_, (Vec<u8>, i64, i64)>(
        "SELECT hash, refs, there FROM (SELECT b.hash, b.refs::int8 AS refs, count(i.hash) AS there FROM blobs b \
         LEFT JOIN (SELECT hash FROM images UNION ALL SELECT hash FROM image_versions) AS i USING (hash) \
         GROUP BY b.hash) AS counted WHERE refs <> there ORDER BY hash",
    )
    .fetch(pool);
    while let Some((hash, counted, images)) = rows.try_next().await? {
        report.add(Damage::References { hash: BlobHash(hash), counted, images });
    }
    drop(rows);
    let mut rows = sqlx::query_as::<_, (String, i64, i64)>(
        "SELECT i.slug, v.byte_size, b.size FROM (SELECT id, hash, byte_size FROM images \
             UNION ALL SELECT image_id, hash, byte_size FROM image_versions) AS v \
         JOIN blobs b USING (hash) JOIN images i ON i.id = v.id WHERE v.byte_size <> b.size ORDER BY i.id",
    )
    .fetch(pool);
    while let Some((slug, said, size)) = rows.try_next().await? {
        report.add(Damage::Size { slug, said, size });
    }
    drop(rows);
    let mut rows = sqlx::query_as::<_, (String, i64, i64)>(
        "SELECT name, used_bytes, taken FROM (SELECT u.name, u.used_bytes, \
         coalesce(sum(i.byte_size), 0)::int8 AS taken FROM users u \
         LEFT JOIN (SELECT owner_id, byte_size FROM images UNION ALL SELECT i.owner_id, v.byte_size \
             FROM image_versions v JOIN images i ON i.id = v.image_id) AS i ON i.owner_id = u.id \
         GROUP BY u.id) AS counted \
         WHERE used_bytes <> taken ORDER BY name",
    )
    .fetch(pool);
    while let Some((name, counted, taken)) = rows.try_next().await? {
        report.add(Damage::Space { name, counted, taken });
    }
    drop(rows);
    let mut rows = sqlx::query_as::<_, (String, String, i64, i64)>(
        "WITH there AS (SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS images \
             FROM images WHERE deleted_at IS NULL GROUP BY 1, 2) \
         SELECT u.name, to_char(day, 'YYYY-MM-DD'), coalesce(d.images, 0)::int8, coalesce(there.images, 0) \
         FROM image_days d FULL JOIN there USING (owner_id, day) JOIN users u ON u.id = owner_id \
         WHERE coalesce(d.images, 0) <> coalesce(there.images, 0) ORDER BY 1, 2",
    )
    .fetch(pool);
    while let Some((name, day, counted, images)) = rows.try_next().await? {
        report.add(Damage::Day { name, day, counted, images });
    }
    drop(rows);
    let (counted, taken) = sqlx::query_as(
        "SELECT bytes, (SELECT coalesce(sum(octet_length(data)), 0) FROM variants) FROM variants_total",
    )
    .fetch_one(pool)
    .await?;
    if counted != taken {
        report.add(Damage::Variants { counted, taken });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
