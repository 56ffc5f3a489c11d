//! Uploads that come in pieces, over as many connections as that takes.
//!
//! What has come is in rows, so it outlives connections and processes. Whoever begins to send has the turn until
//! somebody else begins: a connection that broke without a word must not keep the next one waiting. When all is
//! here it is taken like any file, under a [key](super::once), so that it is taken once.

mod row;
mod turn;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use model::{
    Problem,
    types::{AlbumId, ByteSize, Image, ImageId, UserId},
};
use serde::Deserialize;
use sqlx::{PgPool, types::Json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use self::row::Row;
pub use self::turn::{Turn, begin};
use super::{Accepted, Metadata, Terms, accept_on, limits, once};
use crate::{
    Core,
    images::{ImageError, library, store},
};

/// Bytes in one row.
pub const PIECE: usize = store::CHUNK;
/// How long there is to send all of it, and how long what became of it is known.
pub const KEPT: Duration = Duration::hours(24);
/// How many of a person's uploads that are over one can still ask about.
const TOLD: i64 = 1000;
/// Uploads of one person that aren't finished.
const MOST: i64 = 100;
/// Bytes that these have together, unless there is only one.
const MOST_BYTES: u64 = 1 << 30;
/// Uploads that are forgotten in one statement.
const BATCH: i64 = 100;

/// An upload's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct UploadId(pub Uuid);

/// What is said of an upload before it comes.
#[derive(Clone, Copy, Debug)]
pub struct NewUpload<'a> {
    /// Its bytes.
    pub length: ByteSize,
    /// Bytes that it may have, where that is less than the instance takes.
    pub most: Option<ByteSize>,
    /// The file's name.
    pub filename: &'a str,
    /// On what terms it is taken in.
    pub terms: Terms,
    /// The album that it goes into.
    pub album: Option<AlbumId>,
    /// What was said, to be said again.
    pub metadata: Option<&'a str>,
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its key.
    pub id: UploadId,
    /// Whose it is.
    pub owner: UserId,
    /// Its bytes.
    pub length: u64,
    /// How many of them are here.
    pub received: u64,
    /// The file's name.
    pub filename: String,
    /// On what terms it is taken in.
    pub terms: Terms,
    /// The album that it goes into.
    pub album: Option<AlbumId>,
    /// What was said of it.
    pub metadata: Option<String>,
    /// Until when it is known.
    pub expires_at: OffsetDateTime,
    /// What became of it.
    pub state: UploadState,
}

/// What became of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// Bytes are missing.
    UnderWay,
    /// All are here, and nobody has looked at them, or not to the end.
    Whole,
    /// It is an image.
    Taken {
        /// Which.
        image: ImageId,
        /// Whether its owner had it before.
        existing: bool,
        /// Why it isn't in its album.
        problem: Option<Problem>,
    },
    /// It is none that is taken.
    Refused(Problem),
}

/// Why an upload doesn't go on.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// There is no such upload of this person, or none any more.
    #[error("no such upload")]
    NotFound,
    /// Its next byte is another one.
    #[error("goes on at {0}")]
    Elsewhere(u64),
    /// Somebody else has begun to send.
    #[error("somebody else sends")]
    TakenOver,
    /// The person has begun so many that one more has to wait.
    #[error("too many begun")]
    TooMany,
    /// As of any image.
    #[error(transparent)]
    Image(#[from] ImageError),
}

impl From<sqlx::Error> for PieceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Image(error.into())
    }
}

impl UploadId {
    /// Under what it is taken.
    #[must_use]
    pub fn key(self) -> once::UploadKey {
        once::UploadKey::of_upload(self)
    }
}

/// Begins an upload.
///
/// # Errors
/// [`ImageError::Empty`], [`ImageError::TooLarge`], [`ImageError::QuotaExceeded`], [`ImageError::NotFound`] where there
/// is no such owner; [`PieceError::TooMany`]; the database, randomness.
pub async fn create(core: &Core, owner: UserId, new: &NewUpload<'_>) -> Result<Upload, PieceError> {
    let limit = core.policy().await?.max_upload.size();
    let limit = new.most.map_or(limit, |most| most.min(limit));
    limits::check_bytes(usize::try_from(new.length.0).unwrap_or(usize::MAX), limit)?;
    let now = core.now();
    let id = core.random.uuid_v7(now).map_err(|_| ImageError::Worker)?;
    let mut tx = core.pool.begin().await?;
    // Those of one person are begun one after the other, so that none is overlooked.
    let space: Option<(i64, i64)> =
        sqlx::query_as("SELECT used_bytes, quota_bytes FROM users WHERE id = $1 FOR NO KEY UPDATE")
            .bind(owner.0)
            .fetch_optional(&mut *tx)
            .await?;
    let (used, quota) = space.ok_or(ImageError::NotFound)?;
    let (begun, announced): (i64, i64) = sqlx::query_as(
        "SELECT count(*), coalesce(sum(length), 0)::int8 FROM uploads \
         WHERE owner_id = $1 AND expires_at > $2 AND image_id IS NULL AND problem IS NULL",
    )
    .bind(owner.0)
    .bind(now)
    .fetch_one(&mut *tx)
    .await?;
    let (used, quota, announced) = (used.cast_unsigned(), quota.cast_unsigned(), announced.cast_unsigned());
    let needed = used.saturating_add(new.length.0);
    if needed > quota {
        let (used, quota) = (ByteSize(used), ByteSize(quota));
        return Err(ImageError::QuotaExceeded { used, quota, needed: new.length }.into());
    }
    // Of what is over the latest are told of, or somebody could fill the table.
    sqlx::query(
        "DELETE FROM uploads WHERE id IN (SELECT id FROM uploads WHERE owner_id = $1 \
         AND (image_id IS NOT NULL OR problem IS NOT NULL) ORDER BY created_at DESC, id OFFSET $2)",
    )
    .bind(owner.0)
    .bind(TOLD)
    .execute(&mut *tx)
    .await?;
    let together = announced.saturating_add(new.length.0);
    if begun > 0 && (begun >= MOST || together > MOST_BYTES || needed.saturating_add(announced) > quota) {
        return Err(PieceError::TooMany);
    }
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "INSERT INTO uploads (id, owner_id, length, filename, album_id, metadata, created_at, expires_at, \
         visibility, lapses_at, max_views, keeps_metadata) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING {}",
        row::COLUMNS
    )))
    .bind(id)
    .bind(owner.0)
    .bind(new.length.0.cast_signed())
    .bind(super::file_name::stored(new.filename))
    .bind(new.album.map(|album| album.0))
    .bind(new.metadata)
    .bind(now)
    .bind(now + KEPT)
    .bind(new.terms.visibility.name())
    .bind(new.terms.expires_at)
    .bind(new.terms.max_views.map(|most| most.get().cast_signed()))
    .bind(new.terms.metadata == Metadata::Kept)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(row.upload()?)
}

/// An upload of `owner`.
///
/// # Errors
/// [`PieceError::NotFound`]; the database.
pub async fn find(core: &Core, owner: UserId, id: UploadId) -> Result<Upload, PieceError> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {} FROM uploads WHERE id = $1 AND owner_id = $2 AND expires_at > $3",
        row::COLUMNS
    )))
    .bind(id.0)
    .bind(owner.0)
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    Ok(row.ok_or(PieceError::NotFound)?.upload()?)
}

/// All bytes of an upload of which all are here.
///
/// # Errors
/// The database, also where bytes are missing.
pub async fn bytes(core: &Core, upload: &Upload) -> Result<Bytes, ImageError> {
    let mut rows = sqlx::query_as::<_, (i64, Vec<u8>)>(
        "SELECT start, data FROM upload_chunks WHERE upload_id = $1 ORDER BY start",
    )
    .bind(upload.id.0)
    .fetch(&core.pool);
    let mut all = BytesMut::with_capacity(usize::try_from(upload.length).unwrap_or(0));
    while let Some((start, data)) = rows.try_next().await? {
        if start.cast_unsigned() != all.len() as u64 {
            return Err(damaged());
        }
        all.extend_from_slice(&data);
    }
    if all.len() as u64 == upload.length { Ok(all.freeze()) } else { Err(damaged()) }
}

fn damaged() -> ImageError {
    ImageError::Database(sqlx::Error::Decode("pieces of an upload are missing".into()))
}

/// Takes what has come, as one file under `part`, and writes down what became of it, unless that may be otherwise a
/// moment later.
///
/// # Errors
/// What may be otherwise a moment later, or once there is space.
pub async fn take(
    core: &Core,
    upload: &Upload,
    bytes: Bytes,
    part: Option<once::Part<'_>>,
) -> Result<UploadState, Problem> {
    let state = match accept_on(core, upload.owner, &upload.filename, bytes, upload.terms, part).await {
        Ok(Accepted { image, existing }) => {
            let problem = match upload.album {
                Some(album) => library::add_to_album(core, upload.owner, album, &[image.id]).await.err(),
                None => None,
            };
            UploadState::Taken { image: image.id, existing, problem: problem.map(lasting).transpose()? }
        }
        Err(error) => UploadState::Refused(lasting(error)?),
    };
    settle(core, upload.id, &state).await.map_err(|error| crate::db::problem(&error))?;
    Ok(state)
}

/// What is wrong, where it stays so.
///
/// # Errors
/// The same, where it doesn't.
fn lasting(error: ImageError) -> Result<Problem, Problem> {
    let problem = Problem::from(error);
    let passes = problem.status() >= 500 || matches!(problem, Problem::QuotaExceeded { .. });
    if passes { Err(problem) } else { Ok(problem) }
}

/// Writes down what became of an upload. Its bytes go.
async fn settle(core: &Core, id: UploadId, state: &UploadState) -> Result<(), sqlx::Error> {
    let (image, existing, problem) = match state {
        UploadState::Taken { image, existing, problem } => (Some(image.0), Some(*existing), problem.as_ref()),
        UploadState::Refused(problem) => (None, None, Some(problem)),
        UploadState::UnderWay | UploadState::Whole => return Ok(()),
    };
    let mut tx = core.pool.begin().await?;
    // Once: what is known of it stays so.
    sqlx::query(
        "UPDATE uploads SET image_id = $2, existing = $3, problem = $4 \
         WHERE id = $1 AND image_id IS NULL AND problem IS NULL",
    )
    .bind(id.0)
    .bind(image)
    .bind(existing)
    .bind(problem.map(Json))
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM upload_chunks WHERE upload_id = $1").bind(id.0).execute(&mut *tx).await?;
    tx.commit().await
}

/// The image that an upload became, wherever that is by now.
///
/// # Errors
/// [`ImageError::NotFound`] where it is deleted for good; the database.
pub async fn image(core: &Core, owner: UserId, id: ImageId) -> Result<Image, ImageError> {
    let row: Option<library::Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {} FROM images WHERE id = $1 AND owner_id = $2",
        library::COLUMNS
    )))
    .bind(id.0)
    .bind(owner.0)
    .fetch_optional(&core.pool)
    .await?;
    row.ok_or(ImageError::NotFound)?.image()
}

/// Forgets an upload, and what has come of it. An image that it became stays.
///
/// # Errors
/// [`PieceError::NotFound`]; the database.
pub async fn forget(core: &Core, owner: UserId, id: UploadId) -> Result<(), PieceError> {
    let gone = sqlx::query("DELETE FROM uploads WHERE id = $1 AND owner_id = $2 AND expires_at > $3")
        .bind(id.0)
        .bind(owner.0)
        .bind(core.now())
        .execute(&core.pool)
        .await?;
    if gone.rows_affected() == 0 { Err(PieceError::NotFound) } else { Ok(()) }
}

/// Forgets the uploads whose time is over; answers how many.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let mut swept = 0;
    loop {
        // What somebody has locked is left for the next time.
        let batch = sqlx::query(
            "DELETE FROM uploads WHERE id IN (SELECT id FROM uploads WHERE expires_at <= $1 \
             ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        );
        let gone = batch.bind(now).bind(BATCH).execute(pool).await?.rows_affected();
        swept += gone;
        if gone < BATCH.cast_unsigned() {
            return Ok(swept);
        }
    }
}

#[cfg(test)]
mod tests;
