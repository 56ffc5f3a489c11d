//! What an export says of images, beside their bytes.

use std::collections::HashMap;

use model::types::{Action, AlbumPlace, AuditDetails, DetailedImage, ImageDetails, ImageId, UserId};
use uuid::Uuid;

use super::{
    COLUMNS,
    details::{DetailedRow, MORE},
};
use crate::{
    Core,
    audit::{By, Event, record},
    images::{ImageError, albums},
};

/// What is said of one image.
#[derive(Clone, Debug)]
pub struct Told {
    /// By its owner.
    pub details: ImageDetails,
    /// By its albums.
    pub albums: Vec<AlbumPlace>,
}

/// What is said of these images of `owner`'s, as far as they are there.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn told(core: &Core, owner: UserId, ids: &[ImageId]) -> Result<HashMap<ImageId, Told>, ImageError> {
    let connection = &mut *core.pool.acquire().await?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<DetailedRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, {MORE} FROM images WHERE id = ANY ($1) AND owner_id = $2"
    )))
    .bind(&ids)
    .bind(owner.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut places = albums::places(connection, owner, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let DetailedImage { image, details } = row.detailed()?;
            let albums = places.remove(&image.id).unwrap_or_default();
            Ok((image.id, Told { details, albums }))
        })
        .collect()
}

/// Writes down that so many of `owner`'s images are taken away with what is said of them.
///
/// # Errors
/// [`ImageError::Recording`], [`ImageError::Database`].
pub async fn record_export(core: &Core, by: By<'_>, owner: UserId, images: u64) -> Result<(), ImageError> {
    let mut tx = core.pool.begin().await?;
    let event = Event::new(by, Some(owner), Action::AccountExported);
    record(&mut tx, core, &event.with(AuditDetails::counted(images))).await?;
    Ok(tx.commit().await?)
}
