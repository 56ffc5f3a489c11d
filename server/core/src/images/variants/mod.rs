//! Smaller renditions: made once, kept.

mod encode;
mod flight;
mod render;

use bytes::Bytes;
use model::types::{MediaType, VariantFormat, VariantWidth};

pub(crate) use self::encode::encode;
pub use self::render::render;
pub(super) use self::{
    flight::Flights,
    render::{Gallery, gallery},
};
use super::{ImageError, containers, decode, library::StoredImage, store};
use crate::Core;

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
    if let Some(kept) = store::variant(&core.pool, &hash, width, kind).await? {
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
    if let Some(kept) = store::variant(&core.pool, &hash, width, format.media_type()).await? {
        return Ok(kept);
    }
    let original = store::read(&core.pool, &hash).await?.ok_or(ImageError::NotFound)?;
    let walked = original.clone();
    let facts = core.workers.run(0, move || containers::facts(from, &walked)).await?;
    let memory = decode::memory(from, &facts);
    let made = core.workers.run(memory, move || render(&original, from, width, format)).await?;
    let stored = store::add_variant(&core.pool, &hash, width, format.media_type(), &made, core.now()).await;
    match stored {
        Ok(()) => {}
        // The original was purged meanwhile: there is nothing to keep it with.
        Err(error) if crate::db::violated_constraint(&error) == Some("variants_hash_fkey") => {}
        // The bytes are good even where keeping them fails; they will be made again.
        Err(error) => tracing::warn!(%error, "a variant could not be kept"),
    }
    Ok(made.into())
}

#[cfg(test)]
mod tests;
