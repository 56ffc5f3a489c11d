//! What is done to an account.

use model::types::{Action, AuditDetails, ByteSize, Quota, ResetMade, SessionHandle, UserId, Username};
use sqlx::PgConnection;

use super::{AdminError, remaining};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{enrolment, session},
    mail::{self, Mail, Recipient, SiteLink},
};

/// Gives the account another amount of space. Less than is used takes nothing away: nothing can be
/// added until there is room.
///
/// # Errors
/// [`AdminError::NotFound`]; the database.
pub async fn set_quota(core: &Core, by: By<'_>, id: UserId, quota: Quota) -> Result<(), AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, id).await?;
    let before: i64 = sqlx::query_scalar("SELECT quota_bytes FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_one(&mut *transaction)
        .await?;
    sqlx::query("UPDATE users SET quota_bytes = $2 WHERE id = $1")
        .bind(id.0)
        .bind(i64::try_from(quota.size().bytes()).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await?;
    let before = ByteSize(u64::try_from(before).unwrap_or_default());
    let details = AuditDetails::changed(before.exact(), quota.size().exact());
    record(&mut transaction, core, &Event::new(by, Some(id), Action::QuotaChanged).with(details)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Opens administration to somebody, or closes it.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::LastAdministrator`]; the database.
pub async fn set_role(core: &Core, by: By<'_>, id: UserId, is_admin: bool) -> Result<(), AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, id).await?;
    if !is_admin {
        remaining::refuse_last(&mut transaction, id).await?;
    }
    let was: bool = sqlx::query_scalar("SELECT is_admin FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_one(&mut *transaction)
        .await?;
    sqlx::query("UPDATE users SET is_admin = $2 WHERE id = $1")
        .bind(id.0)
        .bind(is_admin)
        .execute(&mut *transaction)
        .await?;
    let role = |is_admin| if is_admin { "administrator" } else { "member" };
    let details = AuditDetails::changed(role(was), role(is_admin));
    record(&mut transaction, core, &Event::new(by, Some(id), Action::RoleChanged).with(details)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Keeps somebody out: no way in works, and whatever is open ends. Images stay where they are, since
/// other people's pages show them.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::LastAdministrator`]; the database.
pub async fn suspend(core: &Core, by: By<'_>, id: UserId) -> Result<(), AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, id).await?;
    remaining::refuse_last(&mut transaction, id).await?;
    shut_out(&mut transaction, core, id).await?;
    record(&mut transaction, core, &Event::new(by, Some(id), Action::UserSuspended)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Suspends the account. Links to enrol anew end too.
pub(super) async fn shut_out(
    connection: &mut PgConnection,
    core: &Core,
    id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET suspended_at = coalesce(suspended_at, $2) WHERE id = $1")
        .bind(id.0)
        .bind(core.now())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM enrolment_links WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    end_all(connection, id, None).await?;
    Ok(())
}

/// Lets somebody in again, by the ways that they had. What was open before stays ended.
///
/// # Errors
/// [`AdminError::NotFound`], also while the account is being deleted; the database.
pub async fn restore(core: &Core, by: By<'_>, id: UserId) -> Result<(), AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, id).await?;
    sqlx::query("UPDATE users SET suspended_at = NULL WHERE id = $1")
        .bind(id.0)
        .execute(&mut *transaction)
        .await?;
    // A sign-in that was under way when the account was suspended may have left a session behind.
    end_all(&mut transaction, id, None).await?;
    record(&mut transaction, core, &Event::new(by, Some(id), Action::UserReinstated)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Ends every session of the account but `keep`, and the trust in its devices, which would open others.
///
/// # Errors
/// [`AdminError::NotFound`]; the database.
pub async fn end_sessions(
    core: &Core,
    by: By<'_>,
    id: UserId,
    keep: Option<SessionHandle>,
) -> Result<(), AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, id).await?;
    let ended = end_all(&mut transaction, id, keep).await?;
    let event = Event::new(by, Some(id), Action::SessionEnded).with(AuditDetails::counted(ended));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(())
}

async fn end_all(
    connection: &mut PgConnection,
    id: UserId,
    keep: Option<SessionHandle>,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM trusted_devices WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    session::end_all_but(connection, id, keep).await
}

/// Makes a link with which somebody enrols anew, good for a day, and mails it where they have proved
/// an address. Nothing changes until they have finished.
///
/// # Errors
/// [`AdminError::NotFound`], [`crate::auth::AuthError::Suspended`]; the database, randomness.
pub async fn reset(core: &Core, by: By<'_>, id: UserId) -> Result<ResetMade, AdminError> {
    let mut transaction = core.pool.begin().await?;
    let name = hold(&mut transaction, id).await?;
    let token = enrolment::reset_link_in(&mut transaction, core, by, id, &name).await?;
    let link = SiteLink::new(&core.settings, &enrolment::page(&token));
    let address = link.as_str().to_owned();
    let mail = Mail::ResetByAdmin { name, link };
    let mailed_to = match Recipient::verified(&mut transaction, id).await? {
        Some(to) => mail::enqueue(&mut transaction, core, &to, &mail).await?.map(|_| to.address),
        None => None,
    };
    transaction.commit().await?;
    Ok(ResetMade { link: address, mailed_to })
}

/// Decisions about accounts queue here, until the transaction ends; the name. An account that is being
/// deleted is none any more.
pub(super) async fn hold(connection: &mut PgConnection, id: UserId) -> Result<Username, AdminError> {
    remaining::lock(&mut *connection).await?;
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM users WHERE id = $1 AND removed_at IS NULL FOR NO KEY UPDATE")
            .bind(id.0)
            .fetch_optional(connection)
            .await?;
    let name = name.ok_or(AdminError::NotFound)?;
    Ok(name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?)
}
