//! What is in an album, and in what order.

use std::collections::{HashMap, HashSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{AlbumId, AlbumPlace, Image, ImageId, Page, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AlbumError, exists, lock, sequence::IMAGES, share::SharedImage};
use crate::{
    Core,
    images::{
        ImageError,
        library::{self, COLUMNS, MOST, seen_by_others},
    },
};

#[derive(sqlx::FromRow)]
struct Placed {
    #[sqlx(flatten)]
    row: library::Row,
    position: i64,
}

/// One page of an album's images, in their order, without those in the bin. A page begins behind the position
/// where the one before it ended, so what was removed meanwhile doesn't matter.
///
/// # Errors
/// [`AlbumError::NotFound`], [`ImageError::BadCursor`], [`AlbumError::Database`].
pub async fn images(
    core: &Core,
    owner: UserId,
    id: AlbumId,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<Image>, AlbumError> {
    let after = cursor.map(decode).transpose()?;
    let limit = limit.clamp(1, MOST);
    if !exists(core, owner, id).await? {
        return Err(AlbumError::NotFound);
    }
    page(&mut *core.pool.acquire().await?, id, Seen { limit, after, by_others_at: None }, library::Row::image)
        .await
}

/// One page of what others may see of an album at this moment.
pub(super) async fn open(
    core: &Core,
    id: AlbumId,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<SharedImage>, AlbumError> {
    let seen = Seen {
        limit: limit.clamp(1, MOST),
        after: cursor.map(decode).transpose()?,
        by_others_at: Some(core.now()),
    };
    let entry = |row: library::Row| {
        let is_counted = row.is_counted();
        Ok(SharedImage { image: row.image()?, is_counted })
    };
    page(&mut *core.pool.acquire().await?, id, seen, entry).await
}

/// What of an album is read.
struct Seen {
    limit: u32,
    /// The position behind which it begins.
    after: Option<i64>,
    /// The moment at which others may see it, if they read.
    by_others_at: Option<OffsetDateTime>,
}

async fn page<T>(
    connection: &mut PgConnection,
    id: AlbumId,
    Seen { limit, after, by_others_at }: Seen,
    entry: impl Fn(library::Row) -> Result<T, ImageError>,
) -> Result<Page<T>, AlbumError> {
    let rows: Vec<Placed> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, position FROM images \
         JOIN (SELECT image_id, position FROM album_images WHERE album_id = $1) AS entry ON image_id = id \
         WHERE deleted_at IS NULL AND position > $2 AND ($4::timestamptz IS NULL OR {seen}) \
         ORDER BY position LIMIT $3",
        seen = seen_by_others!("$4"),
    )))
    .bind(id.0)
    // The least stands for none, so that the index always has a bound.
    .bind(after.unwrap_or(i64::MIN))
    .bind(i64::from(limit) + 1)
    .bind(by_others_at)
    .fetch_all(connection)
    .await?;
    let entry = |placed: Placed| Ok((placed.position, entry(placed.row)?));
    let page = library::page(rows, limit, entry, |(position, _)| encode(*position))?;
    let items = page.items.into_iter().map(|(_, image)| image).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn encode(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_be_bytes())
}

fn decode(cursor: &str) -> Result<i64, ImageError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ImageError::BadCursor)?;
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| ImageError::BadCursor)
}

/// Puts images, which the caller has locked, into an album, behind those in it, in the order given; answers
/// which of them are new in it.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub(in crate::images) async fn put(
    connection: &mut PgConnection,
    owner: UserId,
    id: AlbumId,
    images: &[Uuid],
) -> Result<HashSet<Uuid>, AlbumError> {
    lock(connection, owner, id).await?;
    let inside: HashSet<Uuid> =
        sqlx::query_scalar("SELECT image_id FROM album_images WHERE album_id = $1 AND image_id = ANY ($2)")
            .bind(id.0)
            .bind(images)
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .collect();
    let added: Vec<Uuid> = images.iter().filter(|image| !inside.contains(image)).copied().collect();
    let positions = IMAGES.behind(connection, id.0, added.len()).await?;
    sqlx::query(
        "INSERT INTO album_images (album_id, image_id, position) \
         SELECT $1, image_id, position FROM unnest($2::uuid[], $3::bigint[]) AS new (image_id, position)",
    )
    .bind(id.0)
    .bind(&added)
    .bind(positions)
    .execute(connection)
    .await?;
    Ok(added.into_iter().collect())
}

/// Where these images are in `owner`'s albums.
///
/// # Errors
/// The database.
pub(in crate::images) async fn places(
    connection: &mut PgConnection,
    owner: UserId,
    images: &[Uuid],
) -> Result<HashMap<ImageId, Vec<AlbumPlace>>, sqlx::Error> {
    let rows: Vec<(Uuid, Uuid, i64, bool)> = sqlx::query_as(
        "SELECT image_id, album_id, e.position, is_cover FROM album_images e JOIN albums a ON a.id = album_id \
         WHERE image_id = ANY ($1) AND owner_id = $2 ORDER BY a.position",
    )
    .bind(images)
    .bind(owner.0)
    .fetch_all(connection)
    .await?;
    let mut places = HashMap::<ImageId, Vec<AlbumPlace>>::new();
    for (image, album, place, cover) in rows {
        places.entry(ImageId(image)).or_default().push(AlbumPlace { album: AlbumId(album), place, cover });
    }
    Ok(places)
}

/// Takes images out of an album; answers which were in it. They stay where else they are.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn remove(
    core: &Core,
    owner: UserId,
    id: AlbumId,
    ids: &[ImageId],
) -> Result<Vec<ImageId>, AlbumError> {
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner, id).await?;
    let gone: Vec<(Uuid,)> = sqlx::query_as(
        "DELETE FROM album_images WHERE album_id = $1 AND image_id = ANY ($2) RETURNING image_id",
    )
    .bind(id.0)
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(gone.into_iter().map(|(id,)| ImageId(id)).collect())
}

/// Moves an image of an album before another one of it, or behind all.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::BadPlace`], [`AlbumError::Database`].
pub async fn place(
    core: &Core,
    owner: UserId,
    id: AlbumId,
    image: ImageId,
    before: Option<ImageId>,
) -> Result<(), AlbumError> {
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner, id).await?;
    let inside = sqlx::query("SELECT FROM album_images WHERE album_id = $1 AND image_id = $2")
        .bind(id.0)
        .bind(image.0)
        .fetch_optional(&mut *tx)
        .await?;
    if inside.is_none() {
        return Err(AlbumError::NotFound);
    }
    if !IMAGES.place(&mut tx, id.0, image.0, before.map(|image| image.0)).await? {
        return Err(AlbumError::BadPlace);
    }
    Ok(tx.commit().await?)
}
