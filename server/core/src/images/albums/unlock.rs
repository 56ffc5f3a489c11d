//! The password of an album's page: tries at it, and what shows that one was right.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{AlbumPassword, Slug};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{AlbumError, SharedAlbum};
use crate::{
    Core,
    auth::{
        AuthError,
        policy::{Budget, address_key},
        stretching::{self, Whose},
    },
    db,
    keys::Keyring,
};

/// Wrong passwords for one album from one address.
const ADDRESS: Budget = Budget { failures: 10, window: Duration::HOUR };
/// Wrong passwords for one album from anywhere: with this many a day nobody gets through a list of common ones.
const ALBUM: Budget = Budget { failures: 200, window: Duration::DAY };
/// Right passwords from one address, for all albums: more than a house full of people needs, of whom each types one a
/// week, and little work.
const RIGHT: Budget = Budget { failures: 300, window: Duration::HOUR };

const PURPOSE: &str = "reflect/album-key";

/// How long a right password is good for on one device.
pub const GOOD_FOR: Duration = Duration::days(7);

/// Tries a password; the key that opens the page from then on, or nothing if it was wrong.
///
/// # Errors
/// [`AuthError::TooManyAttempts`] where too many were wrong, or right; [`AuthError::NoRoom`], after which none was
/// counted; the database.
pub async fn unlock(
    core: &Core,
    album: &SharedAlbum,
    from: IpAddr,
    typed: &str,
) -> Result<Option<String>, AlbumError> {
    let address = address_key(from);
    // Whoever is refused in any case waits for nothing.
    refuse(&mut *core.pool.acquire().await?, core, album, &address).await?;
    let room = core.stretching.room(Whose::Visitor).await?;
    let attempt = begin(core, album, &address).await?;
    let (stored, typed) = (album.password_hash.clone(), typed.parse::<AlbumPassword>());
    let is_right = match typed {
        Ok(typed) => room.run(move || stretching::matches(typed.reveal(), stored.as_deref())).await?,
        Err(_) => false,
    };
    if !is_right {
        return Ok(None);
    }
    sqlx::query(
        "WITH slips AS (DELETE FROM album_tries WHERE id <> $1 AND album_id = $2 AND address = $3 AND NOT was_right) \
         UPDATE album_tries SET was_right = true WHERE id = $1",
    )
    .bind(attempt)
    .bind(album.id().0)
    .bind(&address)
    .execute(&core.pool)
    .await?;
    Ok(Some(key(&core.keys, album, core.now() + GOOD_FOR)?))
}

/// Counts a try as a failure before it is verified, so that parallel ones can't pass the limit.
async fn begin(core: &Core, album: &SharedAlbum, address: &str) -> Result<uuid::Uuid, AlbumError> {
    let now = core.now();
    let mut tx = core.pool.begin().await?;
    db::lock(&mut tx, &[b"album-tries".as_slice(), album.id().0.as_bytes()].concat()).await?;
    sqlx::query("DELETE FROM album_tries WHERE album_id = $1 AND (at <= $2 OR (was_right AND at <= $3))")
        .bind(album.id().0)
        .bind(ALBUM.since(now))
        .bind(RIGHT.since(now))
        .execute(&mut *tx)
        .await?;
    refuse(&mut tx, core, album, address).await?;
    let id = core.random.uuid_v7(now)?;
    sqlx::query("INSERT INTO album_tries (id, album_id, address, at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(album.id().0)
        .bind(address)
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(|error| match db::violated_constraint(&error) {
            // Its page was taken away meanwhile.
            Some(_) => AlbumError::NotFound,
            None => error.into(),
        })?;
    tx.commit().await?;
    Ok(id)
}

/// Refuses one more try where there were too many.
async fn refuse(
    connection: &mut PgConnection,
    core: &Core,
    album: &SharedAlbum,
    address: &str,
) -> Result<(), AlbumError> {
    let now = core.now();
    let tries = [
        (ADDRESS, failures(connection, album, Some(address)).await?),
        (ALBUM, failures(connection, album, None).await?),
        (RIGHT, successes(connection, address, now).await?),
    ];
    match tries.into_iter().find_map(|(budget, tries)| budget.wait(&tries, now)) {
        Some(retry_after) => Err(AuthError::TooManyAttempts { retry_after }.into()),
        None => Ok(()),
    }
}

/// Forgets tries that count no longer; answers how many.
///
/// # Errors
/// The database.
pub async fn sweep(core: &Core) -> Result<u64, sqlx::Error> {
    let old = sqlx::query("DELETE FROM album_tries WHERE at <= $1 OR (was_right AND at <= $2)");
    let old = old.bind(ALBUM.since(core.now())).bind(RIGHT.since(core.now()));
    Ok(old.execute(&core.pool).await?.rows_affected())
}

async fn failures(
    connection: &mut PgConnection,
    album: &SharedAlbum,
    address: Option<&str>,
) -> Result<Vec<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT at FROM album_tries WHERE album_id = $1 AND ($2::text IS NULL OR address = $2) AND NOT was_right",
    )
    .bind(album.id().0)
    .bind(address)
    .fetch_all(connection)
    .await
}

async fn successes(
    connection: &mut PgConnection,
    address: &str,
    now: OffsetDateTime,
) -> Result<Vec<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar("SELECT at FROM album_tries WHERE address = $1 AND was_right AND at > $2")
        .bind(address)
        .bind(RIGHT.since(now))
        .fetch_all(connection)
        .await
}

/// What opens the page until a moment, as long as the password stays the same: that moment and a keyed hash of
/// it, so that nothing is stored.
fn key(keys: &Keyring, album: &SharedAlbum, until: OffsetDateTime) -> Result<String, AuthError> {
    let until = until.unix_timestamp().to_be_bytes();
    let mac = keys.mac(PURPOSE, &parts(album.slug(), album.password_hash.as_deref(), &until))?;
    Ok(URL_SAFE_NO_PAD.encode([until.as_slice(), &mac].concat()))
}

fn parts<'a>(slug: &'a Slug, password: Option<&'a str>, until: &'a [u8]) -> [&'a [u8]; 3] {
    [slug.as_str().as_bytes(), password.unwrap_or_default().as_bytes(), until]
}

/// Whether the page is open to whoever brings this key, or needs none.
///
/// # Errors
/// [`AuthError::Crypto`]
pub fn is_open(core: &Core, album: &SharedAlbum, key: Option<&str>) -> Result<bool, AuthError> {
    if !album.has_password() {
        return Ok(true);
    }
    let Some(bytes) = key.and_then(|key| URL_SAFE_NO_PAD.decode(key).ok()) else { return Ok(false) };
    let Some((until, mac)) = bytes.split_first_chunk::<8>() else { return Ok(false) };
    let is_late = core.now().unix_timestamp() >= i64::from_be_bytes(*until);
    let parts = parts(album.slug(), album.password_hash.as_deref(), until);
    Ok(core.keys.is_mac_of_any(PURPOSE, &parts, mac)? && !is_late)
}
