//! An album's page for others: whoever has its link, and its password if it has one.

use model::types::{AlbumId, AlbumName, AlbumPassword, Description, Image, Page, Slug, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AlbumError, contents};
use crate::{
    Core,
    auth::{
        AuthError,
        stretching::{self, Whose},
    },
};

/// What becomes of an album's page. `None` stays as it is, `Some(None)` goes.
#[derive(Clone, Debug, Default)]
pub struct ShareChange {
    /// What whoever looks has to know.
    pub password: Option<Option<AlbumPassword>>,
    /// From when on nobody sees it.
    pub expires_at: Option<Option<OffsetDateTime>>,
}

/// What is to be stored of a [`ShareChange`].
pub(super) struct Prepared {
    password_hash: Option<Option<String>>,
    expires_at: Option<Option<OffsetDateTime>>,
}

impl Prepared {
    /// Hashes the password: before a transaction, since that takes a while.
    pub(super) async fn of(core: &Core, owner: UserId, change: &ShareChange) -> Result<Self, AuthError> {
        let password_hash = match change.password.clone() {
            Some(Some(password)) => {
                let salt = core.random.bytes()?;
                let room = core.stretching.room(Whose::Owner(owner)).await?;
                Some(Some(room.run(move || stretching::hash(password.reveal(), salt)).await?))
            }
            Some(None) => Some(None),
            None => None,
        };
        Ok(Self { password_hash, expires_at: change.expires_at })
    }
}

/// Gives an album a page, or changes the one it has, or takes it away; whether that changed anything. One that is
/// given anew has another address.
pub(super) async fn apply(
    connection: &mut PgConnection,
    core: &Core,
    album: AlbumId,
    change: Option<Prepared>,
) -> Result<bool, AlbumError> {
    let Some(Prepared { password_hash, expires_at }) = change else {
        let gone = sqlx::query("DELETE FROM album_shares WHERE album_id = $1").bind(album.0);
        return Ok(gone.execute(connection).await?.rows_affected() > 0);
    };
    let slug = core.random.base62(Slug::LENGTH)?;
    sqlx::query(
        "INSERT INTO album_shares (album_id, slug, password_hash, expires_at) VALUES ($1, $2, $4, $6) \
         ON CONFLICT (album_id) DO UPDATE SET \
         password_hash = CASE WHEN $3 THEN $4 ELSE album_shares.password_hash END, \
         expires_at = CASE WHEN $5 THEN $6 ELSE album_shares.expires_at END",
    )
    .bind(album.0)
    .bind(slug)
    .bind(password_hash.is_some())
    .bind(password_hash.flatten())
    .bind(expires_at.is_some())
    .bind(expires_at.flatten())
    .execute(connection)
    .await?;
    Ok(true)
}

/// An album that has a page, as others see it.
#[derive(Clone, Debug)]
pub struct SharedAlbum {
    id: AlbumId,
    /// What it is called.
    pub name: AlbumName,
    /// What there is to say about it.
    pub description: Option<Description>,
    pub(super) password_hash: Option<String>,
    slug: Slug,
}

impl SharedAlbum {
    /// Its key.
    #[must_use]
    pub const fn id(&self) -> AlbumId {
        self.id
    }

    /// The name in the page's address.
    #[must_use]
    pub const fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Whether one has to know a password.
    #[must_use]
    pub const fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }
}

/// The album whose page has this slug: switched on, and not lapsed.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn shared(core: &Core, slug: &Slug) -> Result<SharedAlbum, AlbumError> {
    let row: Option<(Uuid, String, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT a.id, a.name, a.description, s.password_hash FROM album_shares s \
         JOIN albums a ON a.id = s.album_id JOIN users u ON u.id = a.owner_id AND u.removed_at IS NULL \
         WHERE s.slug = $1 AND (s.expires_at IS NULL OR s.expires_at > $2)",
    )
    .bind(slug.as_str())
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    let (id, name, description, password_hash) = row.ok_or(AlbumError::NotFound)?;
    Ok(SharedAlbum {
        id: AlbumId(id),
        name: name.parse().map_err(|_| super::row::damaged("name"))?,
        description: super::row::description(description)?,
        password_hash,
        slug: slug.clone(),
    })
}

/// An image of a shared album. Whether its views are counted decides how it may be previewed.
#[derive(Clone, Debug)]
pub struct SharedImage {
    /// The image.
    pub image: Image,
    /// Whether its views are counted.
    pub is_counted: bool,
}

/// One page of a shared album's images: those that anybody may see who has their links.
///
/// # Errors
/// [`AlbumError::Database`], a bad cursor.
pub async fn shared_images(
    core: &Core,
    album: &SharedAlbum,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<SharedImage>, AlbumError> {
    contents::open(core, album.id, limit, cursor).await
}
