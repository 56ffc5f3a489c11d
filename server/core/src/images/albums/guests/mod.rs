//! Links by which people without an account put images into an album. What comes is its owner's.

mod enter;
mod rates;

use model::types::{
    Action, AlbumId, AuditDetails, ByteSize, GuestBytes, GuestDoor, GuestImages, GuestLink, GuestLinkId,
    GuestLinkName, Slug, UserId,
};
use time::OffsetDateTime;
use uuid::Uuid;

pub(in crate::images) use self::enter::{enter, refusal, write_down};
pub use self::{
    enter::GuestPass,
    rates::{count_file, sweep},
};
use super::{AlbumError, exists, lock, shelf::tell};
use crate::{Core, audit::By, rfc3339};

/// Links of one album.
pub const MOST: i64 = 50;

/// A guest link that is to be made.
#[derive(Clone, Debug)]
pub struct NewGuestLink {
    /// What it is called.
    pub name: GuestLinkName,
    /// From when on it takes nothing.
    pub expires_at: Option<OffsetDateTime>,
    /// Images, at most.
    pub max_images: Option<GuestImages>,
    /// Their bytes, at most.
    pub max_bytes: Option<GuestBytes>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    created_at: OffsetDateTime,
    #[sqlx(flatten)]
    terms: Terms,
}

/// What a link takes, and what came by it.
#[derive(sqlx::FromRow)]
struct Terms {
    expires_at: Option<OffsetDateTime>,
    max_images: Option<i32>,
    max_bytes: Option<i64>,
    images: i32,
    bytes: i64,
}

impl Terms {
    fn max_images(&self) -> Option<u32> {
        self.max_images.map(i32::cast_unsigned)
    }

    fn max_bytes(&self) -> Option<ByteSize> {
        self.max_bytes.map(|most| ByteSize(most.cast_unsigned()))
    }

    fn images_left(&self) -> Option<u32> {
        Some(self.max_images()?.saturating_sub(self.images.cast_unsigned()))
    }

    fn bytes_left(&self) -> Option<ByteSize> {
        Some(ByteSize(self.max_bytes()?.0.saturating_sub(self.bytes.cast_unsigned())))
    }
}

/// What [`Row`] is made of.
const COLUMNS: &str = "id, slug, name, created_at, expires_at, max_images, max_bytes, images, bytes";

impl Row {
    fn link(self) -> Result<GuestLink, AlbumError> {
        let Self { id, slug, name, created_at, terms } = self;
        Ok(GuestLink {
            id: GuestLinkId(id),
            slug: slug.parse().map_err(|_| damaged("slug"))?,
            name: name.parse().map_err(|_| damaged("name"))?,
            created_at: rfc3339(created_at),
            expires_at: terms.expires_at.map(rfc3339),
            max_images: terms.max_images(),
            max_bytes: terms.max_bytes(),
            images: terms.images.cast_unsigned(),
            bytes: ByteSize(terms.bytes.cast_unsigned()),
        })
    }
}

/// The row can't have been written by us.
fn damaged(column: &str) -> AlbumError {
    AlbumError::Database(sqlx::Error::Decode(format!("guest_links.{column}").into()))
}

/// The links of one of `owner`'s albums that weren't ended, the newest first; also those that have lapsed.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn list(core: &Core, owner: UserId, album: AlbumId) -> Result<Vec<GuestLink>, AlbumError> {
    if !exists(core, owner, album).await? {
        return Err(AlbumError::NotFound);
    }
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM guest_links WHERE album_id = $1 ORDER BY id DESC"
    )))
    .bind(album.0)
    .fetch_all(&core.pool)
    .await?;
    rows.into_iter().map(Row::link).collect()
}

/// A new link to one of `owner`'s albums.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::TooManyLinks`], [`AlbumError::Database`].
pub async fn make(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    album: AlbumId,
    new: &NewGuestLink,
) -> Result<GuestLink, AlbumError> {
    let now = core.now();
    let id = core.random.uuid_v7(now)?;
    let slug = core.random.base62(Slug::LENGTH)?;
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner, album).await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM guest_links WHERE album_id = $1")
        .bind(album.0)
        .fetch_one(&mut *tx)
        .await?;
    if count >= MOST {
        return Err(AlbumError::TooManyLinks);
    }
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "INSERT INTO guest_links (id, album_id, slug, name, created_at, expires_at, max_images, max_bytes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"
    )))
    .bind(id)
    .bind(album.0)
    .bind(slug)
    .bind(new.name.as_str())
    .bind(now)
    .bind(new.expires_at)
    .bind(new.max_images.map(|most| most.get().cast_signed()))
    .bind(new.max_bytes.map(|most| most.size().0.cast_signed()))
    .fetch_one(&mut *tx)
    .await?;
    let details = AuditDetails::named(new.name.as_str());
    tell(&mut tx, core, by, owner, (Action::GuestLinkMade, details)).await?;
    tx.commit().await?;
    row.link()
}

/// Ends a link of one of `owner`'s albums for good. What came by it stays.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn end(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    album: AlbumId,
    id: GuestLinkId,
) -> Result<(), AlbumError> {
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner, album).await?;
    let gone: Option<(String, i32)> =
        sqlx::query_as("DELETE FROM guest_links WHERE id = $1 AND album_id = $2 RETURNING name, images")
            .bind(id.0)
            .bind(album.0)
            .fetch_optional(&mut *tx)
            .await?;
    let (name, images) = gone.ok_or(AlbumError::NotFound)?;
    let count = Some(images.cast_unsigned());
    let details = AuditDetails { count, ..AuditDetails::named(name) };
    tell(&mut tx, core, by, owner, (Action::GuestLinkEnded, details)).await?;
    Ok(tx.commit().await?)
}

/// A link that is open, as somebody sees it who has its address.
#[derive(Clone, Debug)]
pub struct OpenLink {
    /// By what they send.
    pub pass: GuestPass,
    /// What they are told.
    pub door: GuestDoor,
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    id: Uuid,
    album_id: Uuid,
    owner_id: Uuid,
    album: String,
    owner: String,
    #[sqlx(flatten)]
    terms: Terms,
}

/// The link with this secret: neither ended nor lapsed, of somebody who may use their account.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn open(core: &Core, slug: &Slug) -> Result<OpenLink, AlbumError> {
    let row: Option<OpenRow> = sqlx::query_as(
        "SELECT l.id, l.album_id, a.owner_id, a.name AS album, u.name AS owner, \
         l.expires_at, l.max_images, l.max_bytes, l.images, l.bytes \
         FROM guest_links l JOIN albums a ON a.id = l.album_id \
         JOIN users u ON u.id = a.owner_id AND u.suspended_at IS NULL AND u.removed_at IS NULL \
         WHERE l.slug = $1 AND (l.expires_at IS NULL OR l.expires_at > $2)",
    )
    .bind(slug.as_str())
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    let OpenRow { id, album_id, owner_id, album, owner, terms } = row.ok_or(AlbumError::NotFound)?;
    let door = GuestDoor {
        album: album.parse().map_err(|_| super::row::damaged("name"))?,
        owner: owner.parse().map_err(|_| sqlx::Error::Decode("users.name".into()))?,
        expires_at: terms.expires_at.map(rfc3339),
        max_upload: core.policy().await?.max_upload.size(),
        max_images: terms.max_images(),
        images_left: terms.images_left(),
        max_bytes: terms.max_bytes(),
        bytes_left: terms.bytes_left(),
    };
    let pass = GuestPass::new(GuestLinkId(id), AlbumId(album_id), UserId(owner_id));
    Ok(OpenLink { pass, door })
}

#[cfg(test)]
mod tests;
