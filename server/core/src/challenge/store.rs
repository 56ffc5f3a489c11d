//! Challenges as rows. The id is stored as its hash, what solves it sealed.

use model::types::ChallengePurpose;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{ChallengeError, ISSUED, VALID, provider::Secret};
use crate::{
    Core,
    auth::AuthError,
    db,
    keys::{Keyring, Sealed},
};

pub(crate) const PURPOSE: &str = "reflect/challenge";

const fn name(purpose: ChallengePurpose) -> &'static str {
    match purpose {
        ChallengePurpose::SignUp => "sign_up",
        ChallengePurpose::Reset => "reset",
        ChallengePurpose::SignIn => "sign_in",
    }
}

/// When the address was issued challenges that count against it. It is issued no other one until the
/// transaction ends.
pub(super) async fn issued(
    connection: &mut PgConnection,
    address: &str,
    now: OffsetDateTime,
) -> Result<Vec<OffsetDateTime>, ChallengeError> {
    db::lock(connection, format!("challenge {address}").as_bytes()).await?;
    let issued =
        sqlx::query_scalar("SELECT issued_at FROM captcha_challenges WHERE address = $1 AND issued_at > $2");
    Ok(issued.bind(address).bind(ISSUED.since(now)).fetch_all(connection).await?)
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    core: &Core,
    id: &str,
    address: &str,
    purpose: ChallengePurpose,
    secret: &Secret,
) -> Result<(), ChallengeError> {
    let (now, hash) = (core.now(), digest(id));
    let sealed = seal(core, &hash, secret)?;
    sqlx::query(
        "INSERT INTO captcha_challenges (id_hash, address, purpose, key_id, sealed, issued_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(hash)
    .bind(address)
    .bind(name(purpose))
    .bind(sealed.key_id)
    .bind(sealed.bytes)
    .bind(now)
    .bind(now + VALID)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    address: String,
    purpose: String,
    key_id: String,
    sealed: Vec<u8>,
}

/// What solves a challenge, for tests: they have the key.
#[cfg(any(test, feature = "testing"))]
pub(super) async fn peek(core: &Core, id: &str) -> Result<Secret, ChallengeError> {
    let hash = digest(id);
    let (key_id, bytes) = sqlx::query_as("SELECT key_id, sealed FROM captcha_challenges WHERE id_hash = $1")
        .bind(&hash)
        .fetch_one(&core.pool)
        .await?;
    open(&core.keys, &hash, &Sealed { key_id, bytes })
}

/// Takes the challenge out of use, in one statement: of parallel tries, one wins. What solves it, if
/// it was live and asked for by the same address for the same purpose.
pub(super) async fn spend(
    core: &Core,
    id: &str,
    address: &str,
    purpose: ChallengePurpose,
) -> Result<Option<Secret>, ChallengeError> {
    let hash = digest(id);
    let row: Option<Row> = sqlx::query_as(
        "UPDATE captcha_challenges SET spent_at = $2 \
         WHERE id_hash = $1 AND spent_at IS NULL AND expires_at > $2 \
         RETURNING address, purpose, key_id, sealed",
    )
    .bind(&hash)
    .bind(core.now())
    .fetch_optional(&core.pool)
    .await?;
    let row = row.filter(|row| row.address == address && row.purpose == name(purpose));
    let Some(Row { key_id, sealed, .. }) = row else { return Ok(None) };
    open(&core.keys, &hash, &Sealed { key_id, bytes: sealed }).map(Some)
}

/// Puts a solved challenge in the place of a spent one, so that an address has no more rows for it.
pub(super) async fn replace(core: &Core, spent: &str, id: &str) -> Result<(), ChallengeError> {
    let hash = digest(id);
    let sealed = seal(core, &hash, &Secret::Done)?;
    sqlx::query(
        "UPDATE captcha_challenges SET id_hash = $2, key_id = $3, sealed = $4, expires_at = $5, spent_at = NULL \
         WHERE id_hash = $1",
    )
    .bind(digest(spent))
    .bind(hash)
    .bind(sealed.key_id)
    .bind(sealed.bytes)
    .bind(core.now() + VALID)
    .execute(&core.pool)
    .await?;
    Ok(())
}

/// Removes what has expired. Answers how many rows went.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let expired = sqlx::query("DELETE FROM captcha_challenges WHERE expires_at <= $1").bind(now);
    Ok(expired.execute(pool).await?.rows_affected())
}

fn seal(core: &Core, hash: &[u8], secret: &Secret) -> Result<Sealed, AuthError> {
    let plain = serde_json::to_vec(secret).map_err(|_| AuthError::Crypto("writing a challenge"))?;
    core.keys.seal(&core.random, PURPOSE, hash, &plain)
}

fn open(keys: &Keyring, hash: &[u8], sealed: &Sealed) -> Result<Secret, ChallengeError> {
    let plain = keys.open(PURPOSE, hash, sealed)?;
    Ok(serde_json::from_slice(&plain).map_err(|_| AuthError::Sealed)?)
}

fn digest(id: &str) -> Vec<u8> {
    Sha256::digest(id.as_bytes()).to_vec()
}
