//! Deleting an account with all that is its own.
//!
//! First a mark, which is what was asked for and lasts: from then on nobody signs in and nothing is
//! uploaded. Then the images go in batches, each as when its owner deletes it for good, and at last
//! the account with whatever refers to it. A node that dies on the way leaves the mark for another.

use std::time::Duration;

use model::types::{Action, SessionHandle, UserId};
use uuid::Uuid;

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
};

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
    transaction.commit().await?;
    let on_its_own = core.clone();
    let end = tokio::spawn(async move {
        if let Err(error) = finish(&on_its_own, id).await {
            tracing::warn!(%error, "deleting an account; it goes on with the next sweep");
        }
    });
    let _ = tokio::time::timeout(PATIENCE, end).await;
    Ok(())
}

/// Deletes what is left of accounts that are to go. Any number of nodes may do so at once; answers
/// how many went.
///
/// # Errors
/// The database.
pub async fn carry_on(core: &Core) -> Result<u64, AdminError> {
    let going: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM users WHERE removed_at IS NOT NULL ORDER BY id")
            .fetch_all(&core.pool)
            .await?;
    let mut gone = 0;
    for id in going {
        match finish(core, UserId(id)).await {
            Ok(count) => gone += count,
            // The others don't wait for it.
            Err(error) => tracing::warn!(%error, "deleting an account; it goes on with the next sweep"),
        }
    }
    Ok(gone)
}

/// Deletes what is left of one of them; 0 if another node was first.
async fn finish(core: &Core, id: UserId) -> Result<u64, AdminError> {
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
        transaction.commit().await?;
        return Ok(1);
    }
}
