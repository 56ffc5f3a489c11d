//! Smaller renditions: made once, kept.

mod encode;
mod flight;
mod kept;
mod render;
mod used;

use bytes::Bytes;
use model::types::{MediaType, VariantFormat, VariantWidth};

pub(crate) use self::encode::encode;
pub(super) use self::encode::{best_jpeg, best_webp, png};
pub(super) use self::{
    flight::Flights,
    kept::{Variant, count, keep, read},
    render::{Gallery, gallery},
    used::Used,
};
pub use self::{
    kept::{note_used, shrink, write_used},
    render::render,
};
use super::{ImageError, containers, decode, library::StoredImage, store};
use crate::Core;

/// Blob, width, format.
type Key = ([u8; 32], u32, MediaType);

/// The variant's bytes, from the store or made now; however many ask at once, made once.
///
/// # Errors
/// [`ImageError::NotFound`] if the image's bytes are gone; [`ImageError::Encode`],
/// [`ImageError::Worker`], [`ImageError::Database`]. Failures are not kept.
pub async fn get_or_make(
    core: &Core,
    image: &StoredImage,
    width: VariantWidth,
    format: VariantFormat,
) -> Result<Bytes, ImageError> {
    let (hash, kind) = (image.hash, format.media_type());
    if let Some(kept) = read(core, &hash, width, kind).await? {
        return Ok(kept);
    }
    let make = || make(core, hash, image.image.media_type, width, format);
    core.workers.flights().join((hash, width.pixels(), kind), make).await
}

async fn make(
    core: &Core,
    hash: [u8; 32],
    from: MediaType,
    width: VariantWidth,
    format: VariantFormat,
) -> Result<Bytes, ImageError> {
    // Whoever made it just before this flight began has stored it by now.
    if let Some(kept) = read(core, &hash, width, format.media_type()).await? {
        return Ok(kept);
    }
    let original = store::read(&core.pool, &hash).await?.ok_or(ImageError::NotFound)?;
    let walked = original.clone();
    let facts = core.workers.run(0, move || containers::facts(from, &walked)).await?;
    let memory = decode::memory(from, &facts);
    let made = core.workers.run(memory, move || render(&original, from, width, format)).await?;
    match keep_one(core, &hash, Variant { width, kind: format.media_type(), data: &made }).await {
        Ok(()) => {}
        // The original was purged meanwhile: there is nothing to keep it with.
        Err(error) if crate::db::violated_constraint(&error) == Some("variants_hash_fkey") => {}
        // The bytes are good even where keeping them fails; they will be made again.
        Err(error) => tracing::warn!(%error, "a variant could not be kept"),
    }
    Ok(made.into())
}

async fn keep_one(core: &Core, hash: &[u8; 32], variant: Variant<'_>) -> Result<(), sqlx::Error> {
    let mut tx = core.pool.begin().await?;
    keep(&mut tx, core, hash, &[variant]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests;
