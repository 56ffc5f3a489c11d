//! An image's way in: sniff, limits, decode, strip, hash, one transaction.

mod color;
mod limits;
mod names;
mod persist;
pub mod seed;
mod sniff;

use bytes::Bytes;
use model::types::{ByteSize, Color, Image, MediaType, UserId, VariantWidth};
use sha2::{Digest, Sha256};

pub use self::limits::IntakeLimits;
use super::{
    ImageError,
    containers::{self, Facts},
    decode::{self, Extent},
    file_name, variants,
    workers::hostile,
};
use crate::Core;

/// A file that has been found good, ready to be stored.
struct Prepared {
    kind: MediaType,
    facts: Facts,
    color: Color,
    /// Without private metadata.
    bytes: Bytes,
    /// What those were.
    removed: ByteSize,
    /// SHA-256 of `bytes`.
    hash: [u8; 32],
    /// The gallery's variants, WebP.
    variants: Vec<(VariantWidth, Vec<u8>)>,
}

/// Takes one file in. When this returns `Ok`, the image is durable.
///
/// # Errors
/// Every [`ImageError`] that says what is wrong with the file, [`ImageError::QuotaExceeded`],
/// [`ImageError::NotFound`] where there is no such owner, [`ImageError::Database`].
pub async fn accept(core: &Core, owner: UserId, filename: &str, bytes: Bytes) -> Result<Image, ImageError> {
    let limits = core.settings.intake.clone();
    limits::check_bytes(bytes.len(), core.policy().await?.max_upload.size())?;
    let kind = sniff::sniff(&bytes)?;
    persist::check_space_left(core, owner, ByteSize(bytes.len() as u64)).await?;
    let walked = bytes.clone();
    let facts = core
        .workers
        .run(0, move || {
            let facts = hostile(|| containers::facts(kind, &walked))?;
            limits.check(&facts)?;
            Ok(facts)
        })
        .await?;
    let prepared =
        core.workers.run(decode::memory(kind, &facts), move || prepare(kind, facts, &bytes)).await?;
    persist::persist(core, owner, &file_name::stored(filename), &prepared).await
}

/// Everything that is done to the file before it is stored.
fn prepare(kind: MediaType, facts: Facts, bytes: &[u8]) -> Result<Prepared, ImageError> {
    // What is decoded is what will be stored, so nothing is kept that wasn't seen to decode.
    let stripped = hostile(|| containers::strip(kind, bytes))?;
    let picture = hostile(|| decode::decode(kind, &stripped, &facts, Extent::EveryFrame))?;
    let color = color::average(&picture.pixels);
    let variants = variants::gallery(&picture, &facts)?;
    let hash = Sha256::digest(&stripped).into();
    let removed = ByteSize(bytes.len().saturating_sub(stripped.len()) as u64);
    Ok(Prepared { kind, facts, color, bytes: stripped.into(), removed, hash, variants })
}

#[cfg(test)]
mod tests;
