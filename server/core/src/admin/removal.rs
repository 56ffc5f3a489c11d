//! Deleting an account with all that is its own.
//!
//! First a mark, which is what was asked for and lasts: from then on nobody signs in and nothing is
//! uploaded. Then the images go in batches, each as when its owner deletes it for good, and at last
//! the account with whatever refers to it. A node that dies on the way leaves the mark for another.

use std::time::Duration;

use model::types::{Action, SessionHandle, UserId};

use super::{
    AdminError,
    account::{hold, shut_out},
    remaining,
};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError, enrolment,
        session::{self, Lifetime},
    },
    images::library,
    jobs::{self, Job},
};

/// How long a process that was asked has it to itself.
const TAKEN_OVER: time::Duration = time::Duration::minutes(1);
/// How long whoever asked waits for the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Deletes the account; `typed` is its name, to confirm, and `asked_in` the session of the account itself in
/// which that is asked, if it is. When this answers it is certain, and mostly done.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::OtherName`], [`AdminError::LastAdministrator`];
/// [`AuthError::SessionEnded`]; the database.
pub async fn remove(
    core: &Core,
    by: By<'_>,
    id: UserId,
    typed: &str,
    asked_in: Option<SessionHandle>,
) -> Result<(), AdminError> {
    let (now, lifetime) = (core.now(), Lifetime::of(&*core.policy().await?));
    let mut transaction = core.pool.begin().await?;
    let name = hold(&mut transaction, core, by, id).await?;
    // Whoever was put out meanwhile decides nothing any more.
    if let Some(session) = asked_in
        && !session::holds(&mut transaction, id, session, lifetime, now).await?
    {
        return Err(AuthError::SessionEnded.into());
    }
    if typed.trim().to_lowercase() != name.folded() {
        return Err(AdminError::OtherName);
    }
    remaining::refuse_last(&mut transaction, id).await?;
    shut_out(&mut transaction, core, id).await?;
    sqlx::query("UPDATE users SET removed_at = $2, is_admin = false WHERE id = $1")
        .bind(id.0)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    let links = enrolment::end_links_of(&mut transaction, core, id).await?;
    record(&mut transaction, core, &Event::new(by, Some(id), Action::AccountDeleted)).await?;
    enrolment::record_links_ended(&mut transaction, core, by, links).await?;
    // Whoever asked sees to it now; another process does, should this one end.
    jobs::enqueue(&mut transaction, Job::RemoveAccount(id), now + TAKEN_OVER).await?;
    transaction.commit().await?;
    let on_its_own = core.clone();
    let end = tokio::spawn(async move {
        if let Err(error) = remove_rest(&on_its_own, id).await {
            tracing::warn!(%error, "deleting an account; it goes on later");
        }
    });
    let _ = tokio::time::timeout(PATIENCE, end).await;
    Ok(())
}

/// Deletes what is left of an account that is to go. Any number of nodes may do so at once; answers 1, or 0 if
/// another was first.
///
/// # Errors
/// The database.
pub async fn remove_rest(core: &Core, id: UserId) -> Result<u64, AdminError> {
    loop {
        library::purge_everything(core, id).await?;
        let mut transaction = core.pool.begin().await?;
        // An upload that had begun before the mark takes this lock for its row: it has ended, or will
        // find no owner.
        let email: Option<Option<String>> =
            sqlx::query_scalar("SELECT email FROM users WHERE id = $1 FOR UPDATE")
                .bind(id.0)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(email) = email else { return Ok(0) };
        let late: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM images WHERE owner_id = $1)")
            .bind(id.0)
            .fetch_one(&mut *transaction)
            .await?;
        if late {
            continue;
        }
        sqlx::query("UPDATE spent_slugs SET owner_id = NULL WHERE owner_id = $1")
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM users WHERE id = $1").bind(id.0).execute(&mut *transaction).await?;
        // What was mailed, unless the address is somebody else's as well. What waits is sent first: it may say
        // that somebody else did this.
        sqlx::query(
            "DELETE FROM mail_outbox WHERE lower(recipient) = lower($1) AND finished_at IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM users WHERE lower(email) = lower($1))",
        )
        .bind(email)
        .execute(&mut *transaction)
        .await?;
        jobs::finished(&mut transaction, Job::RemoveAccount(id)).await?;
        transaction.commit().await?;
        return Ok(1);
    }
}
