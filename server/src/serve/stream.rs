//! Bytes from the database, a window at a time.

use bytes::Bytes;
use futures::{Stream, stream};
use reflect_core::images::{ImageError, store};
use sqlx::PgPool;

/// Bytes in one query: four chunk rows.
const WINDOW: u64 = 4 * store::CHUNK as u64;

/// The bytes `start..end` of a blob. Each window is one query, made when the client has taken the
/// one before: no connection waits for a slow reader.
pub(crate) fn windows(
    pool: PgPool,
    hash: [u8; 32],
    start: u64,
    end: u64,
) -> impl Stream<Item = Result<Bytes, ImageError>> + Send + 'static {
    stream::try_unfold(start, move |at| {
        let pool = pool.clone();
        async move {
            if at >= end {
                return Ok(None);
            }
            // Windows end where chunks do, so that no chunk is read twice.
            let until = ((at / WINDOW + 1) * WINDOW).min(end);
            let bytes = store::read_range(&pool, &hash, at, until).await?;
            Ok(Some((bytes, until)))
        }
    })
}
