//! Uploads under a key, which are taken once however often they are sent.
//!
//! The answer is kept before it is sent. Each image is written down under the key in the transaction that
//! stores it, so where a process is killed before there is an answer, whoever sends the same again is answered as
//! they would have been.

use std::{str::FromStr, time::Duration as Wait};

use model::types::{GuestLinkId, Image, UserId};
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Accepted, Sender, Terms, same};
use crate::{
    Core, db,
    images::{
        ImageError,
        library::{COLUMNS, Row},
        versions,
    },
};

/// How long an answer is kept.
pub const KEPT: Duration = Duration::hours(24);
/// Keys of one person beside the one that comes; of more, the oldest go.
const MOST: i64 = 1_000;
/// After so long without a word whoever works on an upload is taken for dead.
const HOLD: Duration = Duration::seconds(30);
/// How often they give word.
pub const WORD: Wait = Wait::from_secs(10);

/// What a client calls an upload: 1 to 255 visible characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadKey(String);

/// The text is no [`UploadKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUploadKey;

impl FromStr for UploadKey {
    type Err = InvalidUploadKey;

    fn from_str(text: &str) -> Result<Self, InvalidUploadKey> {
        let is_key = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_key { Ok(Self(text.to_owned())) } else { Err(InvalidUploadKey) }
    }
}

impl UploadKey {
    /// The same of whoever came by a link for guests. No key that a client names has a space in it, so it is none of
    /// the owner's, nor of another link's.
    #[must_use]
    pub fn of_guest(self, link: GuestLinkId) -> Self {
        Self(format!("{link} {}", self.0))
    }

    /// Whether a guest named it: those have room of their own, or guests could have the owner's forgotten.
    fn is_guests(&self) -> bool {
        self.0.contains(' ')
    }
}

/// Whose turn it is to take an upload.
#[derive(Debug)]
pub enum Claimed {
    /// The caller's.
    Ours(Claim),
    /// Somebody else's, for so many seconds at least.
    Taken(u32),
    /// Nobody's: it was taken.
    Answered(Answered),
}

/// The right to take what is sent under a key.
#[derive(Clone, Debug)]
pub struct Claim {
    owner: UserId,
    key: UploadKey,
    holder: Uuid,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// What was sent.
    pub fingerprint: Vec<u8>,
    /// The answer's HTTP status.
    pub status: i16,
    /// Its body.
    pub answer: String,
}

/// One of the files under a key.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    claim: &'a Claim,
    /// Its place among the files.
    position: u32,
    /// What was sent in the place of a file that wasn't, as [`Part::of_text`] makes it.
    text: Option<[u8; 32]>,
}

impl<'a> Part<'a> {
    /// What is sent at this place among the files.
    #[must_use]
    pub const fn of_file(claim: &'a Claim, position: u32) -> Self {
        Self { claim, position, text: None }
    }

    /// The same where a text in this field stands for the file.
    #[must_use]
    pub fn of_text(self, field: &str, text: &str) -> Self {
        let hash = Sha256::new()
            .chain_update((field.len() as u64).to_be_bytes())
            .chain_update(field)
            .chain_update(text)
            .finalize();
        Self { text: Some(hash.into()), ..self }
    }
}

/// Claims `key` of `owner`, unless its upload was taken or somebody is about it.
///
/// # Errors
/// [`ImageError::NotFound`] where there is no such owner; the database, randomness.
pub async fn claim(core: &Core, owner: UserId, key: UploadKey) -> Result<Claimed, ImageError> {
    let now = core.now();
    make_room(&core.pool, owner, key.is_guests(), now).await?;
    let holder = core.random.uuid_v7(now).map_err(|_| ImageError::Worker)?;
    let claimed = sqlx::query(
        "INSERT INTO upload_keys AS k (owner_id, key, created_at, holder, held_until) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (owner_id, key) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
         WHERE k.answer IS NULL AND k.held_until <= $3",
    )
    .bind(owner.0)
    .bind(&key.0)
    .bind(now)
    .bind(holder)
    .bind(now + HOLD)
    .execute(&core.pool)
    .await;
    match claimed {
        Ok(done) if done.rows_affected() == 1 => return Ok(Claimed::Ours(Claim { owner, key, holder })),
        Ok(_) => {}
        Err(error) if db::violated_constraint(&error) == Some("upload_keys_owner_id_fkey") => {
            return Err(ImageError::NotFound);
        }
        Err(error) => return Err(error.into()),
    }
    let answered: Option<Answered> = sqlx::query_as(
        "SELECT fingerprint, status, answer FROM upload_keys WHERE owner_id = $1 AND key = $2 AND answer IS NOT NULL",
    )
    .bind(owner.0)
    .bind(&key.0)
    .fetch_optional(&core.pool)
    .await?;
    if let Some(answered) = answered {
        return Ok(Claimed::Answered(answered));
    }
    let until: Option<OffsetDateTime> =
        sqlx::query_scalar("SELECT held_until FROM upload_keys WHERE owner_id = $1 AND key = $2")
            .bind(owner.0)
            .bind(&key.0)
            .fetch_optional(&core.pool)
            .await?;
    let seconds = until.map_or(0, |until| (until - now).whole_seconds());
    Ok(Claimed::Taken(u32::try_from(seconds).unwrap_or(0).max(1)))
}

/// Forgets what `owner` has too many or too old keys of.
async fn make_room(
    pool: &PgPool,
    owner: UserId,
    is_guests: bool,
    now: OffsetDateTime,
) -> Result<(), ImageError> {
    sqlx::query(
        "DELETE FROM upload_keys WHERE (owner_id, key) IN (SELECT owner_id, key FROM upload_keys \
             WHERE owner_id = $1 AND (strpos(key, ' ') > 0) = $5 AND held_until <= $2 AND (created_at <= $3 OR created_at <= \
                 (SELECT created_at FROM upload_keys WHERE owner_id = $1 AND (strpos(key, ' ') > 0) = $5 \
                  ORDER BY created_at DESC OFFSET $4 LIMIT 1)) \
             ORDER BY owner_id, key FOR UPDATE SKIP LOCKED)",
    )
    .bind(owner.0)
    .bind(now)
    .bind(now - KEPT)
    .bind(MOST)
    .bind(is_guests)
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets the keys whose time is over; answers how many.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    // What somebody has locked is left for the next time: a purge of its images, or another sweep.
    let swept = sqlx::query(
        "DELETE FROM upload_keys WHERE (owner_id, key) IN (SELECT owner_id, key FROM upload_keys \
         WHERE created_at <= $1 AND held_until <= $2 ORDER BY owner_id, key FOR UPDATE SKIP LOCKED)",
    );
    Ok(swept.bind(now - KEPT).bind(now).execute(pool).await?.rows_affected())
}

impl Claim {
    /// Says that whoever has it is still about it.
    ///
    /// # Errors
    /// The database.
    pub async fn renew(&self, core: &Core) -> Result<(), ImageError> {
        self.hold_until(core, core.now() + HOLD).await
    }

    /// Leaves it to others.
    ///
    /// # Errors
    /// The database.
    pub async fn release(&self, core: &Core) -> Result<(), ImageError> {
        self.hold_until(core, core.now()).await
    }

    async fn hold_until(&self, core: &Core, until: OffsetDateTime) -> Result<(), ImageError> {
        sqlx::query(
            "UPDATE upload_keys SET held_until = $4 WHERE owner_id = $1 AND key = $2 AND holder = $3",
        )
        .bind(self.owner.0)
        .bind(&self.key.0)
        .bind(self.holder)
        .bind(until)
        .execute(&core.pool)
        .await?;
        Ok(())
    }

    /// Keeps the answer, which whoever sends the same again gets.
    ///
    /// # Errors
    /// The database.
    pub async fn keep(&self, core: &Core, answered: &Answered) -> Result<(), ImageError> {
        sqlx::query(
            "UPDATE upload_keys SET fingerprint = $4, status = $5, answer = $6, held_until = $7 \
             WHERE owner_id = $1 AND key = $2 AND holder = $3",
        )
        .bind(self.owner.0)
        .bind(&self.key.0)
        .bind(self.holder)
        .bind(&answered.fingerprint)
        .bind(answered.status)
        .bind(&answered.answer)
        .bind(core.now())
        .execute(&core.pool)
        .await?;
        Ok(())
    }
}

/// The image that there is for a file of these bytes: what a try before made of it, wherever that is by now, or else
/// what whoever sends it may know of them.
pub(super) async fn find(
    connection: &mut PgConnection,
    sender: Sender<'_>,
    hash: &[u8; 32],
    terms: &Terms,
    part: Option<Part<'_>>,
) -> Result<Option<Accepted>, ImageError> {
    if let Some(part) = part
        && let Some(image) = made(connection, Some(hash), part).await?
    {
        return Ok(Some(Accepted { image, existing: false }));
    }
    let image = same::find(connection, sender, hash, terms).await?;
    Ok(image.map(|image| Accepted { image, existing: true }))
}

/// What a try before made of the text that is sent at this place.
///
/// # Errors
/// [`ImageError::OtherUpload`] where that had another text, or a file; the database.
pub async fn before(core: &Core, part: Part<'_>) -> Result<Option<Image>, ImageError> {
    let mut connection = core.pool.acquire().await?;
    let text: Option<Option<Vec<u8>>> = sqlx::query_scalar(
        "SELECT text_hash FROM upload_key_images WHERE owner_id = $1 AND key = $2 AND position = $3",
    )
    .bind(part.claim.owner.0)
    .bind(&part.claim.key.0)
    .bind(part.position.cast_signed())
    .fetch_optional(&mut *connection)
    .await?;
    match text {
        Some(text) if text.as_deref() == part.text.as_ref().map(<[u8; 32]>::as_slice) => {
            made(&mut connection, None, part).await
        }
        Some(_) => Err(ImageError::OtherUpload),
        None => Ok(None),
    }
}

/// What a try before made of what is sent at this place, if it has these bytes.
async fn made(
    connection: &mut PgConnection,
    hash: Option<&[u8; 32]>,
    Part { claim, position, .. }: Part<'_>,
) -> Result<Option<Image>, ImageError> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM images WHERE owner_id = $1 AND id = (SELECT image_id FROM upload_key_images \
         WHERE owner_id = $1 AND key = $2 AND position = $3)"
    )))
    .bind(claim.owner.0)
    .bind(&claim.key.0)
    .bind(position.cast_signed())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_it = match hash {
        None => true,
        // It may have been changed since.
        Some(hash) => row.has(hash) || versions::had(connection, row.id(), hash).await?,
    };
    if is_it { row.image().map(Some) } else { Err(ImageError::OtherUpload) }
}

/// Writes down that the image came to be so.
pub(super) async fn write_down(
    connection: &mut PgConnection,
    image: &Image,
    Part { claim, position, text }: Part<'_>,
) -> Result<(), ImageError> {
    let written = sqlx::query(
        "INSERT INTO upload_key_images (owner_id, key, position, image_id, text_hash) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(claim.owner.0)
    .bind(&claim.key.0)
    .bind(position.cast_signed())
    .bind(image.id.0)
    .bind(text.as_ref().map(<[u8; 32]>::as_slice))
    .execute(connection)
    .await;
    match written {
        Ok(_) => Ok(()),
        // Somebody else has this place, with other bytes: the same would have been found.
        Err(error) if db::violated_constraint(&error) == Some("upload_key_images_pkey") => {
            Err(ImageError::OtherUpload)
        }
        Err(error) => Err(error.into()),
    }
}
