//! What an image's owner says of it, and to whom it is shown.

use model::{
    rules::filename,
    types::{
        AltText, ByteSize, Description, DetailedImage, ImageDetails, ImageId, MaxViews, PublicPage, Slug,
        Title, UserId, Visibility,
    },
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    StoredImage,
    access::Restriction,
    bin::{keep, notify},
    row::{COLUMNS, Row, damaged},
};
use crate::{
    Core,
    images::{
        ImageError,
        colors::Colors,
        file_name,
        tags::{self, Name},
    },
    rfc3339,
};

/// What becomes of an image. `None` stays as it is, `Some(None)` goes.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The file's name; it is stored as uploads' names are.
    pub filename: Option<String>,
    /// What it is called.
    pub title: Option<Option<Title>>,
    /// What there is to say about it.
    pub description: Option<Option<Description>>,
    /// What it shows.
    pub alt_text: Option<Option<AltText>>,
    /// Whether it has a star.
    pub favourite: Option<bool>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// From when on nobody else sees it.
    pub expires_at: Option<Option<OffsetDateTime>>,
    /// How often others may see it. Counting begins with the limit.
    pub max_views: Option<Option<MaxViews>>,
    /// Its tags, all of them.
    pub tags: Option<Vec<Name>>,
}

/// What [`DetailedRow`] is made of besides [`COLUMNS`].
pub(super) const MORE: &str = "description, is_favourite, removed_bytes, colors, ARRAY (SELECT tags.name FROM image_tags \
     JOIN tags ON tags.id = tag_id WHERE image_id = images.id ORDER BY name_folded) AS tags, \
     (SELECT link_name FROM guest_images WHERE image_id = images.id) AS guest_link";

/// A row with what only the owner sees.
#[derive(sqlx::FromRow)]
pub(super) struct DetailedRow {
    #[sqlx(flatten)]
    row: Row,
    description: Option<String>,
    is_favourite: bool,
    removed_bytes: Option<i64>,
    colors: Option<i16>,
    tags: Vec<String>,
    guest_link: Option<String>,
}

impl DetailedRow {
    pub(super) fn detailed(self) -> Result<DetailedImage, ImageError> {
        let Row { title, alt_text, max_views, .. } = &self.row;
        let max_views = max_views.map(|most| u32::try_from(most).unwrap_or_default().try_into()).transpose();
        let details = ImageDetails {
            title: text("title", title.clone())?,
            description: text("description", self.description)?,
            alt_text: text("alt_text", alt_text.clone())?,
            favourite: self.is_favourite,
            visibility: self.row.visibility()?,
            expires_at: self.row.expires_at.map(rfc3339),
            max_views: max_views.map_err(|_| damaged("max_views"))?,
            views: self.row.views.cast_unsigned(),
            tags: self.tags,
            colors: self.colors.map(|bits| Colors::from_stored(bits).names()).unwrap_or_default(),
            removed: self.removed_bytes.map(|bytes| ByteSize(bytes.cast_unsigned())),
            guest_link: self.guest_link,
        };
        Ok(DetailedImage { image: self.row.image()?, details })
    }
}

fn text<T: TryFrom<String>>(column: &str, text: Option<String>) -> Result<Option<T>, ImageError> {
    text.map(T::try_from).transpose().map_err(|_| damaged(column))
}

/// A text as words are looked for in it; as it was typed where that would be too long (few signs have a longer NFC).
fn composed<T: TryFrom<String>>(text: &str) -> String {
    let composed = file_name::composed(text);
    if T::try_from(composed.clone()).is_ok() { composed } else { text.to_owned() }
}

/// One of `owner`'s images with its details, the bin excepted.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn details(core: &Core, owner: UserId, id: ImageId) -> Result<DetailedImage, ImageError> {
    let found: Option<DetailedRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, {MORE} FROM images \
         WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL"
    )))
    .bind(id.0)
    .bind(owner.0)
    .fetch_optional(&core.pool)
    .await?;
    found.ok_or(ImageError::NotFound)?.detailed()
}

/// Changes one of `owner`'s images, in one statement: of two changes at once neither undoes what only the
/// other one names.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Tags`], [`ImageError::Database`].
pub async fn change(
    core: &Core,
    owner: UserId,
    id: ImageId,
    change: &Change,
) -> Result<DetailedImage, ImageError> {
    let mut tx = core.pool.begin().await?;
    let changed = say(&mut tx, core, owner, id, change).await?;
    let slug = changed.image.slug.as_str();
    notify(&mut tx, std::iter::once(slug)).await?;
    tx.commit().await?;
    core.image_changes.tell(std::iter::once(slug));
    Ok(changed)
}

/// The same within a transaction, and without telling anybody.
pub(in crate::images) async fn say(
    connection: &mut PgConnection,
    core: &Core,
    owner: UserId,
    id: ImageId,
    change: &Change,
) -> Result<DetailedImage, ImageError> {
    if let Some(names) = &change.tags {
        if !keep(&mut *connection, owner, id).await? {
            return Err(ImageError::NotFound);
        }
        tags::replace(&mut *connection, core, owner, id, names).await?;
    }
    let filename = change.filename.as_deref().map(file_name::stored);
    let title =
        change.title.as_ref().map(|title| title.as_ref().map(|text| composed::<Title>(text.as_str())));
    let description = change
        .description
        .as_ref()
        .map(|text| text.as_ref().map(|text| composed::<Description>(text.as_str())));
    let alt_text =
        change.alt_text.as_ref().map(|text| text.as_ref().map(|text| composed::<AltText>(text.as_str())));
    let max_views = change.max_views.map(|most| most.map(|most| most.get().cast_signed()));
    let changed: Option<DetailedRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "UPDATE images SET filename = coalesce($3, filename), \
         title = CASE WHEN $4 THEN $5 ELSE title END, \
         description = CASE WHEN $6 THEN $7 ELSE description END, \
         alt_text = CASE WHEN $8 THEN $9 ELSE alt_text END, \
         is_favourite = coalesce($10, is_favourite), \
         visibility = coalesce($11, visibility), \
         expires_at = CASE WHEN $12 THEN $13 ELSE expires_at END, \
         max_views = CASE WHEN $14 THEN $15 ELSE max_views END, \
         views = CASE WHEN $14 AND (max_views IS NULL OR $15 IS NULL) THEN 0 ELSE views END \
         WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL \
         RETURNING {COLUMNS}, {MORE}"
    )))
    .bind(id.0)
    .bind(owner.0)
    .bind(filename)
    .bind(title.is_some())
    .bind(title.flatten())
    .bind(description.is_some())
    .bind(description.flatten())
    .bind(alt_text.is_some())
    .bind(alt_text.flatten())
    .bind(change.favourite)
    .bind(change.visibility.map(Visibility::name))
    .bind(change.expires_at.is_some())
    .bind(change.expires_at.flatten())
    .bind(max_views.is_some())
    .bind(max_views.flatten())
    .fetch_optional(connection)
    .await?;
    changed.ok_or(ImageError::NotFound)?.detailed()
}

/// What the page of the image with this slug shows, the bin excepted, and what keeps people from seeing it.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn public(
    core: &Core,
    slug: &Slug,
) -> Result<Option<(PublicPage, Option<Restriction>)>, ImageError> {
    let found: Option<DetailedRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, {MORE} FROM images WHERE slug = $1 AND deleted_at IS NULL"
    )))
    .bind(slug.as_str())
    .fetch_optional(&core.pool)
    .await?;
    let Some(DetailedRow { row, description, .. }) = found else { return Ok(None) };
    let (is_private, is_counted) = (row.visibility()? == Visibility::Private, row.max_views.is_some());
    let description = text("description", description)?;
    let StoredImage { image, title, restriction, .. } = row.stored()?;
    let title = title.unwrap_or_else(|| filename::stem(&image.filename).to_owned());
    let page = PublicPage { image, title, description, is_private, is_counted };
    Ok(Some((page, restriction.map(|restriction| *restriction))))
}
