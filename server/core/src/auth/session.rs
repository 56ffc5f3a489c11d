//! Sessions as rows; the process adapts them to its session middleware.

use model::types::UserId;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

/// A session as it is stored. The id itself never is, only its SHA-256.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// The middleware's data.
    pub data: serde_json::Value,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Stores a new session; `false` if the id exists.
///
/// # Errors
/// The database.
pub async fn insert(
    pool: &PgPool,
    id: &[u8],
    user: Option<UserId>,
    session: &StoredSession,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let stored = sqlx::query(
        "INSERT INTO sessions (id_hash, user_id, data, created_at, last_seen_at, expires_at) \
         VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(digest(id))
    .bind(user.map(|user| user.0))
    .bind(&session.data)
    .bind(now)
    .bind(session.expires_at)
    .execute(pool)
    .await?;
    Ok(stored.rows_affected() == 1)
}

/// Overwrites or stores a session.
///
/// # Errors
/// The database.
pub async fn upsert(
    pool: &PgPool,
    id: &[u8],
    user: Option<UserId>,
    session: &StoredSession,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sessions (id_hash, user_id, data, created_at, last_seen_at, expires_at) \
         VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (id_hash) DO UPDATE \
         SET user_id = excluded.user_id, data = excluded.data, \
             last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at",
    )
    .bind(digest(id))
    .bind(user.map(|user| user.0))
    .bind(&session.data)
    .bind(now)
    .bind(session.expires_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// The session, unless it ended.
///
/// # Errors
/// The database.
pub async fn load(
    pool: &PgPool,
    id: &[u8],
    now: OffsetDateTime,
) -> Result<Option<StoredSession>, sqlx::Error> {
    let row: Option<(serde_json::Value, OffsetDateTime)> =
        sqlx::query_as("SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2")
            .bind(digest(id))
            .bind(now)
            .fetch_optional(pool)
            .await?;
    Ok(row.map(|(data, expires_at)| StoredSession { data, expires_at }))
}

/// Ends the session.
///
/// # Errors
/// The database.
pub async fn delete(pool: &PgPool, id: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(digest(id)).execute(pool).await?;
    Ok(())
}

/// Removes what has ended or lapsed: sessions, enrolments, links, attempts older than 31 days.
/// Answers how many rows went.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let mut gone = 0;
    for statement in [
        "DELETE FROM sessions WHERE expires_at <= $1",
        "DELETE FROM enrolments WHERE expires_at <= $1",
        "DELETE FROM enrolment_links WHERE expires_at <= $1",
    ] {
        gone += sqlx::query(statement).bind(now).execute(pool).await?.rows_affected();
    }
    let attempts = sqlx::query("DELETE FROM auth_attempts WHERE at <= $1").bind(now - Duration::days(31));
    Ok(gone + attempts.execute(pool).await?.rows_affected())
}

fn digest(id: &[u8]) -> Vec<u8> {
    Sha256::digest(id).to_vec()
}
