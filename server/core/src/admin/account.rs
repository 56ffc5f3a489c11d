//! What is done to an account.

use model::types::{Action, AuditDetails, ByteSize, Quota, ResetMade, SessionHandle, UserId, Username};
use sqlx::PgConnection;

use super::{AdminError, remaining, standing};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        email,
        enrolment::{self, Reset},
        session, token, user,
    },
    mail::{self, Mail, Recipient, SiteLink},
};

/// What becomes of an account. What isn't named stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Another amount of space. Less than is used takes nothing away: nothing can be added until there
    /// is room.
    pub quota: Option<Quota>,
    /// Whether administration is open to them.
    pub is_admin: Option<bool>,
    /// Keeps them out: no way in works, and whatever is open ends. Images stay where they are, since
    /// other people's pages show them. Or lets them in again, by the ways that they had; what was open
    /// before stays ended. What is so already isn't done again, nor recorded.
    pub suspended: Option<bool>,
}

/// Changes an account, in everything that `change` names or in nothing.
///
/// # Errors
/// [`AdminError::NotFound`], also while the account is being deleted; [`AdminError::LastAdministrator`];
/// [`crate::auth::AuthError::NotAdministrator`] and [`crate::auth::AuthError::SessionEnded`] for who may no longer; the
/// database.
pub async fn change(core: &Core, by: By<'_>, id: UserId, change: Change) -> Result<(), AdminError> {
    let Change { quota, is_admin, suspended } = change;
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, core, by, id).await?;
    let mut done = Vec::new();
    if let Some(quota) = quota {
        done.extend(set_quota(&mut transaction, id, quota).await?);
    }
    if let Some(is_admin) = is_admin {
        done.extend(set_role(&mut transaction, id, is_admin).await?);
    }
    match suspended {
        Some(true) => done.extend(suspend(&mut transaction, core, id).await?),
        Some(false) => done.extend(restore(&mut transaction, core, id).await?),
        None => {}
    }
    // All that is to end ends before anything is recorded: the log's head is the last to be held.
    let links = match (is_admin, suspended) {
        (Some(false), _) | (_, Some(true)) => {
            Some(enrolment::end_links_of(&mut transaction, core, id).await?)
        }
        _ => None,
    };
    let tokens = match is_admin {
        Some(false) => token::end_administering(&mut transaction, id).await?,
        _ => Vec::new(),
    };
    for (action, details) in done {
        record(&mut transaction, core, &Event::new(by, Some(id), action).with(details)).await?;
    }
    token::record_ended(&mut transaction, core, by, id, tokens).await?;
    if let Some(links) = links {
        enrolment::record_links_ended(&mut transaction, core, by, links).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// What is to be recorded, where something changed.
type Done = Option<(Action, AuditDetails)>;

async fn set_quota(connection: &mut PgConnection, id: UserId, quota: Quota) -> Result<Done, AdminError> {
    let before: i64 = sqlx::query_scalar("SELECT quota_bytes FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_one(&mut *connection)
        .await?;
    let after = i64::try_from(quota.size().bytes()).unwrap_or(i64::MAX);
    if before == after {
        return Ok(None);
    }
    sqlx::query("UPDATE users SET quota_bytes = $2 WHERE id = $1")
        .bind(id.0)
        .bind(after)
        .execute(connection)
        .await?;
    let before = ByteSize(u64::try_from(before).unwrap_or_default());
    let details = AuditDetails::changed(before.exact(), quota.size().exact());
    Ok(Some((Action::QuotaChanged, details)))
}

async fn set_role(connection: &mut PgConnection, id: UserId, is_admin: bool) -> Result<Done, AdminError> {
    let was: bool = sqlx::query_scalar("SELECT is_admin FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_one(&mut *connection)
        .await?;
    if was == is_admin {
        return Ok(None);
    }
    if !is_admin {
        remaining::refuse_last(connection, id).await?;
    }
    sqlx::query("UPDATE users SET is_admin = $2 WHERE id = $1")
        .bind(id.0)
        .bind(is_admin)
        .execute(connection)
        .await?;
    let role = |is_admin| if is_admin { "administrator" } else { "member" };
    Ok(Some((Action::RoleChanged, AuditDetails::changed(role(was), role(is_admin)))))
}

async fn suspend(connection: &mut PgConnection, core: &Core, id: UserId) -> Result<Done, AdminError> {
    if is_suspended(connection, id).await? {
        return Ok(None);
    }
    remaining::refuse_last(connection, id).await?;
    suspend_any(connection, core, id).await
}

/// The same, also of the last administrator.
async fn suspend_any(connection: &mut PgConnection, core: &Core, id: UserId) -> Result<Done, AdminError> {
    if is_suspended(connection, id).await? {
        return Ok(None);
    }
    shut_out(connection, core, id).await?;
    Ok(Some((Action::UserSuspended, AuditDetails::default())))
}

async fn restore(connection: &mut PgConnection, core: &Core, id: UserId) -> Result<Done, AdminError> {
    if !user::reinstate(connection, id).await? {
        return Ok(None);
    }
    // A sign-in that was under way when the account was suspended may have left a session behind, or leave one.
    end_all(connection, core, id, None).await?;
    Ok(Some((Action::UserReinstated, AuditDetails::default())))
}

async fn is_suspended(connection: &mut PgConnection, id: UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT suspended_at IS NOT NULL FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_one(connection)
        .await
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
    end_all(connection, core, id, None).await?;
    Ok(())
}

/// Ends every session of the account but `keep`, and the trust in its devices, which would open others;
/// answers how many sessions.
///
/// # Errors
/// [`AdminError::NotFound`]; the database.
pub async fn end_sessions(
    core: &Core,
    by: By<'_>,
    id: UserId,
    keep: Option<SessionHandle>,
) -> Result<u64, AdminError> {
    let mut transaction = core.pool.begin().await?;
    hold(&mut transaction, core, by, id).await?;
    let ended = end_all(&mut transaction, core, id, keep).await?;
    let event = Event::new(by, Some(id), Action::SessionEnded).with(AuditDetails::counted(ended));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(ended)
}

async fn end_all(
    connection: &mut PgConnection,
    core: &Core,
    id: UserId,
    keep: Option<SessionHandle>,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM trusted_devices WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut *connection)
        .await?;
    session::end_all_but(connection, core, id, keep).await
}

/// Makes a link with which somebody enrols anew, good for a day, and mails it where they have proved
/// an address. Nothing changes until they have finished.
///
/// # Errors
/// [`AdminError::NotFound`], [`crate::auth::AuthError::Suspended`]; the database, randomness.
pub async fn reset(core: &Core, by: By<'_>, id: UserId) -> Result<ResetMade, AdminError> {
    let mut transaction = core.pool.begin().await?;
    let name = hold(&mut transaction, core, by, id).await?;
    let token = enrolment::reset_link_in(&mut transaction, core, by, id, &name, Reset::Plain).await?;
    let link = SiteLink::new(&core.settings, &enrolment::page(&token));
    let address = link.as_str().to_owned();
    let mail = Mail::ResetByAdmin { name, link };
    let mailed_to = match Recipient::verified(&mut transaction, id).await? {
        Some(to) => {
            enrolment::note_mailed(&mut transaction, &token).await?;
            mail::enqueue(&mut transaction, core, &to, &mail).await?.map(|_| to.address)
        }
        None => None,
    };
    transaction.commit().await?;
    Ok(ResetMade { link: address, mailed_to })
}

/// Takes an account out of strange hands: suspends it, ends every way in for good, and makes a link, good for
/// a day, by which its owner enrols anew and is let in again. One that is suspended already gets such a link
/// too. The link is mailed to nobody, and the address forgotten, since the mailbox may be in the same hands
/// and would be a way back into them.
///
/// # Errors
/// [`AdminError::NotFound`]; [`AdminError::LastAdministrator`], who would lock everybody out, unless it is the operator
/// who does this, and has the link; the database, randomness.
pub async fn force_reset(core: &Core, by: By<'_>, id: UserId) -> Result<ResetMade, AdminError> {
    let mut transaction = core.pool.begin().await?;
    let name = hold(&mut transaction, core, by, id).await?;
    let suspended = match by.is_operator() {
        true => suspend_any(&mut transaction, core, id).await?,
        false => suspend(&mut transaction, core, id).await?,
    };
    let links = enrolment::end_links_of(&mut transaction, core, id).await?;
    let forgotten = email::withdraw(&mut transaction, core, by, id).await?;
    let tokens = enrolment::end_ways_in(&mut transaction, core, id).await?;
    // As in [`change`], the log's head is the last to be held.
    if let Some((action, details)) = suspended {
        record(&mut transaction, core, &Event::new(by, Some(id), action).with(details)).await?;
    }
    enrolment::record_links_ended(&mut transaction, core, by, links).await?;
    if let Some(forgotten) = forgotten {
        record(&mut transaction, core, &forgotten).await?;
    }
    token::record_ended(&mut transaction, core, by, id, tokens).await?;
    let token = enrolment::reset_link_in(&mut transaction, core, by, id, &name, Reset::Reinstating).await?;
    transaction.commit().await?;
    let link = SiteLink::new(&core.settings, &enrolment::page(&token)).as_str().to_owned();
    Ok(ResetMade { link, mailed_to: None })
}

/// Decisions about accounts queue here, until the transaction ends; the name. An account that is being
/// deleted is none any more.
///
/// # Errors
/// [`AdminError::NotFound`]; those of [`standing::require`].
pub(super) async fn hold(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'_>,
    id: UserId,
) -> Result<Username, AdminError> {
    remaining::lock(&mut *connection).await?;
    // In their order, as whoever locks two accounts does.
    let mut accounts = [Some(id), by.acting_administrator()];
    accounts.sort_unstable();
    for account in accounts.into_iter().flatten() {
        user::lock(&mut *connection, account).await?;
    }
    standing::require(&mut *connection, core, by).await?;
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM users WHERE id = $1 AND removed_at IS NULL FOR NO KEY UPDATE")
            .bind(id.0)
            .fetch_optional(connection)
            .await?;
    let name = name.ok_or(AdminError::NotFound)?;
    Ok(name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?)
}
