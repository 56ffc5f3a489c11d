//! The tags there are.

use model::types::{KnownTag, Tag, TagColor, TagId, TagName, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{MOST, Name, TagError, lock, name::fold};
use crate::{Core, db::violated_constraint, images::library::escape_like};

/// What becomes of a tag. `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What it is called.
    pub name: Option<Name>,
    /// What it is drawn with.
    pub color: Option<TagColor>,
    /// Whether it may become one with the tag that has this name.
    pub merge: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    color: String,
    count: i64,
}

impl Row {
    fn tag(self) -> Result<Tag, TagError> {
        Ok(Tag {
            id: TagId(self.id),
            name: name_of(&self.name)?,
            color: color_of(&self.color)?,
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
        })
    }
}

/// `owner`'s tags by their names; those whose name begins with `beginning`, in any case.
///
/// # Errors
/// [`TagError::Database`].
pub async fn list(core: &Core, owner: UserId, beginning: &str) -> Result<Vec<Tag>, TagError> {
    if beginning.contains('\0') {
        return Ok(Vec::new());
    }
    read(&mut *core.pool.acquire().await?, owner, beginning, None).await
}

/// `owner`'s tags by their names, without how many images have them, which takes longer.
///
/// # Errors
/// [`TagError::Database`].
pub async fn known(core: &Core, owner: UserId) -> Result<Vec<KnownTag>, TagError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT name, color FROM tags WHERE owner_id = $1 ORDER BY name_folded")
            .bind(owner.0)
            .fetch_all(&core.pool)
            .await?;
    rows.into_iter()
        .map(|(name, color)| Ok(KnownTag { name: name_of(&name)?, color: color_of(&color)? }))
        .collect()
}

fn name_of(stored: &str) -> Result<TagName, TagError> {
    stored.parse().map_err(|_| damaged("name"))
}

fn color_of(stored: &str) -> Result<TagColor, TagError> {
    stored.parse().map_err(|_| damaged("color"))
}

fn damaged(column: &str) -> TagError {
    TagError::Database(sqlx::Error::Decode(format!("tags.{column}").into()))
}

async fn read(
    connection: &mut PgConnection,
    owner: UserId,
    beginning: &str,
    only: Option<TagId>,
) -> Result<Vec<Tag>, TagError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, color, (SELECT count(*) FROM image_tags JOIN images i ON i.id = image_id \
         WHERE tag_id = t.id AND i.deleted_at IS NULL) AS count FROM tags t \
         WHERE owner_id = $1 AND name_folded LIKE $2 AND ($3::uuid IS NULL OR id = $3) ORDER BY name_folded",
    )
    .bind(owner.0)
    .bind(format!("{}%", escape_like(&fold(beginning.trim_start()))))
    .bind(only.map(|id| id.0))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::tag).collect()
}

/// Changes a tag, on all images that have it. One that gets the name of another one becomes one with that, if it
/// may, and is answered as that.
///
/// # Errors
/// [`TagError::NotFound`], [`TagError::NameTaken`], [`TagError::Database`].
pub async fn change(core: &Core, owner: UserId, id: TagId, change: &Change) -> Result<Tag, TagError> {
    let mut tx = core.pool.begin().await?;
    if change.merge {
        // Images are locked before the tags of their owner.
        sqlx::query(
            "SELECT FROM images WHERE owner_id = $2 AND id IN (SELECT image_id FROM image_tags WHERE tag_id = $1) \
             ORDER BY id FOR KEY SHARE",
        )
        .bind(id.0)
        .bind(owner.0)
        .execute(&mut *tx)
        .await?;
    }
    lock(&mut tx, owner).await?;
    let mut kept = id;
    if change.merge
        && let Some(name) = &change.name
        && let Some(other) = named(&mut tx, owner, name).await?.filter(|other| *other != id)
    {
        if read(&mut tx, owner, "", Some(id)).await?.is_empty() {
            return Err(TagError::NotFound);
        }
        sqlx::query(
            "INSERT INTO image_tags (tag_id, image_id) SELECT $2, image_id FROM image_tags WHERE tag_id = $1 \
             ON CONFLICT DO NOTHING",
        )
        .bind(id.0)
        .bind(other.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM tags WHERE id = $1").bind(id.0).execute(&mut *tx).await?;
        kept = other;
    }
    let name = change.name.as_ref().filter(|_| kept == id);
    sqlx::query(
        "UPDATE tags SET name = coalesce($3, name), name_folded = coalesce($4, name_folded), \
         color = coalesce($5, color) WHERE id = $1 AND owner_id = $2",
    )
    .bind(kept.0)
    .bind(owner.0)
    .bind(name.map(Name::as_str))
    .bind(name.map(Name::folded))
    .bind(change.color.map(TagColor::as_str))
    .execute(&mut *tx)
    .await
    .map_err(|error| match violated_constraint(&error) {
        Some("tags_name_key") => TagError::NameTaken,
        _ => error.into(),
    })?;
    let changed = read(&mut tx, owner, "", Some(kept)).await?.pop().ok_or(TagError::NotFound)?;
    tx.commit().await?;
    Ok(changed)
}

async fn named(
    connection: &mut PgConnection,
    owner: UserId,
    name: &Name,
) -> Result<Option<TagId>, sqlx::Error> {
    let id = sqlx::query_scalar("SELECT id FROM tags WHERE owner_id = $1 AND name_folded = $2");
    Ok(id.bind(owner.0).bind(name.folded()).fetch_optional(connection).await?.map(TagId))
}

/// Makes tags of these names and colours; those that there are stay as they are.
///
/// # Errors
/// [`TagError::TooMany`], [`TagError::Database`].
pub async fn make(core: &Core, owner: UserId, tags: &[(Name, TagColor)]) -> Result<(), TagError> {
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner).await?;
    for (name, color) in tags {
        sqlx::query(
            "INSERT INTO tags (id, owner_id, name, name_folded, color, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT ON CONSTRAINT tags_name_key DO NOTHING",
        )
        .bind(core.random.uuid_v7(core.now())?)
        .bind(owner.0)
        .bind(name.as_str())
        .bind(name.folded())
        .bind(color.as_str())
        .bind(core.now())
        .execute(&mut *tx)
        .await?;
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM tags WHERE owner_id = $1")
        .bind(owner.0)
        .fetch_one(&mut *tx)
        .await?;
    if usize::try_from(count).is_ok_and(|count| count > MOST) {
        return Err(TagError::TooMany);
    }
    Ok(tx.commit().await?)
}

/// Deletes a tag. Images that had it stay.
///
/// # Errors
/// [`TagError::NotFound`], [`TagError::Database`].
pub async fn delete(core: &Core, owner: UserId, id: TagId) -> Result<(), TagError> {
    let mut tx = core.pool.begin().await?;
    lock(&mut tx, owner).await?;
    let gone = sqlx::query("DELETE FROM tags WHERE id = $1 AND owner_id = $2")
        .bind(id.0)
        .bind(owner.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    if gone.rows_affected() == 1 { Ok(()) } else { Err(TagError::NotFound) }
}
