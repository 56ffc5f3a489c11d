//! A person sees what is left of their recovery codes, and makes new ones.
//!
//! New ones are good as soon as one of them has been typed back, and the old ones until then: whoever
//! closes the page in between, or whose printer jams, still has codes that work.

use model::types::{Action, MaskedRecoveryCode, RecoveryCode, RecoveryCodesOffer, RecoveryStatus, UserId};
use sqlx::types::Json;
use time::OffsetDateTime;

use super::{StoredCode, find, generate, replace};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError,
        one_time::{OFFERED, digest, new_token, stands},
        stretching::Whose,
        user,
    },
    rfc3339,
};

#[derive(sqlx::FromRow)]
struct Row {
    hint: String,
    created_at: OffsetDateTime,
    used_at: Option<OffsetDateTime>,
}

/// The recovery codes of `user`, as far as anybody can still tell.
///
/// # Errors
/// The database.
pub async fn status(core: &Core, user: UserId) -> Result<RecoveryStatus, AuthError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT hint, created_at, used_at FROM recovery_codes WHERE user_id = $1 ORDER BY id")
            .bind(user.0)
            .fetch_all(&core.pool)
            .await?;
    Ok(RecoveryStatus {
        created_at: rows.first().map(|row| rfc3339(row.created_at)),
        codes: rows
            .into_iter()
            .map(|row| MaskedRecoveryCode { hint: row.hint, used_at: row.used_at.map(rfc3339) })
            .collect(),
    })
}

/// Makes ten codes, which wait for ten minutes. Codes offered before can't be confirmed any more.
///
/// # Errors
/// [`AuthError::TooManyAttempts`] while others are made or typed back; [`AuthError::NoRoom`]; the database, randomness.
pub async fn begin(core: &Core, user: UserId) -> Result<RecoveryCodesOffer, AuthError> {
    let room = core.stretching.room(Whose::Owner(user)).await?;
    // Hashing takes a while.
    let asked = core.now();
    let (codes, stored) = generate(&core.keys, &core.random, user, room).await?;
    let ticket = new_token(&core.random)?;
    sqlx::query(
        "INSERT INTO recovery_code_offers (user_id, ticket_hash, codes, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE \
         SET ticket_hash = excluded.ticket_hash, codes = excluded.codes, expires_at = excluded.expires_at",
    )
    .bind(user.0)
    .bind(digest(&ticket))
    .bind(Json(stored))
    .bind(asked + OFFERED)
    .execute(&core.pool)
    .await?;
    Ok(RecoveryCodesOffer { ticket, codes })
}

/// Takes one of the offered codes back, without using it up: from now on they are good, and the old
/// ones aren't.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`], after which the offer still stands;
/// [`AuthError::EnrolmentExpired`]; [`AuthError::TooManyAttempts`] and [`AuthError::NoRoom`] as with [`begin`]; the
/// database.
pub async fn confirm(
    core: &Core,
    by: By<'_>,
    user: UserId,
    ticket: &str,
    typed: RecoveryCode,
) -> Result<(), AuthError> {
    let now = core.now();
    let offered: Option<Json<Vec<StoredCode>>> = sqlx::query_scalar(concat!(
        "SELECT codes FROM recovery_code_offers WHERE user_id = $1 AND ticket_hash = $2 AND ",
        stands!()
    ))
    .bind(user.0)
    .bind(digest(ticket))
    .bind(now)
    .bind(OFFERED)
    .fetch_optional(&core.pool)
    .await?;
    let Json(codes) = offered.ok_or(AuthError::EnrolmentExpired)?;
    let room = core.stretching.room(Whose::Owner(user)).await?;
    if find(&core.keys, user, typed, &codes, room).await?.is_none() {
        return Err(AuthError::WrongRecoveryCode);
    }
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let taken = sqlx::query("DELETE FROM recovery_code_offers WHERE user_id = $1 AND ticket_hash = $2")
        .bind(user.0)
        .bind(digest(ticket))
        .execute(&mut *transaction)
        .await?;
    if taken.rows_affected() == 0 {
        return Err(AuthError::EnrolmentExpired);
    }
    replace(&mut transaction, core, user, &codes).await?;
    record(&mut transaction, core, &Event::new(by, Some(user), Action::RecoveryCodesRegenerated)).await?;
    transaction.commit().await?;
    Ok(())
}
