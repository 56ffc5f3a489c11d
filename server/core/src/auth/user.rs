//! Accounts.

use model::types::{ByteSize, Language, Me, Usage, UserId, Username};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::AuthError;
use crate::Core;

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    email: Option<String>,
    email_verified: bool,
    is_admin: bool,
    quota_bytes: i64,
    used_bytes: i64,
    images: i64,
    codes: i64,
}

/// The person with this key.
///
/// # Errors
/// The database; [`sqlx::Error::Decode`] for a stored name that isn't one.
pub async fn me(core: &Core, id: UserId) -> Result<Option<Me>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT name, email, email_verified_at IS NOT NULL AS email_verified, is_admin, quota_bytes, used_bytes, \
         (SELECT count(*) FROM images WHERE owner_id = u.id AND deleted_at IS NULL) AS images, \
         (SELECT count(*) FROM recovery_codes WHERE user_id = u.id AND used_at IS NULL) AS codes \
         FROM users u WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(&core.pool)
    .await?;
    let bytes = |n: i64| ByteSize(u64::try_from(n).unwrap_or_default());
    row.map(|row| {
        Ok(Me {
            id,
            name: row.name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            email: row.email.and_then(|address| address.parse().ok()),
            email_verified: row.email_verified,
            is_admin: row.is_admin,
            usage: Usage { used: bytes(row.used_bytes), quota: bytes(row.quota_bytes), images: row.images },
            recovery_codes_left: row.codes,
        })
    })
    .transpose()
}

/// Whether anybody has an account.
///
/// # Errors
/// The database.
pub async fn any(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)").fetch_one(executor).await
}

/// The key of the person with this name.
///
/// # Errors
/// The database.
pub async fn find(core: &Core, name: &Username) -> Result<Option<UserId>, sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM users WHERE name_folded = $1")
        .bind(name.folded())
        .fetch_optional(&core.pool)
        .await?;
    Ok(id.map(UserId))
}

/// The name of the person with this key.
///
/// # Errors
/// The database; [`sqlx::Error::Decode`] for a stored name that isn't one.
pub async fn name(core: &Core, id: UserId) -> Result<Option<Username>, sqlx::Error> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&core.pool)
        .await?;
    name.map(|name| name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))).transpose()
}

/// Keeps what somebody reads, for mails. To be done before anything else in the transaction that
/// changes what is theirs: everybody else locks the account first as well.
pub(super) async fn keep_language(
    connection: &mut PgConnection,
    id: UserId,
    language: Language,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET language = $2 WHERE id = $1 AND language IS DISTINCT FROM $2")
        .bind(id.0)
        .bind(language.tag())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether this person administers the instance.
///
/// # Errors
/// The database.
pub async fn is_administrator(core: &Core, id: UserId) -> Result<bool, sqlx::Error> {
    let found: Option<bool> =
        sqlx::query_scalar("SELECT is_admin FROM users WHERE id = $1 AND suspended_at IS NULL")
            .bind(id.0)
            .fetch_optional(&core.pool)
            .await?;
    Ok(found.unwrap_or_default())
}

/// Refuses whoever is suspended. To be asked once somebody has shown who they are, never before:
/// strangers must not learn which accounts there are.
pub(crate) async fn admit(executor: impl PgExecutor<'_>, id: UserId) -> Result<(), AuthError> {
    let suspended: Option<bool> =
        sqlx::query_scalar("SELECT suspended_at IS NOT NULL FROM users WHERE id = $1")
            .bind(id.0)
            .fetch_optional(executor)
            .await?;
    if suspended == Some(true) { Err(AuthError::Suspended) } else { Ok(()) }
}

/// Changes of how somebody signs in queue here, until the transaction ends.
pub(crate) async fn lock(connection: &mut PgConnection, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(id.0).execute(connection).await?;
    Ok(())
}

/// Lets somebody in again; whether they were suspended.
pub(crate) async fn reinstate(connection: &mut PgConnection, id: UserId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE users SET suspended_at = NULL WHERE id = $1 AND suspended_at IS NOT NULL")
        .bind(id.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
