//! Smaller renditions: made once, kept.

mod encode;
mod fitting;
mod flight;
mod kept;
mod later;
mod render;
mod similarity;
mod used;

use bytes::Bytes;
use model::{
    rules::links::variant_size,
    types::{MediaType, VariantFormat, VariantWidth},
};

pub(crate) use self::encode::encode;
pub(super) use self::encode::{best_jpeg, best_webp, png};
pub(super) use self::{
    flight::Flights,
    kept::{Variant, count, keep, read},
    later::Later,
    render::{Gallery, gallery},
    used::Used,
};
pub use self::{
    kept::{is_kept, note_used, shrink, write_used},
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
    let (maker, from) = (core.clone(), image.image.media_type);
    // Beside whoever asked: what was begun is kept also where they don't wait for it.
    let make = || async move {
        let made = tokio::spawn(async move { make(&maker, hash, from, width, format).await });
        made.await.map_err(|_| ImageError::Worker)?
    };
    core.workers.flights().join((hash, width.pixels(), kind), make).await
}

/// Pixels of an AVIF, at most: half a second of a core each, and 60 bytes, a million.
const MOST_AVIF: u64 = 8_000_000;

/// Whether a variant of this size is made in AVIF.
#[must_use]
pub const fn fits_avif((width, height): (u32, u32)) -> bool {
    width as u64 * height as u64 <= MOST_AVIF
}

/// Room for variants below which none is made that nobody waits for: it might not be there when somebody wants it, and
/// be made again and again.
const ROOM: u64 = 16 << 20;

/// Has a variant made while something else is sent: it isn't waited for.
pub fn make_later(core: &Core, image: &StoredImage, width: VariantWidth, format: VariantFormat) {
    if core.settings.variant_bytes.bytes() < ROOM {
        return;
    }
    let (maker, image) = (core.clone(), image.clone());
    core.workers.later().run((image.hash, width.pixels(), format.media_type()), async move {
        if let Err(error) = get_or_make(&maker, &image, width, format).await {
            tracing::warn!(image = %image.image.id, %error, "a variant could not be made");
        }
    });
}

/// Waits until all is made that [`make_later`] was called for.
pub async fn made(core: &Core) {
    core.workers.later().done().await;
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
    // Before the bytes are read: who waits for their turn holds nothing.
    let turn = if format == VariantFormat::Avif { Some(core.workers.later().turn().await?) } else { None };
    let original = store::read(&core.pool, &hash).await?.ok_or(ImageError::NotFound)?;
    let walked = original.clone();
    let facts = core.workers.run(0, move || containers::facts(from, &walked)).await?;
    let (w, h) = facts.shown();
    let size = variant_size(w, h, width);
    if format == VariantFormat::Avif && !fits_avif(size) {
        let (limit, found) = (MOST_AVIF, u64::from(size.0) * u64::from(size.1));
        return Err(ImageError::TooManyPixels { limit, found });
    }
    let memory = decode::memory(from, &facts) + encode::memory(format, size);
    let work = move || {
        let _turn = turn;
        render(&original, from, width, format)
    };
    let made = core.workers.run(memory, work).await?;
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
