//! Parts of the gallery, from any place in it and both ways, and what there is of it by month: bounded ranges of an
//! index, however many images there are. What is counted or found by rare words costs as much as there is of it.

use model::types::{Image, ImageId, Place, Stretch, TimelineMonth, UserId};
use uuid::Uuid;

use super::{
    BULK, MOST, Row, Search,
    find::{self, From, find},
    place::{TOP, named, within},
    search::Criteria,
};
use crate::{Core, images::ImageError};

/// Which images of the gallery.
#[derive(Clone, Debug, Default)]
pub struct StretchQuery {
    /// Images at most; 1 to 200.
    pub limit: u32,
    /// Where they begin or end.
    pub place: Place,
    /// Which of them.
    pub search: Search,
}

/// The part of `owner`'s gallery at a place.
///
/// # Errors
/// [`ImageError::BadPlace`], [`ImageError::Database`].
pub async fn stretch(core: &Core, owner: UserId, query: &StretchQuery) -> Result<Stretch, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    let Some(criteria) = Criteria::new(connection, owner, &query.search).await? else {
        return Ok(Stretch::default());
    };
    let limit = query.limit.clamp(1, MOST);
    let from = match &query.place {
        Place::Newest => From::Below(TOP),
        Place::Oldest => From::Above(ImageId(Uuid::nil())),
        Place::OlderThan(id) => From::Below(*id),
        Place::NewerThan(id) => From::Above(*id),
        Place::At(text) => From::Below(named(connection, owner, text).await?),
        Place::Within { month, share } => From::Below(within(connection, owner, month, *share).await?),
    };
    let mut rows = find(connection, &criteria, from, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let mut images = rows.into_iter().map(Row::image).collect::<Result<Vec<_>, _>>()?;
    if matches!(from, From::Above(_)) {
        images.reverse();
    }
    // On the side that was read from there is whoever asks, or nothing, unless it was named by an address.
    let (has_newer, has_older) = match (&query.place, from) {
        (Place::Newest, _) => (false, more),
        (Place::Oldest, _) => (more, false),
        (Place::OlderThan(_), _) => (true, more),
        (Place::NewerThan(_), _) => (more, true),
        (_, From::Below(ImageId(key)) | From::Above(ImageId(key))) => {
            let above = From::Above(ImageId(Uuid::from_u128(key.as_u128().saturating_sub(1))));
            (!find(connection, &criteria, above, 1).await?.is_empty(), more)
        }
    };
    Ok(Stretch { images, has_newer, has_older })
}

/// How many of `owner`'s images match.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn count(core: &Core, owner: UserId, search: &Search) -> Result<u64, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    match Criteria::new(connection, owner, search).await? {
        Some(criteria) => Ok(find::count(connection, &criteria).await?.cast_unsigned()),
        None => Ok(0),
    }
}

/// Those of `owner`'s images that match from one key to another, both included, whichever is newer; or all
/// of them. The newest first.
///
/// # Errors
/// [`ImageError::TooMany`] if there are more than [`BULK`], [`ImageError::Database`].
pub async fn range(
    core: &Core,
    owner: UserId,
    search: &Search,
    ends: Option<[ImageId; 2]>,
) -> Result<Vec<Image>, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    let Some(mut criteria) = Criteria::new(connection, owner, search).await? else { return Ok(Vec::new()) };
    if let Some([one, other]) = ends {
        criteria.narrow(one.min(other), one.max(other));
    }
    let most = u32::try_from(BULK).unwrap_or(u32::MAX);
    let rows = find(connection, &criteria, From::Below(TOP), most.saturating_add(1)).await?;
    if rows.len() > BULK {
        return Err(ImageError::TooMany);
    }
    rows.into_iter().map(Row::image).collect()
}

/// How many images each month of `owner`'s has, the newest month first.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn timeline(core: &Core, owner: UserId) -> Result<Vec<TimelineMonth>, ImageError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT to_char(day, 'YYYY-MM') AS month, sum(images), count(*) FROM image_days \
         WHERE owner_id = $1 AND images > 0 GROUP BY 1 ORDER BY 1 DESC",
    )
    .bind(owner.0)
    .fetch_all(&core.pool)
    .await?;
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|(month, images, days)| TimelineMonth { month, images: number(images), days: number(days) })
        .collect())
}

#[cfg(test)]
mod tests;
