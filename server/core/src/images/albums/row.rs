//! Rows of `albums`, with what stands for them.

use std::collections::HashMap;

use model::types::{Album, AlbumId, AlbumShare, Description, Image, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::AlbumError;
use crate::{
    Core,
    images::{
        ImageError,
        library::{self, COLUMNS},
    },
    rfc3339,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: i64,
    name: String,
    description: Option<String>,
    parent_id: Option<Uuid>,
    created_at: OffsetDateTime,
    count: i64,
    cover_id: Option<Uuid>,
    slug: Option<String>,
    has_password: bool,
    expires_at: Option<OffsetDateTime>,
}

impl Row {
    fn album(self, cover: Option<Image>) -> Result<Album, AlbumError> {
        Ok(Album {
            id: AlbumId(self.id),
            name: self.name.parse().map_err(|_| damaged("name"))?,
            description: description(self.description)?,
            parent: self.parent_id.map(AlbumId),
            created_at: rfc3339(self.created_at),
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
            cover,
            share: self
                .slug
                .map(|slug| {
                    let slug = slug.parse().map_err(|_| damaged("slug"))?;
                    let expires_at = self.expires_at.map(rfc3339);
                    Ok::<_, AlbumError>(AlbumShare { slug, has_password: self.has_password, expires_at })
                })
                .transpose()?,
        })
    }
}

/// The row can't have been written by us.
pub(super) fn damaged(column: &str) -> AlbumError {
    AlbumError::Database(sqlx::Error::Decode(format!("albums.{column}").into()))
}

pub(super) fn description(text: Option<String>) -> Result<Option<Description>, AlbumError> {
    text.map(|text| text.parse()).transpose().map_err(|_| damaged("description"))
}

/// All of `owner`'s albums, in their order, nested ones among the others.
///
/// # Errors
/// [`AlbumError::Database`].
pub async fn list(core: &Core, owner: UserId) -> Result<Vec<Album>, AlbumError> {
    Ok(numbered(core, owner).await?.into_iter().map(|(_, album)| album).collect())
}

/// The same with the number of each, for clients to which keys are numbers.
///
/// # Errors
/// [`AlbumError::Database`].
pub async fn numbered(core: &Core, owner: UserId) -> Result<Vec<(i64, Album)>, AlbumError> {
    read(core, owner, None).await
}

/// The one of `owner`'s albums with this number.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn with_number(core: &Core, owner: UserId, number: i64) -> Result<AlbumId, AlbumError> {
    let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM albums WHERE number = $1 AND owner_id = $2")
        .bind(number)
        .bind(owner.0)
        .fetch_optional(&core.pool)
        .await?;
    id.map(AlbumId).ok_or(AlbumError::NotFound)
}

/// One of them.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn find(core: &Core, owner: UserId, id: AlbumId) -> Result<Album, AlbumError> {
    let found = read(core, owner, Some(id)).await?.pop();
    found.map(|(_, album)| album).ok_or(AlbumError::NotFound)
}

async fn read(core: &Core, owner: UserId, only: Option<AlbumId>) -> Result<Vec<(i64, Album)>, AlbumError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, number, name, description, parent_id, created_at, \
         (SELECT count(*) FROM album_images e JOIN images i ON i.id = e.image_id \
          WHERE e.album_id = a.id AND i.deleted_at IS NULL) AS count, \
         coalesce( \
          (SELECT e.image_id FROM album_images e JOIN images i ON i.id = e.image_id \
           WHERE e.album_id = a.id AND e.is_cover AND i.deleted_at IS NULL), \
          (SELECT e.image_id FROM album_images e JOIN images i ON i.id = e.image_id \
           WHERE e.album_id = a.id AND i.deleted_at IS NULL ORDER BY e.position LIMIT 1)) AS cover_id, \
         s.slug, s.password_hash IS NOT NULL AS has_password, s.expires_at \
         FROM albums a LEFT JOIN album_shares s ON s.album_id = a.id WHERE owner_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY position",
    )
    .bind(owner.0)
    .bind(only.map(|id| id.0))
    .fetch_all(&core.pool)
    .await?;
    let covers: Vec<Uuid> = rows.iter().filter_map(|row| row.cover_id).collect();
    let covers = covers_by_id(core, &covers).await?;
    let album = |row: Row| {
        let cover = row.cover_id.and_then(|id| covers.get(&id).cloned());
        Ok((row.number, row.album(cover)?))
    };
    rows.into_iter().map(album).collect()
}

async fn covers_by_id(core: &Core, ids: &[Uuid]) -> Result<HashMap<Uuid, Image>, AlbumError> {
    let rows: Vec<library::Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM images WHERE id = ANY ($1)")))
            .bind(ids)
            .fetch_all(&core.pool)
            .await?;
    let images: Result<Vec<Image>, ImageError> = rows.into_iter().map(library::Row::image).collect();
    Ok(images?.into_iter().map(|image| (image.id.0, image)).collect())
}
