//! An image's way in: sniff, limits, decode, strip, hash, one transaction.

mod color;
pub mod import;
mod limits;
mod names;
pub mod once;
mod persist;
pub mod pieces;
mod same;
pub mod seed;
mod sender;
mod sniff;
mod terms;

use bytes::Bytes;
use model::{
    GuestProblem,
    types::{ByteSize, Color, Image, MediaType, UserId, VariantWidth},
};
use sha2::{Digest, Sha256};

pub(super) use self::persist::{check_space_for, check_space_left, keep_variants, take_space};
use self::sender::Sender;
pub use self::{
    limits::IntakeLimits,
    terms::{Metadata, Terms},
};
use super::{
    ImageError,
    albums::guests::{self, GuestPass},
    colors::Colors,
    containers::{self, Facts},
    decode::{self, Extent},
    file_name,
    likeness::Likeness,
    placeholder::Placeholder,
    variants::{self, Gallery},
    workers::hostile,
};
use crate::Core;

/// A file as it would be stored; whether it can be decoded isn't known.
pub(super) struct Stripped {
    pub(super) kind: MediaType,
    pub(super) facts: Facts,
    /// Without private metadata, unless they were to stay.
    pub(super) bytes: Bytes,
    /// What those were; unknown where they stayed.
    pub(super) removed: Option<ByteSize>,
    /// SHA-256 of `bytes`.
    pub(super) hash: [u8; 32],
}

/// A file that has been found good, ready to be stored.
pub(super) struct Prepared {
    pub(super) file: Stripped,
    pub(super) color: Color,
    pub(super) colors: Colors,
    pub(super) likeness: Option<Likeness>,
    pub(super) placeholder: Placeholder,
    /// The gallery's variants, WebP.
    pub(super) variants: Vec<(VariantWidth, Vec<u8>)>,
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
    accept_on(core, owner, filename, bytes, Terms::default(), None).await
}

/// The same on terms, and for one of the files that are sent under a key: what was made of it before is answered as
/// new.
///
/// # Errors
/// Those of [`accept`], and [`ImageError::OtherUpload`] where something else was made of what was sent under the key.
pub async fn accept_on(
    core: &Core,
    owner: UserId,
    filename: &str,
    bytes: Bytes,
    terms: Terms,
    part: Option<once::Part<'_>>,
) -> Result<Accepted, ImageError> {
    take(core, Sender::Owner(owner), filename, bytes, terms, part).await
}

/// The same for what a guest sends: an image of the link's owner, in its album. Bytes that came by the same link before
/// are answered with that image, and with no other: what else its owner has is nothing to a guest.
///
/// # Errors
/// Those of [`accept_on`], with [`ImageError::Guest`] where the link doesn't take it, or its owner has no space.
pub async fn accept_by_guest(
    core: &Core,
    pass: &GuestPass,
    filename: &str,
    bytes: Bytes,
    part: Option<once::Part<'_>>,
) -> Result<Accepted, ImageError> {
    take(core, Sender::Guest(pass), filename, bytes, Terms::default(), part).await.map_err(
        |error| match error {
            ImageError::QuotaExceeded { .. } => GuestProblem::GuestSpaceUsedUp.into(),
            ImageError::NotFound => GuestProblem::GuestLinkEnded.into(),
            error => error,
        },
    )
}

async fn take(
    core: &Core,
    sender: Sender<'_>,
    filename: &str,
    bytes: Bytes,
    terms: Terms,
    part: Option<once::Part<'_>>,
) -> Result<Accepted, ImageError> {
    let sent = ByteSize(bytes.len() as u64);
    let file = receive(core, bytes, None, terms.metadata).await?;
    if let Some(found) =
        once::find(&mut *core.pool.acquire().await?, sender, &file.hash, &terms, part).await?
    {
        return Ok(found);
    }
    if let Sender::Guest(pass) = sender
        && let Some(problem) = guests::refusal(core, pass).await?
    {
        return Err(problem.into());
    }
    check_space_left(core, sender.owner(), sent).await?;
    let prepared = prepared(core, file).await?;
    persist::persist(core, sender, &file_name::stored(filename), &prepared, &terms, part).await
}

/// A file as it would be stored, if it may be; one of which the hash is known is looked at.
pub(super) async fn receive(
    core: &Core,
    bytes: Bytes,
    expected: Option<[u8; 32]>,
    metadata: Metadata,
) -> Result<Stripped, ImageError> {
    limits::check_bytes(bytes.len(), core.policy().await?.max_upload.size())?;
    stripped(core, bytes, expected, metadata).await
}

/// The same of a file that was made here, whatever size it has.
pub(super) async fn stripped(
    core: &Core,
    bytes: Bytes,
    expected: Option<[u8; 32]>,
    metadata: Metadata,
) -> Result<Stripped, ImageError> {
    let limits = core.settings.intake.clone();
    let kind = sniff::sniff(&bytes)?;
    core.workers
        .run(bytes.len() as u64, move || {
            if expected.is_some_and(|hash| Sha256::digest(&bytes)[..] != hash) {
                return Err(ImageError::OtherBytes);
            }
            let facts = hostile(|| containers::facts(kind, &bytes))?;
            limits.check(&facts)?;
            strip(kind, facts, bytes, metadata)
        })
        .await
}

/// The same with everything that is done to it before it is stored.
pub(super) async fn prepared(core: &Core, file: Stripped) -> Result<Prepared, ImageError> {
    let memory = decode::memory(file.kind, &file.facts);
    core.workers.run(memory, move || prepare(file)).await
}

/// The file as it would be stored.
fn strip(
    kind: MediaType,
    facts: Facts,
    mut bytes: Bytes,
    metadata: Metadata,
) -> Result<Stripped, ImageError> {
    let removed = match metadata {
        Metadata::Removed => {
            let stripped = hostile(|| containers::strip(kind, &bytes))?;
            let removed = ByteSize(bytes.len().saturating_sub(stripped.len()) as u64);
            bytes = stripped.into();
            Some(removed)
        }
        Metadata::Kept => {
            bytes.truncate(hostile(|| containers::end(kind, &bytes))?);
            None
        }
    };
    let hash = Sha256::digest(&bytes).into();
    Ok(Stripped { kind, facts, bytes, removed, hash })
}

/// Everything that is done to the file before it is stored.
fn prepare(file: Stripped) -> Result<Prepared, ImageError> {
    // What is decoded is what will be stored, so nothing is kept that wasn't seen to decode.
    let picture = hostile(|| decode::decode(file.kind, &file.bytes, &file.facts, Extent::EveryFrame))?;
    let color = color::average(&picture.pixels);
    let Gallery { variants, colors, likeness, placeholder } = variants::gallery(&picture, &file.facts)?;
    Ok(Prepared { file, color, colors, likeness, placeholder, variants })
}

#[cfg(test)]
mod tests;
