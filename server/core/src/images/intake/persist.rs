//! One transaction: the blob, the image, the space it takes, and last its variants.
//!
//! Locks are taken in one order by all that take more than one: existing images, albums, links for guests, blobs, days,
//! users, and what variants take together; so nothing waits in a circle with a purge. These two come last because all
//! uploads of a person queue at the one, and all of the instance at the other: the locks are held for short
//! statements and the commit.

use model::{
    rules::alternative,
    types::{ByteSize, Image, MediaType, UserId},
};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{Accepted, Prepared, Sender, Terms, names, once};
use crate::{
    Core,
    images::{
        ImageError,
        albums::guests,
        likeness::Likeness,
        store,
        variants::{self, Variant},
    },
    rfc3339,
};

/// Draws of a slug before giving up; one collision in 62^15 is already unlikely.
pub(super) const DRAWS: usize = 8;

/// Refuses early, before any work, `needed` bytes when there is no space left at all. What decides is the
/// conditional update in [`persist`], since less may be stored than was sent.
pub(in crate::images) async fn check_space_left(
    core: &Core,
    owner: UserId,
    needed: ByteSize,
) -> Result<(), ImageError> {
    let (used, quota) = space(&mut *core.pool.acquire().await?, owner).await?;
    if used >= quota { Err(ImageError::QuotaExceeded { used, quota, needed }) } else { Ok(()) }
}

/// Refuses what is known to need more than is left.
pub(in crate::images) async fn check_space_for(
    core: &Core,
    owner: UserId,
    needed: ByteSize,
) -> Result<(), ImageError> {
    let (used, quota) = space(&mut *core.pool.acquire().await?, owner).await?;
    if used.0.saturating_add(needed.0) > quota.0 {
        return Err(ImageError::QuotaExceeded { used, quota, needed });
    }
    Ok(())
}

/// Keeps the gallery's variants. The last thing in its transaction.
pub(in crate::images) async fn keep_variants(
    tx: &mut Transaction<'_, Postgres>,
    core: &Core,
    prepared: &Prepared,
) -> Result<(), ImageError> {
    let variants = prepared.variants.iter();
    let all: Vec<Variant<'_>> =
        variants.map(|(width, data)| Variant { width: *width, kind: MediaType::WebP, data }).collect();
    Ok(variants::keep(tx, core, &prepared.file.hash, &all).await?)
}

/// Stores `prepared` as an image of its owner, unless there came to be one meanwhile.
pub(super) async fn persist(
    core: &Core,
    sender: Sender<'_>,
    filename: &str,
    prepared: &Prepared,
    terms: &Terms,
    part: Option<once::Part<'_>>,
) -> Result<Accepted, ImageError> {
    let (now, owner) = (core.now(), sender.owner());
    let file = &prepared.file;
    let (width, height) = file.facts.shown();
    let mut image = Image {
        id: names::image_id(&core.random, now)?,
        slug: names::slug(&core.random)?,
        filename: filename.to_owned(),
        alt: alternative(None, None, filename),
        media_type: file.kind,
        byte_size: ByteSize(file.bytes.len() as u64),
        width,
        height,
        frames: file.facts.frames,
        color: prepared.color,
        created_at: rfc3339(now),
        version: 1,
        preview: String::new(),
        thumbhash: String::new(),
    };
    prepared.placeholder.mark(&mut image);
    let mut tx = core.pool.begin().await?;
    if let Sender::Guest(pass) = sender
        && let Err(refusal) = guests::enter(&mut tx, pass, image.byte_size, now).await
    {
        // The same file, sent at the same moment, may be what has taken the last place.
        return once::find(&mut tx, sender, &file.hash, terms, part).await?.ok_or(refusal);
    }
    let existing = store::add(&mut tx, &file.hash, &file.bytes, 1, now).await?;
    // Who stores the same bytes at the same moment waited for their row, and finds the image here.
    if existing && let Some(found) = once::find(&mut tx, sender, &file.hash, terms, part).await? {
        tx.rollback().await?;
        return Ok(found);
    }
    let mut draws = 1;
    while !insert(&mut tx, owner, &image, prepared, terms, now).await? {
        if draws == DRAWS {
            return Err(ImageError::Worker);
        }
        draws += 1;
        image.slug = names::slug(&core.random)?;
    }
    if let Sender::Guest(pass) = sender {
        guests::write_down(&mut tx, pass, image.id).await?;
    }
    if let Some(part) = part {
        once::write_down(&mut tx, &image, part).await?;
    }
    take_space(&mut tx, owner, image.byte_size).await?;
    keep_variants(&mut tx, core, prepared).await?;
    tx.commit().await?;
    Ok(Accepted { image, existing: false })
}

/// Inserts the row of an image that was uploaded at `now`; `false` if the slug is somebody's already.
pub(super) async fn insert(
    tx: &mut Transaction<'_, Postgres>,
    owner: UserId,
    image: &Image,
    prepared: &Prepared,
    terms: &Terms,
    now: time::OffsetDateTime,
) -> Result<bool, ImageError> {
    let [r, g, b] = image.color.0;
    let done = sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, \
         color, hash, created_at, removed_bytes, likeness, colors, visibility, expires_at, max_views, thumbhash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT ON CONSTRAINT images_slug_key DO NOTHING",
    )
    .bind(image.id.0)
    .bind(owner.0)
    .bind(image.slug.as_str())
    .bind(&image.filename)
    .bind(image.media_type.mime())
    .bind(image.byte_size.0.cast_signed())
    .bind(image.width.cast_signed())
    .bind(image.height.cast_signed())
    .bind(image.frames.cast_signed())
    .bind(i32::from_be_bytes([0, r, g, b]))
    .bind(&prepared.file.hash[..])
    .bind(now)
    .bind(prepared.file.removed.map(|size| size.0.cast_signed()))
    .bind(Likeness::stored(prepared.likeness))
    .bind(prepared.colors.stored())
    .bind(terms.visibility.name())
    .bind(terms.expires_at)
    .bind(terms.max_views.map(|most| most.get().cast_signed()))
    .bind(prepared.placeholder.stored())
    .execute(&mut **tx)
    .await;
    match done {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(error) if crate::db::violated_constraint(&error) == Some("images_owner_id_fkey") => {
            Err(ImageError::NotFound)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes `size` of the owner's space, or says how much there is.
pub(in crate::images) async fn take_space(
    conn: &mut PgConnection,
    owner: UserId,
    size: ByteSize,
) -> Result<(), ImageError> {
    let taken = sqlx::query(
        "UPDATE users SET used_bytes = used_bytes + $2 WHERE id = $1 AND used_bytes + $2 <= quota_bytes",
    )
    .bind(owner.0)
    .bind(size.0.cast_signed())
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(());
    }
    let (used, quota) = space(conn, owner).await?;
    Err(ImageError::QuotaExceeded { used, quota, needed: size })
}

async fn space(conn: &mut PgConnection, owner: UserId) -> Result<(ByteSize, ByteSize), ImageError> {
    let row: Option<(i64, i64)> = sqlx::query_as("SELECT used_bytes, quota_bytes FROM users WHERE id = $1")
        .bind(owner.0)
        .fetch_optional(conn)
        .await?;
    let (used, quota) = row.ok_or(ImageError::NotFound)?;
    Ok((ByteSize(used.cast_unsigned()), ByteSize(quota.cast_unsigned())))
}

#[cfg(test)]
mod tests;
