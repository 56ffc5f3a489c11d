//! Sessions as rows; the process adapts them to its session middleware.

use model::types::UserId;
use sqlx::PgPool;
use time::OffsetDateTime;

/// A session as it is stored. The id itself never is, only its SHA-256.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// The middleware's data.
    pub data: serde_json::Value,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Stores a new session; `false` if the id exists.
pub async fn insert(
    _pool: &PgPool,
    _id: &[u8],
    _user: Option<UserId>,
    _session: &StoredSession,
    _now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    unimplemented!()
}

/// Overwrites or stores a session.
pub async fn upsert(
    _pool: &PgPool,
    _id: &[u8],
    _user: Option<UserId>,
    _session: &StoredSession,
    _now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    unimplemented!()
}

/// The session, unless it ended.
pub async fn load(
    _pool: &PgPool,
    _id: &[u8],
    _now: OffsetDateTime,
) -> Result<Option<StoredSession>, sqlx::Error> {
    unimplemented!()
}

/// Ends the session.
pub async fn delete(_pool: &PgPool, _id: &[u8]) -> Result<(), sqlx::Error> {
    unimplemented!()
}

/// Removes what has ended or lapsed: sessions, enrolments, links, attempts older than 31 days.
pub async fn sweep(_pool: &PgPool, _now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    unimplemented!()
}
