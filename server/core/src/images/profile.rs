//! The page of what somebody has made public, and nothing else of theirs.

use model::types::{Action, Bio, OwnProfile, Page, UserId, Username};
use uuid::Uuid;

use super::{
    ImageError,
    albums::SharedImage,
    library::{self, COLUMNS, MOST, seen_by_others},
};
use crate::{
    Core,
    audit::{By, Event, record},
};

/// Somebody's page, as others see it.
#[derive(Clone, Debug)]
pub struct Profile {
    owner: UserId,
    /// Their name.
    pub name: Username,
    /// What they say of themselves.
    pub bio: Option<Bio>,
}

/// What becomes of a page. `None` stays as it is, `Some(None)` goes.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Whether others see it.
    pub is_on: Option<bool>,
    /// What its owner says of themselves.
    pub bio: Option<Option<Bio>>,
}

fn bio(text: Option<String>) -> Result<Option<Bio>, ImageError> {
    let damaged = |_| ImageError::Database(sqlx::Error::Decode("users.bio".into()));
    text.map(|text| text.parse()).transpose().map_err(damaged)
}

/// The page of whoever has this name, where it is switched on and they may use their account.
///
/// # Errors
/// [`ImageError::NotFound`], whatever keeps it from being seen; [`ImageError::Database`].
pub async fn find(core: &Core, name: &Username) -> Result<Profile, ImageError> {
    let row: Option<(Uuid, String, Option<String>)> = sqlx::query_as(
        "SELECT id, name, bio FROM users \
         WHERE name_folded = $1 AND has_profile AND suspended_at IS NULL AND removed_at IS NULL",
    )
    .bind(name.folded())
    .fetch_optional(&core.pool)
    .await?;
    let (id, name, text) = row.ok_or(ImageError::NotFound)?;
    let name = name.parse().map_err(|_| sqlx::Error::Decode("users.name".into()))?;
    Ok(Profile { owner: UserId(id), name, bio: bio(text)? })
}

/// One page of what its owner has made public and anybody may see at this moment, the newest first.
///
/// # Errors
/// [`ImageError::BadCursor`], [`ImageError::Database`].
pub async fn images(
    core: &Core,
    profile: &Profile,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<SharedImage>, ImageError> {
    let limit = limit.clamp(1, MOST);
    let before = cursor.map(library::key_before).transpose()?;
    let rows: Vec<library::Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE owner_id = $1 AND visibility = 'public' AND id < $2 AND {seen} \
         ORDER BY id DESC LIMIT $3",
        seen = seen_by_others!("$4"),
    )))
    .bind(profile.owner.0)
    // The greatest stands for none, so that the index always has a bound.
    .bind(before.map_or(Uuid::max(), |id| id.0))
    .bind(i64::from(limit) + 1)
    .bind(core.now())
    .fetch_all(&core.pool)
    .await?;
    let entry = |row: library::Row| {
        let is_counted = row.is_counted();
        Ok(SharedImage { image: row.image()?, is_counted })
    };
    library::page(rows, limit, entry, |shared| library::cursor_behind(shared.image.id))
}

/// One's own page.
///
/// # Errors
/// [`ImageError::NotFound`] where there is no such person; [`ImageError::Database`].
pub async fn own(core: &Core, owner: UserId) -> Result<OwnProfile, ImageError> {
    let row: Option<(bool, Option<String>)> =
        sqlx::query_as("SELECT has_profile, bio FROM users WHERE id = $1")
            .bind(owner.0)
            .fetch_optional(&core.pool)
            .await?;
    let (is_on, text) = row.ok_or(ImageError::NotFound)?;
    Ok(OwnProfile { is_on, bio: bio(text)? })
}

/// Changes one's own page, in all that is asked or in nothing.
///
/// # Errors
/// [`ImageError::NotFound`] where there is no such person; [`ImageError::Database`].
pub async fn change(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    change: &Change,
) -> Result<OwnProfile, ImageError> {
    let mut tx = core.pool.begin().await?;
    let before: Option<bool> =
        sqlx::query_scalar("SELECT has_profile FROM users WHERE id = $1 FOR NO KEY UPDATE")
            .bind(owner.0)
            .fetch_optional(&mut *tx)
            .await?;
    let before = before.ok_or(ImageError::NotFound)?;
    let (is_on, text): (bool, Option<String>) = sqlx::query_as(
        "UPDATE users SET has_profile = coalesce($2, has_profile), bio = CASE WHEN $3 THEN $4 ELSE bio END \
         WHERE id = $1 RETURNING has_profile, bio",
    )
    .bind(owner.0)
    .bind(change.is_on)
    .bind(change.bio.is_some())
    .bind(change.bio.as_ref().and_then(|bio| bio.as_ref().map(Bio::as_str)))
    .fetch_one(&mut *tx)
    .await?;
    if is_on != before {
        let action = if is_on { Action::ProfileShown } else { Action::ProfileHidden };
        record(&mut tx, core, &Event::new(by, Some(owner), action)).await?;
    }
    tx.commit().await?;
    Ok(OwnProfile { is_on, bio: bio(text)? })
}

#[cfg(test)]
mod tests;
