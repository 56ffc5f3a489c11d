//! Whose bytes are taken.

use model::types::UserId;
use uuid::Uuid;

use super::{PIECE, PieceError, UploadId, find};
use crate::{Core, images::ImageError};

/// The right to add to an upload, until somebody else has it.
#[derive(Debug)]
pub struct Turn {
    id: UploadId,
    holder: Uuid,
    at: u64,
    length: u64,
}

/// Goes on with an upload at its next byte, which is `offset`. Whoever was about it isn't any more.
///
/// # Errors
/// [`PieceError::Elsewhere`] where the next byte is another one, or all are here; [`PieceError::NotFound`]; the
/// database, randomness.
pub async fn begin(core: &Core, owner: UserId, id: UploadId, offset: u64) -> Result<Turn, PieceError> {
    let now = core.now();
    let holder = core.random.uuid_v7(now).map_err(|_| ImageError::Worker)?;
    let length: Option<i64> = sqlx::query_scalar(
        "UPDATE uploads SET holder = $4 WHERE id = $1 AND owner_id = $2 AND received = $3 AND received < length \
         AND expires_at > $5 RETURNING length",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(i64::try_from(offset).unwrap_or(i64::MAX))
    .bind(holder)
    .bind(now)
    .fetch_optional(&core.pool)
    .await?;
    match length {
        Some(length) => Ok(Turn { id, holder, at: offset, length: length.cast_unsigned() }),
        None => Err(PieceError::Elsewhere(find(core, owner, id).await?.received)),
    }
}

impl Turn {
    /// The place of the next byte.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// Bytes that are missing.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.length - self.at
    }

    /// Adds `bytes`, no more than are [missing](Self::missing). When this returns `Ok`, they are durable.
    ///
    /// # Errors
    /// [`PieceError::TakenOver`], also where the upload is gone; the database.
    pub async fn add(&mut self, core: &Core, bytes: &[u8]) -> Result<(), PieceError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let at = i64::try_from(self.at).unwrap_or(i64::MAX);
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let pieces: Vec<&[u8]> = bytes.chunks(PIECE).collect();
        let starts: Vec<i64> = (at..).step_by(PIECE).take(pieces.len()).collect();
        let added = sqlx::query(
            "WITH ours AS (UPDATE uploads SET received = received + $4 \
                 WHERE id = $1 AND holder = $2 AND received = $3 RETURNING id) \
             INSERT INTO upload_chunks (upload_id, start, data) \
             SELECT ours.id, piece.start, piece.data \
             FROM ours, unnest($5::int8[], $6::bytea[]) AS piece (start, data)",
        )
        .bind(self.id.0)
        .bind(self.holder)
        .bind(at)
        .bind(length)
        .bind(starts)
        .bind(pieces)
        .execute(&core.pool)
        .await?;
        if added.rows_affected() == 0 {
            return Err(PieceError::TakenOver);
        }
        self.at += bytes.len() as u64;
        Ok(())
    }
}
