//! Many images at once, to try an instance with: a few hundred small pictures that reflect makes itself and
//! takes in as it does uploads, and any number of images of them, spread over years.

mod moments;
mod names;
mod pictures;

use std::{collections::BTreeMap, num::NonZeroU32};

use model::types::{ByteSize, UserId};
use sqlx::{Postgres, Transaction};
use time::OffsetDateTime;

use self::moments::moments;
use super::{
    Metadata, Prepared,
    names::{image_id, slug},
    persist, prepare, strip,
};
use crate::{
    Core,
    images::{ImageError, containers, likeness::Likeness, store},
};

/// Images in one transaction. An instance that is stopped on the way has whole ones.
const BATCH: usize = 2_500;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// How many images.
    pub images: NonZeroU32,
    /// Over how many years up to now they are spread.
    pub years: NonZeroU32,
    /// Whether the owner may have images already.
    pub add: bool,
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// Images.
    pub images: u32,
    /// Pictures that they show.
    pub pictures: usize,
    /// Space that they take of the owner's.
    pub bytes: ByteSize,
    /// When the oldest one was uploaded, so to speak.
    pub oldest: OffsetDateTime,
}

/// Why nothing, or no more, was made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// There are images already.
    #[error("there are images already")]
    HasImages,
    /// Space, database.
    #[error(transparent)]
    Image(#[from] ImageError),
}

impl From<sqlx::Error> for SeedError {
    fn from(error: sqlx::Error) -> Self {
        Self::Image(error.into())
    }
}

/// Gives `owner` images, the oldest first; tells `progress` how many there are so far.
///
/// # Errors
/// [`SeedError::HasImages`]; [`ImageError::QuotaExceeded`] before anything is made; [`ImageError::Database`].
pub async fn seed(
    core: &Core,
    owner: UserId,
    seed: Seed,
    mut progress: impl FnMut(usize),
) -> Result<Seeded, SeedError> {
    let has_images: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM images WHERE owner_id = $1)")
        .bind(owner.0)
        .fetch_one(&core.pool)
        .await?;
    if has_images && !seed.add {
        return Err(SeedError::HasImages);
    }
    let pictures = prepare_all(core).await?;
    let moments = moments(core.now(), seed.images.get(), seed.years.get());
    let sizes = (0..moments.len()).map(|n| picture(&pictures, n).map_or(0, |p| p.file.bytes.len() as u64));
    let bytes = ByteSize(sizes.sum());
    persist::check_space_for(core, owner, bytes).await?;
    let mut made = 0;
    for batch in moments.chunks(BATCH) {
        insert(core, owner, &pictures, made, batch).await?;
        made += batch.len();
        progress(made);
    }
    // What the planner knows of the tables is from before, and only sometimes renewed by itself.
    sqlx::query("ANALYZE images, image_days, blobs").execute(&core.pool).await?;
    let oldest = moments.first().copied().unwrap_or_else(|| core.now());
    Ok(Seeded { images: seed.images.get(), pictures: pictures.len().min(made), bytes, oldest })
}

/// The pictures, on all workers.
async fn prepare_all(core: &Core) -> Result<Vec<Prepared>, ImageError> {
    let made = (0..pictures::COUNT).map(|number| {
        core.workers.run(0, move || {
            let (kind, bytes) = pictures::picture(number)?;
            let facts = containers::facts(kind, &bytes)?;
            prepare(strip(kind, facts, bytes.into(), Metadata::Removed)?)
        })
    });
    futures::future::try_join_all(made).await
}

/// The picture of the image with this number.
fn picture(pictures: &[Prepared], number: usize) -> Option<&Prepared> {
    // By steps, so that pictures beside each other differ and yet each is used as often as any other.
    pictures.get(number.wrapping_mul(67) % pictures.len().max(1))
}

/// Stores the images from `first` on that were uploaded at `moments`, and takes their space.
async fn insert(
    core: &Core,
    owner: UserId,
    pictures: &[Prepared],
    first: usize,
    moments: &[OffsetDateTime],
) -> Result<(), ImageError> {
    let rows: Vec<(&Prepared, OffsetDateTime)> = (first..)
        .zip(moments)
        .filter_map(|(number, moment)| Some((picture(pictures, number)?, *moment)))
        .collect();
    let mut tx = core.pool.begin().await?;
    // In the order of the hashes, as all who lock several blobs do.
    let mut references = BTreeMap::<[u8; 32], (&Prepared, i32)>::new();
    for (prepared, _) in &rows {
        references.entry(prepared.file.hash).or_insert((prepared, 0)).1 += 1;
    }
    for (prepared, count) in references.values() {
        store::add(&mut tx, &prepared.file.hash, &prepared.file.bytes, *count, core.now()).await?;
    }
    insert_rows(&mut tx, core, owner, first, &rows).await?;
    let bytes = rows.iter().map(|(prepared, _)| prepared.file.bytes.len() as u64).sum();
    persist::take_space(&mut tx, owner, ByteSize(bytes)).await?;
    tx.commit().await?;
    if first == 0 {
        for (prepared, _) in references.values() {
            // Each alone: it takes the last lock.
            let mut tx = core.pool.begin().await?;
            persist::keep_variants(&mut tx, core, prepared).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// All rows by one statement.
async fn insert_rows(
    tx: &mut Transaction<'_, Postgres>,
    core: &Core,
    owner: UserId,
    first: usize,
    rows: &[(&Prepared, OffsetDateTime)],
) -> Result<(), ImageError> {
    let ids = rows.iter().map(|(_, at)| image_id(&core.random, *at).map(|id| id.0));
    let slugs = rows.iter().map(|_| slug(&core.random).map(|slug| slug.as_str().to_owned()));
    let names = (first..).zip(rows).map(|(n, (prepared, at))| names::name(n, prepared.file.kind, *at));
    let facts = |read: fn(&Prepared) -> i32| rows.iter().map(|(p, _)| read(p)).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, \
         hash, created_at, removed_bytes, likeness, colors, thumbhash) \
         SELECT id, $1, slug, filename, media_type, byte_size, width, height, 1, color, hash, created_at, 0, likeness, \
         colors, thumbhash \
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::int4[], $8::int4[], \
         $9::int4[], $10::bytea[], $11::timestamptz[], $12::int8[], $13::int2[], $14::bytea[]) AS row \
         (id, slug, filename, media_type, byte_size, width, height, color, hash, created_at, likeness, colors, \
         thumbhash)",
    )
    .bind(owner.0)
    .bind(ids.collect::<Result<Vec<_>, _>>()?)
    .bind(slugs.collect::<Result<Vec<_>, _>>()?)
    .bind(names.collect::<Vec<_>>())
    .bind(rows.iter().map(|(p, _)| p.file.kind.mime()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(p, _)| i64::try_from(p.file.bytes.len()).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .bind(facts(|p| p.file.facts.shown().0.cast_signed()))
    .bind(facts(|p| p.file.facts.shown().1.cast_signed()))
    .bind(facts(|p| {
        let [r, g, b] = p.color.0;
        i32::from_be_bytes([0, r, g, b])
    }))
    .bind(rows.iter().map(|(p, _)| &p.file.hash[..]).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, at)| *at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(p, _)| Likeness::stored(p.likeness)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(p, _)| p.colors.stored()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(p, _)| p.placeholder.stored()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
