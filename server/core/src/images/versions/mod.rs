//! Other bytes for an image whose address stays, and what it was before.
//!
//! The row of `images` is what is shown. What it was stays, up to [`model::types::MOST_VERSIONS`] of it, the oldest
//! always: each takes space, and counts as one reference to its blob, as an image does. Whoever changes an image or its versions holds the lock of its row.

mod change;
mod edit;

use bytes::Bytes;
use model::types::{Action, AuditDetails, ByteSize, Image, ImageId, ImageVersion, Made, MediaType, UserId};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use self::change::{Content, Taken, lock, make};
pub use self::edit::{Edit, Part, Turn, edit};
use super::{
    ImageError, intake,
    library::{COLUMNS, Row, StoredImage, free_space},
    store, variants,
};
use crate::{
    Core,
    audit::{By, Event, record},
    rfc3339,
};

/// Whether an image was these bytes before, as far as that can be told: what was sent first may have been deleted.
pub(super) async fn had(
    connection: &mut PgConnection,
    image: Uuid,
    hash: &[u8; 32],
) -> Result<bool, ImageError> {
    let sql = "SELECT EXISTS (SELECT FROM image_versions WHERE image_id = $1 AND hash = $2) \
               OR EXISTS (SELECT FROM images WHERE id = $1 AND version > 1) \
                  AND NOT EXISTS (SELECT FROM image_versions WHERE image_id = $1 AND number = 1)";
    Ok(sqlx::query_scalar(sql).bind(image).bind(&hash[..]).fetch_one(connection).await?)
}

/// One of `owner`'s images with where its bytes are, the bin excepted.
async fn current(core: &Core, owner: UserId, id: ImageId) -> Result<StoredImage, ImageError> {
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL"
    )))
    .bind(id.0)
    .bind(owner.0)
    .fetch_optional(&core.pool)
    .await?;
    row.ok_or(ImageError::NotFound)?.stored()
}

/// Whether there is such an image of `owner`'s, the bin excepted.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn check(core: &Core, owner: UserId, id: ImageId) -> Result<(), ImageError> {
    current(core, owner, id).await.map(drop)
}

/// Writes down what became of the picture of one of `owner`'s images.
async fn tell(
    tx: &mut Transaction<'_, Postgres>,
    core: &Core,
    by: By<'_>,
    owner: UserId,
    (action, filename): (Action, &str),
) -> Result<(), ImageError> {
    let event = Event::new(by, Some(owner), action);
    Ok(record(tx, core, &event.with(AuditDetails::named(filename))).await?)
}

/// Has one of `owner`'s images show another file, which is taken as an upload is. When this returns `Ok`, it is durable.
/// The same bytes again change nothing.
///
/// # Errors
/// Every [`ImageError`] that says what is wrong with the file, [`ImageError::QuotaExceeded`],
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn replace(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    bytes: Bytes,
) -> Result<Image, ImageError> {
    let before = current(core, owner, id).await?;
    let sent = ByteSize(bytes.len() as u64);
    let file = intake::receive(core, bytes, None, intake::Metadata::Removed).await?;
    if file.hash == before.hash {
        return Ok(before.image);
    }
    intake::check_space_left(core, owner, sent).await?;
    let prepared = intake::prepared(core, file).await?;
    make(core, by, owner, id, Taken::New(&prepared), (Made::Replaced, None)).await
}

/// Has one of `owner`'s images be again what it was. That is a version of its own.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::QuotaExceeded`], [`ImageError::Database`].
pub async fn restore(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    number: u32,
) -> Result<Image, ImageError> {
    make(core, by, owner, id, Taken::Earlier(number), (Made::Restored, None)).await
}

/// Deletes one of the earlier versions for good, and frees its space.
///
/// # Errors
/// [`ImageError::NotFound`], also of what is shown now; [`ImageError::Database`].
pub async fn delete(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    number: u32,
) -> Result<(), ImageError> {
    let mut tx = core.pool.begin().await?;
    let image = lock(&mut tx, owner, id).await?.image()?;
    let gone: Option<(Vec<u8>, i64)> = sqlx::query_as(
        "DELETE FROM image_versions WHERE image_id = $1 AND number = $2 RETURNING hash, byte_size",
    )
    .bind(id.0)
    .bind(number.cast_signed())
    .fetch_optional(&mut *tx)
    .await?;
    let (hash, size) = gone.ok_or(ImageError::NotFound)?;
    let freed = store::release(&mut tx, &[(hash, 1)]).await?;
    free_space(&mut tx, owner, size).await?;
    tell(&mut tx, core, by, owner, (Action::VersionDeleted, &image.filename)).await?;
    if freed > 0 {
        variants::count(&mut tx, -freed).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    number: i32,
    #[sqlx(flatten)]
    content: Content,
    made: String,
    made_at: OffsetDateTime,
}

impl VersionRow {
    fn version(self) -> Result<ImageVersion, ImageError> {
        let damaged = |column| ImageError::Database(sqlx::Error::Decode(format!("versions.{column}").into()));
        Ok(ImageVersion {
            number: self.number.cast_unsigned(),
            made: Made::from_name(&self.made).ok_or_else(|| damaged("made"))?,
            made_at: rfc3339(self.made_at),
            media_type: MediaType::from_mime(&self.content.media_type)
                .ok_or_else(|| damaged("media_type"))?,
            byte_size: ByteSize(self.content.byte_size.cast_unsigned()),
            width: self.content.width.cast_unsigned(),
            height: self.content.height.cast_unsigned(),
            frames: self.content.frames.cast_unsigned(),
        })
    }
}

/// All versions of one of `owner`'s images, that which is shown first and the others from the newest on.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn list(core: &Core, owner: UserId, id: ImageId) -> Result<Vec<ImageVersion>, ImageError> {
    let rows: Vec<VersionRow> = sqlx::query_as(AssertSqlSafe(format!(
        "WITH image AS (SELECT * FROM images WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL) \
         SELECT version AS number, {columns}, made, coalesce(changed_at, created_at) AS made_at FROM image \
         UNION ALL SELECT number, {columns}, made, made_at FROM image_versions \
             WHERE image_id = (SELECT id FROM image) ORDER BY number DESC",
        columns = Content::COLUMNS
    )))
    .bind(id.0)
    .bind(owner.0)
    .fetch_all(&core.pool)
    .await?;
    if rows.is_empty() {
        return Err(ImageError::NotFound);
    }
    rows.into_iter().map(VersionRow::version).collect()
}

/// One of the versions of one of `owner`'s images, with where its bytes are: the image as it was.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn file(core: &Core, owner: UserId, id: ImageId, number: u32) -> Result<StoredImage, ImageError> {
    let shown = current(core, owner, id).await?;
    if shown.image.version == number {
        return Ok(shown);
    }
    let mut connection = core.pool.acquire().await?;
    let content = Content::earlier(&mut connection, id, number).await?.ok_or(ImageError::NotFound)?;
    content.show_as(shown, number)
}

#[cfg(test)]
mod tests;
