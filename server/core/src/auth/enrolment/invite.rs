//! Links for people whose names aren't known yet.

use model::types::{ByteSize, Invite, InviteId, InviteTerms, SignUpMode, UserId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::link::{self, Purpose};
use crate::{
    Core,
    auth::AuthError,
    challenge::{SignUp, Solved},
    rfc3339,
};

/// How long one who came by the sign-up page may take.
const SIGN_UP: Duration = Duration::HOUR;

/// A one-time link with which somebody makes an account, made by an administrator. Also where
/// sign-up is closed: administrators add accounts there.
///
/// # Errors
/// The database, randomness.
pub async fn invite(core: &Core, by: UserId, terms: &InviteTerms) -> Result<String, AuthError> {
    let purpose = Purpose::Invite {
        quota: terms.quota,
        note: terms.note.as_ref().map(|note| note.as_str().to_owned()),
        by: Some(by),
    };
    let days = Duration::days(terms.days.clamp(1, InviteTerms::MOST_DAYS).into());
    link::insert(&mut *core.pool.acquire().await?, &purpose, core.now(), days).await
}

/// The way on from the sign-up page: a link like an invite, good for an hour.
///
/// # Errors
/// [`AuthError::SignUpClosed`] unless sign-up is open; the database, randomness.
pub async fn sign_up(core: &Core, _: Solved<SignUp>) -> Result<String, AuthError> {
    if core.policy().await?.sign_up != SignUpMode::Open {
        return Err(AuthError::SignUpClosed);
    }
    link::insert(&mut *core.pool.acquire().await?, &Purpose::SignUp, core.now(), SIGN_UP).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    note: Option<String>,
    quota_bytes: Option<i64>,
    invited_by: Option<String>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

/// The invites that are still good, the newest first.
///
/// # Errors
/// The database.
pub async fn invites(core: &Core) -> Result<Vec<Invite>, AuthError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT l.id, l.note, l.quota_bytes, u.name AS invited_by, l.created_at, l.expires_at \
         FROM enrolment_links l LEFT JOIN users u ON u.id = l.invited_by \
         WHERE l.kind = 'invite' AND l.expires_at > $1 ORDER BY l.created_at DESC, l.id",
    )
    .bind(core.now())
    .fetch_all(&core.pool)
    .await?;
    let invite = |row: Row| Invite {
        id: InviteId(row.id),
        note: row.note,
        quota: row.quota_bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(ByteSize),
        invited_by: row.invited_by.and_then(|name| name.parse().ok()),
        created_at: rfc3339(row.created_at),
        expires_at: rfc3339(row.expires_at),
    };
    Ok(rows.into_iter().map(invite).collect())
}

/// Takes an invite back; `false` if it was used or never was.
///
/// # Errors
/// The database.
pub async fn revoke_invite(core: &Core, id: InviteId) -> Result<bool, AuthError> {
    let revoked = sqlx::query("DELETE FROM enrolment_links WHERE id = $1 AND kind = 'invite'")
        .bind(id.0)
        .execute(&core.pool)
        .await?;
    Ok(revoked.rows_affected() > 0)
}
