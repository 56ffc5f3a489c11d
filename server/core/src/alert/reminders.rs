//! Secrets that have become old.

use model::types::{Rotation, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Core,
    auth::AuthError,
    mail::{self, Line, Mail, Recipient},
};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    account: String,
    authenticator: String,
    created_at: OffsetDateTime,
}

/// Reminds of secrets that are worth renewing: once when one is, and once more when it has been for
/// long. Whoever has no address, and everybody while no mail server is set, is reminded as soon as that
/// changes. Answers how many were; any number of nodes may do so at once.
///
/// # Errors
/// The database, a mail that can't be written.
pub async fn remind(core: &Core) -> Result<u64, AuthError> {
    if !core.mail_enabled() {
        return Ok(0);
    }
    let mut reminded = 0;
    while remind_next(core).await? {
        reminded += 1;
    }
    Ok(reminded)
}

async fn remind_next(core: &Core) -> Result<bool, AuthError> {
    let (now, policy) = (core.now(), core.settings.rotation);
    let mut transaction = core.pool.begin().await?;
    let next: Option<Row> = sqlx::query_as(
        "SELECT c.id, c.user_id, u.name AS account, c.name AS authenticator, c.created_at \
         FROM totp_credentials c JOIN users u ON u.id = c.user_id AND u.email IS NOT NULL \
         WHERE (c.created_at <= $1 AND c.reminded < $3) OR (c.created_at <= $2 AND c.reminded < $4) \
         ORDER BY c.created_at LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED",
    )
    .bind(policy.made_before(Rotation::Due, now))
    .bind(policy.made_before(Rotation::Overdue, now))
    .bind(stage(Rotation::Due))
    .bind(stage(Rotation::Overdue))
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(row) = next else { return Ok(false) };
    let rotation = policy.judge(row.created_at, now);
    sqlx::query("UPDATE totp_credentials SET reminded = $2 WHERE id = $1")
        .bind(row.id)
        .bind(stage(rotation))
        .execute(&mut *transaction)
        .await?;
    let to = Recipient::of(&mut transaction, UserId(row.user_id)).await?;
    if let (Some(to), Ok(name)) = (to, row.account.parse()) {
        let mail = Mail::RotationDue {
            name,
            authenticator: Line::new(&row.authenticator),
            since: row.created_at,
            overdue: rotation == Rotation::Overdue,
        };
        mail::enqueue(&mut transaction, core, &to, &mail).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// How far somebody has been reminded, as it is stored.
const fn stage(rotation: Rotation) -> i16 {
    match rotation {
        Rotation::Fresh => 0,
        Rotation::Due => 1,
        Rotation::Overdue => 2,
    }
}
