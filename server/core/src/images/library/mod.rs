//! A person's images: list, find, bin.

mod access;
mod bin;
mod cursor;
mod delete_link;
mod details;
mod lapse;
mod numbered;
mod row;

use model::types::{Image, ImageId, Page, Slug, Usage, UserId};
use time::OffsetDateTime;

pub(crate) use self::bin::purge_everything;
pub use self::{
    access::{Access, ImageChanges, Restriction, count_view, has_views_left},
    bin::{GONE, bin, delete, purge, purge_expired, restore},
    details::{Change, change, details, public},
    lapse::bin_lapsed,
};
use self::{
    cursor::Cursor,
    row::{COLUMNS, Row, escape_like},
};
pub use self::{
    delete_link::{DeleteSecret, InvalidDeleteSecret, linked},
    numbered::{NumberedPage, NumberedQuery, Order, numbered},
};
use super::ImageError;
use crate::Core;

/// Entries of a page, at most.
const MOST: u32 = 200;

/// Which images to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Entries at most; 1 to 200.
    pub limit: u32,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
    /// Words that the file name has, in any case.
    pub search: Option<String>,
}

/// An image with what serving it needs.
#[derive(Clone, Debug)]
pub struct StoredImage {
    /// The image.
    pub image: Image,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
    /// What it is called, if its owner says so.
    pub title: Option<String>,
    /// What keeps people from seeing it, if anything does.
    pub restriction: Option<Box<Restriction>>,
}

impl StoredImage {
    /// What the image is to `viewer` at the moment `now`.
    #[must_use]
    pub fn access(&self, viewer: Option<UserId>, now: OffsetDateTime) -> Access {
        self.restriction.as_ref().map_or(Access::Open { until: None }, |limits| limits.access(viewer, now))
    }
}

/// One page of `owner`'s images.
///
/// # Errors
/// [`ImageError::BadCursor`], [`ImageError::Database`].
pub async fn list(core: &Core, owner: UserId, query: &ListQuery) -> Result<Page<Image>, ImageError> {
    let after = query.cursor.as_deref().map(ImageId::decode).transpose()?;
    let Some(patterns) = patterns(query.search.as_deref()) else { return Ok(Page::default()) };
    let limit = query.limit.clamp(1, MOST);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images \
         WHERE owner_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id < $2) AND filename ILIKE ALL ($3) \
         ORDER BY id DESC LIMIT $4"
    )))
    .bind(owner.0)
    .bind(after.map(|id| id.0))
    .bind(patterns)
    .bind(i64::from(limit) + 1)
    .fetch_all(&core.pool)
    .await?;
    page(rows, limit, Row::image, |image| image.id.encode())
}

/// Patterns of LIKE for the words of a search; `None` where nothing can match: a text in PostgreSQL has no
/// U+0000, so no name has one.
fn patterns(search: Option<&str>) -> Option<Vec<String>> {
    let search = search.unwrap_or_default();
    let pattern = |word| format!("%{}%", escape_like(word));
    (!search.contains('\0')).then(|| search.split_whitespace().map(pattern).collect())
}

/// Makes a page of at most `limit` entries from one row more than that, if there are so many.
fn page<T>(
    mut rows: Vec<Row>,
    limit: u32,
    entry: impl Fn(Row) -> Result<T, ImageError>,
    cursor: impl Fn(&T) -> String,
) -> Result<Page<T>, ImageError> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let items = rows.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = if more { items.last().map(cursor) } else { None };
    Ok(Page { items, next_cursor })
}

/// Whoever's image has this slug, the bin excepted.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn by_slug(core: &Core, slug: &Slug) -> Result<Option<StoredImage>, ImageError> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE slug = $1 AND deleted_at IS NULL"
    )))
    .bind(slug.as_str())
    .fetch_optional(&core.pool)
    .await?;
    row.map(Row::stored).transpose()
}

/// The same with whose it is.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn owned(core: &Core, slug: &Slug) -> Result<Option<(UserId, Image)>, ImageError> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE slug = $1 AND deleted_at IS NULL"
    )))
    .bind(slug.as_str())
    .fetch_optional(&core.pool)
    .await?;
    row.map(Row::owned).transpose()
}

/// The owner's space, the bin counted; `None` if there is no such person.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn usage(core: &Core, owner: UserId) -> Result<Option<Usage>, ImageError> {
    row::usage(&core.pool, owner).await
}

#[cfg(test)]
mod tests;
