//! The bytes: content-addressed blobs in chunk rows.

use bytes::Bytes;
use sqlx::PgPool;

use super::ImageError;

/// Bytes in one chunk row.
pub const CHUNK: usize = 256 * 1024;

/// All bytes of a blob, in one query.
pub async fn read(_pool: &PgPool, _hash: &[u8; 32]) -> Result<Option<Bytes>, ImageError> {
    unimplemented!()
}

/// The bytes `start..end` of a blob; reads only the chunks that hold them.
pub async fn read_range(
    _pool: &PgPool,
    _hash: &[u8; 32],
    _start: u64,
    _end: u64,
) -> Result<Bytes, ImageError> {
    unimplemented!()
}
