//! An image's way in: sniff, limits, decode, strip, hash, one transaction.

mod color;
pub mod import;
mod limits;
mod names;
pub mod once;
mod persist;
mod same;
pub mod seed;
mod sniff;

use bytes::Bytes;
use model::types::{ByteSize, Color, Image, MediaType, UserId, VariantWidth};
use sha2::{Digest, Sha256};

pub use self::limits::IntakeLimits;
use super::{
    ImageError,
    colors::Colors,
    containers::{self, Facts},
    decode::{self, Extent},
    file_name,
    likeness::Likeness,
    variants::{self, Gallery},
    workers::hostile,
};
use crate::Core;

/// A file as it would be stored; whether it can be decoded isn't known.
struct Stripped {
    kind: MediaType,
    facts: Facts,
    /// Without private metadata.
    bytes: Bytes,
    /// What those were.
    removed: ByteSize,
    /// SHA-256 of `bytes`.
    hash: [u8; 32],
}

/// A file that has been found good, ready to be stored.
struct Prepared {
    file: Stripped,
    color: Color,
    colors: Colors,
    likeness: Option<Likeness>,
    /// The gallery's variants, WebP.
    variants: Vec<(VariantWidth, Vec<u8>)>,
}

/// What became of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The image that has these bytes.
    pub image: Image,
    /// Whether its owner had it before: nothing was stored, and no space taken.
    pub existing: bool,
}

/// Takes one file in. When this returns `Ok`, the image is durable. Bytes that the owner has already, in an image that
/// is seen as a new one would be, are answered with that image.
///
/// # Errors
/// Every [`ImageError`] that says what is wrong with the file, [`ImageError::QuotaExceeded`],
/// [`ImageError::NotFound`] where there is no such owner, [`ImageError::Database`].
pub async fn accept(
    core: &Core,
    owner: UserId,
    filename: &str,
    bytes: Bytes,
) -> Result<Accepted, ImageError> {
    accept_once(core, owner, filename, bytes, None).await
}

/// The same for one of the files that are sent under a key: what was made of it before is answered as new.
///
/// # Errors
/// Those of [`accept`], and [`ImageError::OtherUpload`] where something else was made of what was sent under the key.
pub async fn accept_once(
    core: &Core,
    owner: UserId,
    filename: &str,
    bytes: Bytes,
    part: Option<once::Part<'_>>,
) -> Result<Accepted, ImageError> {
    let sent = ByteSize(bytes.len() as u64);
    let file = receive(core, bytes, None).await?;
    if let Some(found) = once::find(&mut *core.pool.acquire().await?, owner, &file.hash, part).await? {
        return Ok(found);
    }
    persist::check_space_left(core, owner, sent).await?;
    let prepared = prepare(core, file).await?;
    persist::persist(core, owner, &file_name::stored(filename), &prepared, part).await
}

/// The file that was sent as it would be stored, if it may be one; those of which the hash is known are looked at.
async fn receive(core: &Core, bytes: Bytes, expected: Option<[u8; 32]>) -> Result<Stripped, ImageError> {
    let limits = core.settings.intake.clone();
    let sent_bytes = bytes.len() as u64;
    limits::check_bytes(bytes.len(), core.policy().await?.max_upload.size())?;
    let kind = sniff::sniff(&bytes)?;
    let read = move || {
        if expected.is_some_and(|hash| Sha256::digest(&bytes)[..] != hash) {
            return Err(ImageError::OtherBytes);
        }
        let facts = hostile(|| containers::facts(kind, &bytes))?;
        limits.check(&facts)?;
        strip(kind, facts, &bytes)
    };
    core.workers.run(sent_bytes, read).await
}

/// Everything that is done to the file before it is stored.
async fn prepare(core: &Core, file: Stripped) -> Result<Prepared, ImageError> {
    let memory = decode::memory(file.kind, &file.facts);
    core.workers.run(memory, move || work(file)).await
}

/// The file as it would be stored.
fn strip(kind: MediaType, facts: Facts, bytes: &[u8]) -> Result<Stripped, ImageError> {
    let stripped = hostile(|| containers::strip(kind, bytes))?;
    let removed = ByteSize(bytes.len().saturating_sub(stripped.len()) as u64);
    let hash = Sha256::digest(&stripped).into();
    Ok(Stripped { kind, facts, bytes: stripped.into(), removed, hash })
}

/// The work of [`prepare`].
fn work(file: Stripped) -> Result<Prepared, ImageError> {
    // What is decoded is what will be stored, so nothing is kept that wasn't seen to decode.
    let picture = hostile(|| decode::decode(file.kind, &file.bytes, &file.facts, Extent::EveryFrame))?;
    let color = color::average(&picture.pixels);
    let Gallery { variants, colors, likeness } = variants::gallery(&picture, &file.facts)?;
    Ok(Prepared { file, color, colors, likeness, variants })
}

#[cfg(test)]
mod tests;
