//! Rows of `images`.

use model::{
    rules,
    types::{BinnedImage, ByteSize, Color, Image, ImageId, MediaType, Usage, UserId, Visibility},
};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    StoredImage,
    access::{Restriction, Views},
    bin::KEPT,
};
use crate::{
    images::{ImageError, placeholder::Placeholder},
    rfc3339,
};

/// What [`Row`] is made of.
pub(in crate::images) const COLUMNS: &str = "id, slug, filename, media_type, byte_size, width, height, frames, color, hash, \
     created_at, deleted_at, owner_id, title, alt_text, visibility, expires_at, max_views, views, version, thumbhash";

#[derive(sqlx::FromRow)]
pub(in crate::images) struct Row {
    id: Uuid,
    slug: String,
    filename: String,
    media_type: String,
    byte_size: i64,
    width: i32,
    height: i32,
    frames: i32,
    color: i32,
    hash: Vec<u8>,
    created_at: OffsetDateTime,
    pub(super) deleted_at: Option<OffsetDateTime>,
    owner_id: Uuid,
    pub(super) title: Option<String>,
    pub(super) alt_text: Option<String>,
    visibility: String,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) max_views: Option<i32>,
    pub(super) views: i32,
    version: i32,
    thumbhash: Option<Vec<u8>>,
}

/// The row can't have been written by us.
pub(super) fn damaged(column: &str) -> ImageError {
    ImageError::Database(sqlx::Error::Decode(format!("images.{column}").into()))
}

impl Row {
    /// Whether these are its bytes.
    pub(in crate::images) fn has(&self, hash: &[u8; 32]) -> bool {
        self.hash == hash
    }

    pub(in crate::images) const fn id(&self) -> Uuid {
        self.id
    }

    pub(in crate::images) fn image(self) -> Result<Image, ImageError> {
        self.stored().map(|stored| stored.image)
    }

    pub(in crate::images) const fn is_binned(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Whether its views are counted.
    pub(in crate::images) const fn is_counted(&self) -> bool {
        self.max_views.is_some()
    }

    /// With whose it is.
    pub(super) fn owned(self) -> Result<(UserId, StoredImage), ImageError> {
        Ok((UserId(self.owner_id), self.stored()?))
    }

    pub(in crate::images) fn stored(self) -> Result<StoredImage, ImageError> {
        let restriction = self.restriction()?.map(Box::new);
        let alt = rules::alternative(self.alt_text.as_deref(), self.title.as_deref(), &self.filename);
        let [_, r, g, b] = self.color.to_be_bytes();
        let mut image = Image {
            id: ImageId(self.id),
            slug: self.slug.parse().map_err(|_| damaged("slug"))?,
            filename: self.filename,
            alt,
            media_type: MediaType::from_mime(&self.media_type).ok_or_else(|| damaged("media_type"))?,
            byte_size: ByteSize(self.byte_size.cast_unsigned()),
            width: self.width.cast_unsigned(),
            height: self.height.cast_unsigned(),
            frames: self.frames.cast_unsigned(),
            color: Color([r, g, b]),
            created_at: rfc3339(self.created_at),
            version: self.version.cast_unsigned(),
            preview: String::new(),
            thumbhash: String::new(),
        };
        Placeholder::from_stored(self.thumbhash).mark(&mut image);
        let hash = self.hash.try_into().map_err(|_| damaged("hash"))?;
        Ok(StoredImage { image, hash, title: self.title, restriction })
    }

    pub(super) fn visibility(&self) -> Result<Visibility, ImageError> {
        Visibility::from_name(&self.visibility).ok_or_else(|| damaged("visibility"))
    }

    fn restriction(&self) -> Result<Option<Restriction>, ImageError> {
        let is_private = self.visibility()? == Visibility::Private;
        let views = self.max_views.map(|most| Views { most, taken: self.views });
        let is_open = !is_private && self.expires_at.is_none() && views.is_none();
        let owner = UserId(self.owner_id);
        Ok((!is_open).then_some(Restriction { owner, is_private, expires_at: self.expires_at, views }))
    }

    pub(super) fn binned(self) -> Result<(OffsetDateTime, BinnedImage), ImageError> {
        let deleted_at = self.deleted_at.ok_or_else(|| damaged("deleted_at"))?;
        let image = self.image()?;
        let binned =
            BinnedImage { image, deleted_at: rfc3339(deleted_at), purge_at: rfc3339(deleted_at + KEPT) };
        Ok((deleted_at, binned))
    }
}

/// `word` as a pattern of LIKE that matches itself only.
pub(in crate::images) fn escape_like(word: &str) -> String {
    word.chars().flat_map(|c| matches!(c, '\\' | '%' | '_').then_some('\\').into_iter().chain([c])).collect()
}

pub(super) async fn usage(pool: &PgPool, owner: UserId) -> Result<Option<Usage>, ImageError> {
    let row: Option<(i64, i64, i64)> = sqlx::query_as(
        "SELECT used_bytes, quota_bytes, \
         (SELECT count(*) FROM images WHERE owner_id = users.id AND deleted_at IS NULL) FROM users WHERE id = $1",
    )
    .bind(owner.0)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(used, quota, images)| Usage {
        used: ByteSize(used.cast_unsigned()),
        quota: ByteSize(quota.cast_unsigned()),
        images,
    }))
}
