//! Which images have which tags.

use std::collections::{BTreeMap, HashSet};

use model::types::{ImageId, TagColor, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Name, TagError, lock};
use crate::Core;

/// Tags of one person.
pub const MOST: usize = 1000;
/// Tags of one image.
pub const MOST_ON_IMAGE: usize = 50;

/// Gives images, which the caller has locked, tags, and takes some away. Answers which of them are changed by
/// that.
///
/// # Errors
/// [`TagError::TooMany`], [`TagError::TooManyOnImage`], [`TagError::Database`].
pub(in crate::images) async fn retag(
    connection: &mut PgConnection,
    core: &Core,
    owner: UserId,
    images: &[Uuid],
    add: &[Name],
    remove: &[Name],
) -> Result<HashSet<Uuid>, TagError> {
    lock(connection, owner).await?;
    let mut changed: HashSet<Uuid> = sqlx::query_scalar(
        "DELETE FROM image_tags USING tags WHERE tag_id = tags.id AND owner_id = $1 \
         AND image_id = ANY ($2) AND name_folded = ANY ($3) RETURNING image_id",
    )
    .bind(owner.0)
    .bind(images)
    .bind(remove.iter().map(Name::folded).collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();
    if !images.is_empty() {
        changed.extend(give(connection, core, owner, images, add).await?);
    }
    Ok(changed)
}

/// Has one image, which the caller has locked, have these tags and no others.
///
/// # Errors
/// As [`retag`].
pub(in crate::images) async fn replace(
    connection: &mut PgConnection,
    core: &Core,
    owner: UserId,
    image: ImageId,
    names: &[Name],
) -> Result<(), TagError> {
    lock(connection, owner).await?;
    sqlx::query(
        "DELETE FROM image_tags USING tags WHERE tag_id = tags.id AND image_id = $1 AND name_folded <> ALL ($2)",
    )
    .bind(image.0)
    .bind(names.iter().map(Name::folded).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;
    give(connection, core, owner, &[image.0], names).await.map(drop)
}

/// Gives tags, and makes those that there aren't; answers the images, once for each tag that is new to it.
async fn give(
    connection: &mut PgConnection,
    core: &Core,
    owner: UserId,
    images: &[Uuid],
    names: &[Name],
) -> Result<Vec<Uuid>, TagError> {
    let names: BTreeMap<String, &Name> = names.iter().map(|name| (name.folded(), name)).collect();
    for (folded, name) in &names {
        sqlx::query(
            "INSERT INTO tags (id, owner_id, name, name_folded, color, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT ON CONSTRAINT tags_name_key DO NOTHING",
        )
        .bind(core.random.uuid_v7(core.now())?)
        .bind(owner.0)
        .bind(name.as_str())
        .bind(folded)
        .bind(TagColor::Grey.as_str())
        .bind(core.now())
        .execute(&mut *connection)
        .await?;
    }
    let given = sqlx::query_scalar(
        "INSERT INTO image_tags (tag_id, image_id) SELECT id, image FROM tags, unnest($2::uuid[]) AS image \
         WHERE owner_id = $1 AND name_folded = ANY ($3) ON CONFLICT DO NOTHING RETURNING image_id",
    )
    .bind(owner.0)
    .bind(images)
    .bind(names.into_keys().collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let (tags, on_image): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM tags WHERE owner_id = $1), \
         (SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM image_tags WHERE image_id = ANY ($2) \
          GROUP BY image_id) AS each)",
    )
    .bind(owner.0)
    .bind(images)
    .fetch_one(connection)
    .await?;
    match () {
        () if usize::try_from(tags).is_ok_and(|count| count > MOST) => Err(TagError::TooMany),
        () if usize::try_from(on_image).is_ok_and(|count| count > MOST_ON_IMAGE) => {
            Err(TagError::TooManyOnImage)
        }
        () => Ok(given),
    }
}
