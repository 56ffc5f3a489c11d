//! A person's images: list, find, bin.

mod access;
mod bin;
mod bulk;
mod cursor;
mod delete_link;
mod details;
mod exported;
mod files;
mod find;
mod lapse;
mod look;
mod numbered;
mod place;
mod row;
mod search;
mod similar;
mod stretch;

use model::types::{Image, ImageId, Page, Place, Slug, Usage, UserId};
use time::OffsetDateTime;

pub(crate) use self::bin::purge_everything;
use self::cursor::Cursor;
pub(in crate::images) use self::details::say;
pub(in crate::images) use self::{
    access::seen_by_others,
    bin::{free_space, notify},
    row::{COLUMNS, Row, escape_like},
};
pub use self::{
    access::{Access, ImageChanges, Restriction, count_view, has_views_left},
    bin::{GONE, bin, purge, purge_expired},
    bulk::{Bulk, Which, add_to_album, bulk, delete},
    details::{Change, change, details, public},
    exported::{Told, record_export, told},
    files::files,
    lapse::bin_lapsed,
    look::look,
    similar::similar,
};
pub use self::{
    delete_link::{DeleteSecret, InvalidDeleteSecret, linked},
    numbered::{NumberedPage, NumberedQuery, Order, numbered},
    search::Search,
    stretch::{StretchQuery, count, range, stretch, timeline},
};
use super::ImageError;
use crate::Core;

/// Images of which one request makes something, at most. So many keys fit into a request.
pub const BULK: usize = 10_000;

/// Entries of a page, at most.
pub(in crate::images) const MOST: u32 = 200;

/// Which images to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Entries at most; 1 to 200.
    pub limit: u32,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
    /// Where to begin where there is no cursor; see [`Place::At`].
    pub at: Option<String>,
    /// Which of them.
    pub search: Search,
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
/// [`ImageError::BadCursor`], [`ImageError::BadPlace`], [`ImageError::Database`].
pub async fn list(core: &Core, owner: UserId, query: &ListQuery) -> Result<Page<Image>, ImageError> {
    let place = match (&query.cursor, &query.at) {
        (Some(cursor), _) => Place::OlderThan(ImageId::decode(cursor)?),
        (None, Some(at)) => Place::At(at.clone()),
        (None, None) => Place::Newest,
    };
    let query = StretchQuery { limit: query.limit, place, search: query.search.clone() };
    let found = stretch(core, owner, &query).await?;
    let last = found.images.last().filter(|_| found.has_older);
    Ok(Page { next_cursor: last.map(|image| image.id.encode()), items: found.images })
}

/// Makes a page of at most `limit` entries from one row more than that, if there are so many.
pub(in crate::images) fn page<R, T>(
    mut rows: Vec<R>,
    limit: u32,
    entry: impl Fn(R) -> Result<T, ImageError>,
    cursor: impl Fn(&T) -> String,
) -> Result<Page<T>, ImageError> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let items = rows.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = if more { items.last().map(cursor) } else { None };
    Ok(Page { items, next_cursor })
}

/// Where a page ended whose last image has this key, for [`key_before`].
pub(in crate::images) fn cursor_behind(id: ImageId) -> String {
    id.encode()
}

/// The key of the last image of an earlier page.
///
/// # Errors
/// [`ImageError::BadCursor`]
pub(in crate::images) fn key_before(cursor: &str) -> Result<ImageId, ImageError> {
    ImageId::decode(cursor)
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
pub async fn owned(core: &Core, slug: &Slug) -> Result<Option<(UserId, StoredImage)>, ImageError> {
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
pub(crate) mod tests;
