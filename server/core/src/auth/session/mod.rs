//! Sessions as rows; the process adapts them to its session middleware.

/// What has to be true of a session `s` and its person `u` for it to hold: at the moment `$1`, for an idle
/// time `$2` and a lifetime `$3`. The idle time is compared as it is now, which may be shorter than when the
/// session was last used.
macro_rules! holds {
    () => {
        "s.expires_at > $1 AND s.last_seen_at + $2 > $1 AND s.created_at + $3 > $1 AND u.suspended_at IS NULL"
    };
}

mod own;
mod signed_in;
mod status;

use model::types::{Policy, UserId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

pub use self::{
    own::{end, end_others, handle, list, sign_out},
    signed_in::{Binding, FRESH, Opened, SignedIn},
    status::{Checked, status},
};

pub(super) use self::own::end_of_device;
pub(crate) use self::{
    own::{end_all_but, end_of_provider, holds},
    signed_in::network,
};

/// Where a session's data have the [`SignedIn`].
pub const SIGNED_IN: &str = "signed_in";

/// A session as it is stored. The id itself never is, only its SHA-256.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// The middleware's data.
    pub data: Value,
    /// When it ends unless it is used before.
    pub expires_at: OffsetDateTime,
}

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// From the first moment.
    pub absolute: Duration,
    /// From the last use.
    pub idle: Duration,
}

impl Lifetime {
    /// As administrators decided.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            absolute: Duration::hours(policy.session_hours.get().into()),
            idle: Duration::minutes(policy.session_idle_minutes.get().into()),
        }
    }
}

/// A use is noted at most this often, so that reading pages writes little.
const NOTED: Duration = Duration::MINUTE;

/// What became of a session that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It is there.
    Stored,
    /// Another one has the id.
    Taken,
    /// What opened it has ended meanwhile, and so has the session.
    Ended,
}

/// Stores a new session, unless its person's sessions were ended after it was judged who opens it: in another
/// transaction than this, so that they may have been ended in between. One that only has another id than before is as
/// old as it was.
///
/// # Errors
/// The database.
pub async fn insert(
    pool: &PgPool,
    id: &[u8],
    user: Option<UserId>,
    data: &Value,
    lifetime: Lifetime,
    now: OffsetDateTime,
) -> Result<Insertion, sqlx::Error> {
    let opened_at = signed_in::opened_at(data).unwrap_or(now);
    let mut transaction = pool.begin().await?;
    if let Some(user) = user {
        // Whoever ends sessions comes before, and is seen here, or after this session is there to be ended.
        let may_open: Option<Option<bool>> = sqlx::query_scalar(
            "SELECT sessions_since IS NULL \
             OR ($2->$3->>'shown')::bigint >= (extract(epoch FROM sessions_since) * 1000000)::bigint \
             FROM users WHERE id = $1 FOR SHARE",
        )
        .bind(user.0)
        .bind(data)
        .bind(SIGNED_IN)
        .fetch_optional(&mut *transaction)
        .await?;
        if may_open.flatten() != Some(true) {
            return Ok(Insertion::Ended);
        }
    }
    let stored = sqlx::query(
        "INSERT INTO sessions (id_hash, user_id, data, created_at, last_seen_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(digest(id))
    .bind(user.map(|user| user.0))
    .bind(data)
    .bind(opened_at)
    .bind(now)
    .bind((now + lifetime.idle).min(opened_at + lifetime.absolute))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(if stored.rows_affected() == 1 { Insertion::Stored } else { Insertion::Taken })
}

/// Writes what a session holds. One that was ended meanwhile stays ended.
///
/// # Errors
/// The database.
pub async fn update(
    pool: &PgPool,
    id: &[u8],
    user: Option<UserId>,
    data: &Value,
    lifetime: Lifetime,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE sessions SET user_id = $2, data = $3, last_seen_at = $4, expires_at = least($5, created_at + $6) \
         WHERE id_hash = $1 AND expires_at > $4",
    )
    .bind(digest(id))
    .bind(user.map(|user| user.0))
    .bind(data)
    .bind(now)
    .bind(now + lifetime.idle)
    .bind(lifetime.absolute)
    .execute(pool)
    .await?;
    Ok(())
}

/// The session, unless it has ended or its owner is suspended: nobody who is gets past here, however they came
/// by it. Counts as a use.
///
/// # Errors
/// The database.
pub async fn load(
    pool: &PgPool,
    id: &[u8],
    lifetime: Lifetime,
    now: OffsetDateTime,
) -> Result<Option<StoredSession>, sqlx::Error> {
    let row: Option<(Value, OffsetDateTime, OffsetDateTime)> = sqlx::query_as(concat!(
        "SELECT data, least(expires_at, last_seen_at + $2), last_seen_at \
         FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE id_hash = $4 AND ",
        holds!()
    ))
    .bind(now)
    .bind(lifetime.idle)
    .bind(lifetime.absolute)
    .bind(digest(id))
    .fetch_optional(pool)
    .await?;
    let Some((data, expires_at, last_seen_at)) = row else { return Ok(None) };
    if last_seen_at + NOTED > now {
        return Ok(Some(StoredSession { data, expires_at }));
    }
    let expires_at = note(pool, &digest(id), lifetime, now).await?;
    Ok(expires_at.map(|expires_at| StoredSession { data, expires_at }))
}

/// Notes that a session is used. Answers when it ends now.
async fn note(
    pool: &PgPool,
    id_hash: &[u8],
    lifetime: Lifetime,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE sessions SET last_seen_at = $2, expires_at = least($3, created_at + $4) \
         WHERE id_hash = $1 RETURNING expires_at",
    )
    .bind(id_hash)
    .bind(now)
    .bind(now + lifetime.idle)
    .bind(lifetime.absolute)
    .fetch_optional(pool)
    .await
}

/// Ends the session.
///
/// # Errors
/// The database.
pub async fn delete(pool: &PgPool, id: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(digest(id)).execute(pool).await?;
    Ok(())
}

/// Removes what has ended or lapsed: sessions, enrolments, offers, links, trust, tokens, attempts older than 31 days.
/// Answers how many rows went.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let mut gone = 0;
    for statement in [
        "DELETE FROM sessions WHERE expires_at <= $1",
        "DELETE FROM enrolments WHERE expires_at <= $1",
        "DELETE FROM authenticator_offers WHERE expires_at <= $1",
        "DELETE FROM recovery_code_offers WHERE expires_at <= $1",
        "DELETE FROM enrolment_links WHERE expires_at <= $1",
        "DELETE FROM trusted_devices WHERE expires_at <= $1",
        // For a month their owner sees why a program stopped.
        "DELETE FROM api_tokens WHERE expires_at <= $1 - interval '30 days'",
        "DELETE FROM email_codes WHERE created_at <= $1 - interval '1 day'",
        "DELETE FROM reset_requests WHERE handled_at <= $1 - interval '1 hour'",
        "DELETE FROM taken_names WHERE at <= $1 - interval '1 hour'",
        "DELETE FROM oidc_spent WHERE expires_at <= $1",
    ] {
        gone += sqlx::query(statement).bind(now).execute(pool).await?.rows_affected();
    }
    let attempts = sqlx::query("DELETE FROM auth_attempts WHERE at <= $1").bind(now - Duration::days(31));
    Ok(gone + attempts.execute(pool).await?.rows_affected())
}

fn digest(id: &[u8]) -> Vec<u8> {
    Sha256::digest(id).to_vec()
}
