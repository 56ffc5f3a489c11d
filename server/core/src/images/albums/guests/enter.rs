//! What a guest sends is counted in the transaction that stores it, so that no limit is passed by sending at once.

use model::{
    GuestProblem,
    types::{AlbumId, ByteSize, GuestLinkId, ImageId, UserId},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Terms;
use crate::{
    Core,
    images::{
        ImageError,
        albums::{AlbumError, contents, lock},
    },
};

/// A link that was open when somebody came with its secret. Whether it takes what they send shows as that is stored.
#[derive(Clone, Debug)]
pub struct GuestPass {
    link: GuestLinkId,
    album: AlbumId,
    owner: UserId,
}

impl GuestPass {
    pub(super) const fn new(link: GuestLinkId, album: AlbumId, owner: UserId) -> Self {
        Self { link, album, owner }
    }

    /// Its key.
    #[must_use]
    pub const fn link(&self) -> GuestLinkId {
        self.link
    }

    /// Whose images come of it.
    #[must_use]
    pub const fn owner(&self) -> UserId {
        self.owner
    }
}

/// Counts an image of `size` bytes in, if the link takes it. The album's row, and the link's, stay locked until the
/// transaction ends: the first things that it locks, behind the owner, so that whoever deletes their account waits for
/// it before it takes their albums.
pub(in crate::images) async fn enter(
    connection: &mut PgConnection,
    pass: &GuestPass,
    size: ByteSize,
    now: OffsetDateTime,
) -> Result<(), ImageError> {
    sqlx::query("SELECT FROM users WHERE id = $1 FOR KEY SHARE")
        .bind(pass.owner.0)
        .execute(&mut *connection)
        .await?;
    match lock(connection, pass.owner, pass.album).await {
        Err(AlbumError::NotFound) => return Err(GuestProblem::GuestLinkEnded.into()),
        locked => locked.map_err(Box::new)?,
    }
    let counted = sqlx::query(
        "UPDATE guest_links SET images = images + 1, bytes = bytes + $2 WHERE id = $1 \
         AND (expires_at IS NULL OR expires_at > $3) AND (max_images IS NULL OR images < max_images) \
         AND (max_bytes IS NULL OR $2 <= max_bytes - bytes) AND EXISTS (SELECT FROM users \
             WHERE id = $4 AND suspended_at IS NULL AND removed_at IS NULL)",
    )
    .bind(pass.link.0)
    .bind(size.0.cast_signed())
    .bind(now)
    .bind(pass.owner.0)
    .execute(&mut *connection)
    .await?;
    if counted.rows_affected() == 1 {
        return Ok(());
    }
    let why = why_not(connection, pass, size, now).await?;
    // What was in the way may have gone in between.
    Err(why.unwrap_or(GuestProblem::GuestLinkEnded).into())
}

/// Why the link wouldn't take even one byte, if it wouldn't: known before any work is done for it.
pub(in crate::images) async fn refusal(
    core: &Core,
    pass: &GuestPass,
) -> Result<Option<GuestProblem>, ImageError> {
    Ok(why_not(&mut *core.pool.acquire().await?, pass, ByteSize(1), core.now()).await?)
}

async fn why_not(
    connection: &mut PgConnection,
    pass: &GuestPass,
    size: ByteSize,
    now: OffsetDateTime,
) -> Result<Option<GuestProblem>, sqlx::Error> {
    let terms: Option<Terms> = sqlx::query_as(
        "SELECT expires_at, max_images, max_bytes, images, bytes FROM guest_links \
         WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(pass.link.0)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    let Some(terms) = terms else { return Ok(Some(GuestProblem::GuestLinkEnded)) };
    if terms.images_left() == Some(0) {
        return Ok(Some(GuestProblem::GuestImagesUsedUp));
    }
    let is_full = terms.bytes_left().is_some_and(|left| left < size);
    Ok(is_full.then_some(GuestProblem::GuestSpaceUsedUp))
}

/// Puts an image that was counted into the album, and writes down by what it came.
pub(in crate::images) async fn write_down(
    connection: &mut PgConnection,
    pass: &GuestPass,
    image: ImageId,
) -> Result<(), ImageError> {
    contents::put(connection, pass.owner, pass.album, &[image.0]).await.map_err(Box::new)?;
    sqlx::query(
        "INSERT INTO guest_images (image_id, link_id, link_name) SELECT $1, id, name FROM guest_links WHERE id = $2",
    )
    .bind(image.0)
    .bind(pass.link.0)
    .execute(connection)
    .await?;
    Ok(())
}
