//! A person sees, names and removes their authenticators.

use model::types::{Action, AuditDetails, Authenticator, AuthenticatorId, Label, SessionHandle, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::name_taken;
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{AuthError, named, session, user},
    rfc3339,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    created_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
}

/// The authenticators of `user`, the oldest first.
///
/// # Errors
/// The database.
pub async fn list(core: &Core, user: UserId) -> Result<Vec<Authenticator>, AuthError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, created_at, last_used_at FROM totp_credentials WHERE user_id = $1 ORDER BY created_at, id",
    )
    .bind(user.0)
    .fetch_all(&core.pool)
    .await?;
    let now = core.now();
    let authenticator = |row: Row| Authenticator {
        id: AuthenticatorId(row.id),
        name: row.name,
        created_at: rfc3339(row.created_at),
        last_used_at: row.last_used_at.map(rfc3339),
        rotation: core.settings.rotation.judge(row.created_at, now),
    };
    Ok(rows.into_iter().map(authenticator).collect())
}

/// Calls an authenticator of `user` by another name; `false` if there is no such authenticator.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database.
pub async fn rename(
    core: &Core,
    by: By<'_>,
    user: UserId,
    id: AuthenticatorId,
    name: &Label,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let before = named::rename(&mut transaction, "totp_credentials", user, id.0, name).await;
    let before = before.map_err(name_taken)?;
    let Some(before) = before else { return Ok(false) };
    let event = Event::new(by, Some(user), Action::AuthenticatorRenamed);
    record(&mut transaction, core, &event.with(AuditDetails::changed(before, name.as_str()))).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Removes an authenticator of `user` and ends their sessions but `keep`; `false` if there is no such
/// authenticator.
///
/// # Errors
/// [`AuthError::LastAuthenticator`]; the database.
pub async fn remove(
    core: &Core,
    by: By<'_>,
    user: UserId,
    keep: Option<SessionHandle>,
    id: AuthenticatorId,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let all: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM totp_credentials WHERE user_id = $1")
        .bind(user.0)
        .fetch_all(&mut *transaction)
        .await?;
    if !all.contains(&id.0) {
        return Ok(false);
    }
    if all.len() == 1 {
        return Err(AuthError::LastAuthenticator);
    }
    let name: String = sqlx::query_scalar("DELETE FROM totp_credentials WHERE id = $1 RETURNING name")
        .bind(id.0)
        .fetch_one(&mut *transaction)
        .await?;
    session::end_all_but(&mut transaction, core, user, keep).await?;
    let event = Event::new(by, Some(user), Action::AuthenticatorRemoved).with(AuditDetails::named(name));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(true)
}
