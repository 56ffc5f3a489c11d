//! Pages by number, for programs that know no cursors.

use model::types::{AlbumId, Image, UserId, Visibility};

use sqlx::QueryBuilder;

use super::{COLUMNS, MOST, Row, Search, find, search::Criteria};
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
    /// Words, as of a [`Search`].
    pub search: Option<String>,
    /// Who may see them; anybody where it isn't said.
    pub visibility: Option<Visibility>,
    /// Whether somebody else must be let to see them.
    pub for_others: bool,
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

/// One page of `owner`'s images, the bin excepted. The database walks over all that lies before the
/// page, so what can use cursors uses [`super::list`].
///
/// # Errors
/// [`ImageError::Database`].
pub async fn numbered(core: &Core, owner: UserId, query: &NumberedQuery) -> Result<NumberedPage, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    let search = Search {
        words: query.search.clone(),
        visibility: query.visibility,
        for_others: query.for_others,
        album: query.album,
        ..Search::default()
    };
    let Some(criteria) = Criteria::new(connection, owner, &search).await? else {
        return Ok(NumberedPage::default());
    };
    let total = find::count(connection, &criteria).await?.cast_unsigned();
    let per_page = query.per_page.clamp(1, MOST);
    let skipped = u64::from(query.page.saturating_sub(1)) * u64::from(per_page);
    let mut page = QueryBuilder::new("");
    find::push_matching(&mut page, &criteria, COLUMNS);
    page.push(format_args!(" ORDER BY {} LIMIT {per_page} OFFSET ", query.order.sql()));
    page.push_bind(skipped.cast_signed());
    let rows: Vec<Row> = page.build_query_as().fetch_all(connection).await?;
    let items = rows.into_iter().map(Row::image).collect::<Result<_, _>>()?;
    Ok(NumberedPage { items, total })
}
