//! Pages by number, for programs that know no cursors.

use model::types::{AlbumId, Image, UserId, Visibility};

use super::{COLUMNS, MOST, Row, search::Words};
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
    /// Who may see them; anybody where it isn't said.
    pub visibility: Option<Visibility>,
    /// The album that they are in; any or none where it isn't said.
    pub album: Option<AlbumId>,
}

/// One page, and how many entries all pages have.
#[derive(Clone, Debug, Default)]
pub struct NumberedPage {
    /// The page's entries; none behind the last page.
    pub items: Vec<Image>,
    /// Entries of all pages.
    pub total: u64,
}

/// What a query finds: `$1` is the owner, `$2` patterns of names, `$3` who may see it, `$4` the album.
macro_rules! found {
    () => {
        "owner_id = $1 AND deleted_at IS NULL AND filename ILIKE ALL ($2) \
         AND ($3::text IS NULL OR visibility = $3) AND ($4::uuid IS NULL OR id IN \
         (SELECT image_id FROM album_images WHERE album_id = $4))"
    };
}

/// One page of `owner`'s images, the bin excepted. The database walks over all that lies before the
/// page, so what can use cursors uses [`super::list`].
///
/// # Errors
/// [`ImageError::Database`].
pub async fn numbered(core: &Core, owner: UserId, query: &NumberedQuery) -> Result<NumberedPage, ImageError> {
    let Some(words) = Words::new(query.search.as_deref()) else { return Ok(NumberedPage::default()) };
    let patterns = words.patterns();
    let visibility = query.visibility.map(Visibility::name);
    let per_page = query.per_page.clamp(1, MOST);
    let skipped = u64::from(query.page.saturating_sub(1)) * u64::from(per_page);
    let total: i64 = sqlx::query_scalar(concat!("SELECT count(*) FROM images WHERE ", found!()))
        .bind(owner.0)
        .bind(&patterns)
        .bind(visibility)
        .bind(query.album.map(|album| album.0))
        .fetch_one(&core.pool)
        .await?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE {} ORDER BY {} LIMIT $5 OFFSET $6",
        found!(),
        query.order.sql()
    )))
    .bind(owner.0)
    .bind(&patterns)
    .bind(visibility)
    .bind(query.album.map(|album| album.0))
    .bind(i64::from(per_page))
    .bind(skipped.cast_signed())
    .fetch_all(&core.pool)
    .await?;
    let items = rows.into_iter().map(Row::image).collect::<Result<_, _>>()?;
    Ok(NumberedPage { items, total: total.cast_unsigned() })
}
