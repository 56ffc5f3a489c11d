//! Telling that an account asks for two codes from now on.
//!
//! The try that brings it about writes it down, whoever is named. It is recorded beside the request, with
//! the alert that belongs to it: only somebody's account has an owner to be told, which must not show in
//! the time that the try takes.

use model::types::{Action, AuditDetails, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AuthError, Client};
use crate::{
    Core,
    audit::{By, Event, record},
};

/// Writes down that so many codes failed at the account of `user`, or nobody's, the last one from `client`.
///
/// # Errors
/// The database, randomness.
pub(crate) async fn write_down(
    connection: &mut PgConnection,
    core: &Core,
    user: Option<UserId>,
    client: &Client,
    failures: usize,
) -> Result<(), AuthError> {
    let now = core.now();
    sqlx::query(
        "INSERT INTO step_ups (id, user_id, failures, address, agent, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(core.random.uuid_v7(now)?)
    .bind(user.map(|user| user.0))
    .bind(i32::try_from(failures).unwrap_or(i32::MAX))
    .bind(client.address.to_string())
    .bind(client.agent.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Has it told, once what was [written down](write_down) is committed.
pub(super) fn tell(core: &Core) {
    core.beside("telling of accounts that ask for two codes", |core| async move { record_all(&core).await });
}

#[derive(sqlx::FromRow)]
struct StepUp {
    user_id: Option<Uuid>,
    failures: i32,
    address: String,
    agent: String,
}

/// Records what was written down and isn't recorded yet; how much that was. Any number of nodes may do so at once.
///
/// # Errors
/// The database, a mail that can't be written.
pub async fn record_all(core: &Core) -> Result<u64, AuthError> {
    let mut recorded = 0;
    loop {
        let mut transaction = core.pool.begin().await?;
        let next: Option<StepUp> = sqlx::query_as(
            "DELETE FROM step_ups WHERE id = (SELECT id FROM step_ups ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) \
             RETURNING user_id, failures, address, agent",
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(next) = next else { return Ok(recorded) };
        let client = Client::recalled(&next.address, &next.agent);
        let by = client.as_ref().map_or(By::SYSTEM, By::visitor);
        let event = Event::new(by, next.user_id.map(UserId), Action::SteppedUp);
        let failures = u64::try_from(next.failures).unwrap_or_default();
        record(&mut transaction, core, &event.with(AuditDetails::counted(failures))).await?;
        transaction.commit().await?;
        recorded += 1;
    }
}

/// Until everything that was written down is recorded: the task beside the request may be at it.
#[cfg(test)]
pub(crate) async fn settled(core: &Core) {
    record_all(core).await.unwrap();
    loop {
        let open: i64 =
            sqlx::query_scalar("SELECT count(*) FROM step_ups").fetch_one(&core.pool).await.unwrap();
        if open == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}
