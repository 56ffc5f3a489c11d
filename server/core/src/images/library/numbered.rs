//! Pages by number, for programs that know no cursors.

use model::types::{Image, UserId};

use super::{COLUMNS, MOST, Row, patterns};
use crate::{Core, images::ImageError};

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What was uploaded last.
    #[default]
    Newest,
    /// What was uploaded first.
    Oldest,
    /// What has the most bytes.
    Largest,
    /// What has the fewest bytes.
    Smallest,
}

impl Order {
    const fn sql(self) -> &'static str {
        match self {
            Self::Newest => "id DESC",
            Self::Oldest => "id",
            Self::Largest => "byte_size DESC, id DESC",
            Self::Smallest => "byte_size, id",
        }
    }
}

/// Which page of which images.
#[derive(Clone, Debug, Default)]
pub struct NumberedQuery {
    /// Counted from 1.
    pub page: u32,
    /// Entries at most; 1 to 200.
    pub per_page: u32,
    /// What comes first.
    pub order: Order,
    /// Words that the file name has, in any case.
    pub search: Option<String>,
}

/// One page, and how many entries all pages have.
#[derive(Clone, Debug, Default)]
pub struct NumberedPage {
    /// The page's entries; none behind the last page.
    pub items: Vec<Image>,
    /// Entries of all pages.
    pub total: u64,
}

/// One page of `owner`'s images, the bin excepted. The database walks over all that lies before the
/// page, so what can use cursors uses [`super::list`].
///
/// # Errors
/// [`ImageError::Database`].
pub async fn numbered(core: &Core, owner: UserId, query: &NumberedQuery) -> Result<NumberedPage, ImageError> {
    let Some(patterns) = patterns(query.search.as_deref()) else { return Ok(NumberedPage::default()) };
    let per_page = query.per_page.clamp(1, MOST);
    let skipped = u64::from(query.page.saturating_sub(1)) * u64::from(per_page);
    let total: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM images WHERE owner_id = $1 AND deleted_at IS NULL AND filename ILIKE ALL ($2)",
    )
    .bind(owner.0)
    .bind(&patterns)
    .fetch_one(&core.pool)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE owner_id = $1 AND deleted_at IS NULL AND filename ILIKE ALL ($2) \
         ORDER BY {} LIMIT $3 OFFSET $4",
        query.order.sql()
    )))
    .bind(owner.0)
    .bind(&patterns)
    .bind(i64::from(per_page))
    .bind(skipped.cast_signed())
    .fetch_all(&core.pool)
    .await?;
    let items = rows.into_iter().map(Row::image).collect::<Result<_, _>>()?;
    Ok(NumberedPage { items, total: total.cast_unsigned() })
}
