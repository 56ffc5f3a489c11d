//! A person sees, names and forgets their own devices.

use model::types::{Action, AuditDetails, DeviceId, Label, SessionHandle, TrustedDevice, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

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
    address: String,
    created_at: OffsetDateTime,
    last_used_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

/// The devices that `user` trusts, the last used first.
///
/// # Errors
/// The database.
pub async fn list(
    core: &Core,
    user: UserId,
    current: Option<DeviceId>,
) -> Result<Vec<TrustedDevice>, AuthError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, address, created_at, last_used_at, expires_at FROM trusted_devices \
         WHERE user_id = $1 AND expires_at > $2 ORDER BY last_used_at DESC, id DESC",
    )
    .bind(user.0)
    .bind(core.now())
    .fetch_all(&core.pool)
    .await?;
    let device = |row: Row| TrustedDevice {
        id: DeviceId(row.id),
        name: row.name,
        address: row.address,
        created_at: rfc3339(row.created_at),
        last_used_at: rfc3339(row.last_used_at),
        expires_at: rfc3339(row.expires_at),
        current: Some(DeviceId(row.id)) == current,
    };
    Ok(rows.into_iter().map(device).collect())
}

/// Calls a device of `user` by another name; `false` if there is no such device.
///
/// # Errors
/// The database.
pub async fn rename(
    core: &Core,
    by: By<'_>,
    user: UserId,
    device: DeviceId,
    name: &Label,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let before = named::rename(&mut transaction, "trusted_devices", user, device.0, name).await?;
    let Some(before) = before else { return Ok(false) };
    let event = Event::new(by, Some(user), Action::DeviceRenamed);
    record(&mut transaction, core, &event.with(AuditDetails::changed(before, name.as_str()))).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends the trust in a device of `user`, and what was opened by it except for `keep`; `false` if there is no such
/// device.
///
/// # Errors
/// The database.
pub async fn revoke(
    core: &Core,
    by: By<'_>,
    user: UserId,
    device: DeviceId,
    keep: Option<SessionHandle>,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let name: Option<String> =
        sqlx::query_scalar("DELETE FROM trusted_devices WHERE id = $1 AND user_id = $2 RETURNING name")
            .bind(device.0)
            .bind(user.0)
            .fetch_optional(&mut *transaction)
            .await?;
    session::end_of_device(&mut transaction, core, user, Some(device), keep).await?;
    let revoked = name.is_some();
    if let Some(name) = name {
        record(&mut transaction, core, &revoked_event(by, user, name)).await?;
    }
    transaction.commit().await?;
    Ok(revoked)
}

/// Ends the trust in all devices of `user`, and what was opened by them, except for `keep`.
///
/// # Errors
/// The database.
pub async fn revoke_all(
    core: &Core,
    by: By<'_>,
    user: UserId,
    keep: Option<SessionHandle>,
) -> Result<(), AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let names: Vec<String> =
        sqlx::query_scalar("DELETE FROM trusted_devices WHERE user_id = $1 RETURNING name")
            .bind(user.0)
            .fetch_all(&mut *transaction)
            .await?;
    session::end_of_device(&mut transaction, core, user, None, keep).await?;
    for name in names {
        record(&mut transaction, core, &revoked_event(by, user, name)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

pub(super) fn revoked_event(by: By<'_>, user: UserId, name: String) -> Event<'_> {
    Event::new(by, Some(user), Action::DeviceRevoked).with(AuditDetails::named(name))
}
