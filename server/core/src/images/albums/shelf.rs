//! Making albums, changing what is said of them, ordering and deleting them.

use model::types::{Action, Album, AlbumId, AlbumName, AuditDetails, Description, ImageId, UserId};
use sqlx::PgConnection;

use super::{
    AlbumError, find, lock, lock_all,
    sequence::ALBUMS,
    share::{self, Prepared, ShareChange},
};
use crate::{
    Core,
    audit::{By, Event, record},
    db::violated_constraint,
};

/// Albums of one person.
pub const MOST: i64 = 1000;

/// An album that is to be made.
#[derive(Clone, Debug)]
pub struct NewAlbum {
    /// What it is called.
    pub name: AlbumName,
    /// What there is to say about it.
    pub description: Option<Description>,
    /// The one that it is to lie in.
    pub parent: Option<AlbumId>,
}

/// What becomes of an album. `None` stays as it is, `Some(None)` goes.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What it is called.
    pub name: Option<AlbumName>,
    /// What there is to say about it.
    pub description: Option<Option<Description>>,
    /// The one that it is to lie in.
    pub parent: Option<Option<AlbumId>>,
    /// The one that it is to stand before; the last place.
    pub before: Option<Option<AlbumId>>,
    /// The image in it that is to stand for it; the first one.
    pub cover: Option<Option<ImageId>>,
    /// Its page for others.
    pub share: Option<Option<ShareChange>>,
}

/// A new album of `owner`'s, without images, behind their others.
///
/// # Errors
/// [`AlbumError::BadParent`], [`AlbumError::TooMany`], [`AlbumError::Database`].
pub async fn create(core: &Core, owner: UserId, new: &NewAlbum) -> Result<Album, AlbumError> {
    let now = core.now();
    let id = AlbumId(core.random.uuid_v7(now)?);
    let mut tx = core.pool.begin().await?;
    lock_all(&mut tx, owner).await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM albums WHERE owner_id = $1")
        .bind(owner.0)
        .fetch_one(&mut *tx)
        .await?;
    if count >= MOST {
        return Err(AlbumError::TooMany);
    }
    let position = ALBUMS.behind(&mut tx, owner.0, 1).await?;
    sqlx::query(
        "INSERT INTO albums (id, owner_id, parent_id, name, description, position, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(new.parent.map(|parent| parent.0))
    .bind(new.name.as_str())
    .bind(new.description.as_ref().map(Description::as_str))
    .bind(position.first())
    .bind(now)
    .execute(&mut *tx)
    .await
    .map_err(refusal)?;
    tx.commit().await?;
    find(core, owner, id).await
}

/// Changes an album, in all that is asked or in nothing.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::BadParent`], [`AlbumError::BadPlace`], [`AlbumError::BadCover`],
/// [`AlbumError::Database`]; [`crate::auth::AuthError::TooManyAttempts`] while another password of theirs is hashed,
/// [`crate::auth::AuthError::NoRoom`].
pub async fn change(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: AlbumId,
    change: &Change,
) -> Result<Album, AlbumError> {
    // Nobody has passwords stretched for what isn't there.
    if !exists(core, owner, id).await? {
        return Err(AlbumError::NotFound);
    }
    let share = match &change.share {
        Some(Some(share)) => Some(Some(Prepared::of(core, owner, share).await?)),
        Some(None) => Some(None),
        None => None,
    };
    let mut tx = core.pool.begin().await?;
    if change.parent.is_some() || change.before.is_some() {
        lock_all(&mut tx, owner).await?;
    }
    lock(&mut tx, owner, id).await?;
    let description = change.description.as_ref().map(|text| text.as_ref().map(Description::as_str));
    sqlx::query(
        "UPDATE albums SET name = coalesce($2, name), \
         description = CASE WHEN $3 THEN $4 ELSE description END, \
         parent_id = CASE WHEN $5 THEN $6 ELSE parent_id END WHERE id = $1",
    )
    .bind(id.0)
    .bind(change.name.as_ref().map(AlbumName::as_str))
    .bind(description.is_some())
    .bind(description.flatten())
    .bind(change.parent.is_some())
    .bind(change.parent.flatten().map(|parent| parent.0))
    .execute(&mut *tx)
    .await
    .map_err(refusal)?;
    if let Some(before) = change.before
        && !ALBUMS.place(&mut tx, owner.0, id.0, before.map(|album| album.0)).await?
    {
        return Err(AlbumError::BadPlace);
    }
    if let Some(cover) = change.cover {
        choose_cover(&mut tx, id, cover).await?;
    }
    if let Some(share) = share {
        let action = if share.is_some() { Action::AlbumShared } else { Action::AlbumUnshared };
        if share::apply(&mut tx, core, id, share).await? {
            let name: String = sqlx::query_scalar("SELECT name FROM albums WHERE id = $1")
                .bind(id.0)
                .fetch_one(&mut *tx)
                .await?;
            tell(&mut tx, core, by, owner, (action, AuditDetails::named(name))).await?;
        }
    }
    tx.commit().await?;
    find(core, owner, id).await
}

/// Whether `owner` has an album with this key.
///
/// # Errors
/// [`AlbumError::Database`].
pub async fn exists(core: &Core, owner: UserId, id: AlbumId) -> Result<bool, AlbumError> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT FROM albums WHERE id = $1 AND owner_id = $2)");
    Ok(found.bind(id.0).bind(owner.0).fetch_one(&core.pool).await?)
}

/// How many albums `owner` has.
///
/// # Errors
/// [`AlbumError::Database`].
pub async fn count(core: &Core, owner: UserId) -> Result<u64, AlbumError> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM albums WHERE owner_id = $1")
        .bind(owner.0)
        .fetch_one(&core.pool)
        .await?;
    Ok(count.cast_unsigned())
}

async fn choose_cover(
    connection: &mut PgConnection,
    album: AlbumId,
    cover: Option<ImageId>,
) -> Result<(), AlbumError> {
    sqlx::query("UPDATE album_images SET is_cover = false WHERE album_id = $1 AND is_cover")
        .bind(album.0)
        .execute(&mut *connection)
        .await?;
    let Some(cover) = cover else { return Ok(()) };
    let chosen = sqlx::query(
        "UPDATE album_images SET is_cover = true WHERE album_id = $1 AND image_id = $2 \
         AND EXISTS (SELECT FROM images WHERE id = $2 AND deleted_at IS NULL)",
    )
    .bind(album.0)
    .bind(cover.0)
    .execute(connection)
    .await?;
    if chosen.rows_affected() == 1 { Ok(()) } else { Err(AlbumError::BadCover) }
}

/// Deletes an album. Its images stay where else they are; albums in it lie in none from then on.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
pub async fn delete(core: &Core, by: By<'_>, owner: UserId, id: AlbumId) -> Result<(), AlbumError> {
    let mut tx = core.pool.begin().await?;
    lock_all(&mut tx, owner).await?;
    lock(&mut tx, owner, id).await?;
    sqlx::query("UPDATE albums SET parent_id = NULL WHERE parent_id = $1")
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    let name: String = sqlx::query_scalar("DELETE FROM albums WHERE id = $1 RETURNING name")
        .bind(id.0)
        .fetch_one(&mut *tx)
        .await?;
    tell(&mut tx, core, by, owner, (Action::AlbumDeleted, AuditDetails::named(name))).await?;
    Ok(tx.commit().await?)
}

/// Writes down what became of an album.
pub(super) async fn tell(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'_>,
    owner: UserId,
    (action, details): (Action, AuditDetails),
) -> Result<(), AlbumError> {
    Ok(record(connection, core, &Event::new(by, Some(owner), action).with(details)).await?)
}

/// What the database says of an album that would be nested where it can't be.
fn refusal(error: sqlx::Error) -> AlbumError {
    match violated_constraint(&error) {
        Some("albums_parent_fkey") => AlbumError::BadParent,
        _ => error.into(),
    }
}
