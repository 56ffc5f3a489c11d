//! From a secret that is shown to an authenticator.
//!
//! The ticket is proof that a fresh code was given when the offer was made; confirming needs no other
//! one. Wrong codes aren't counted: whoever holds the ticket has been shown the secret.

use model::types::{
    Action, AuditDetails, AuthenticatorId, AuthenticatorOffer, InvalidLabel, Label, SessionHandle, TotpCode,
    UserId,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{insert, refuse_full};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError,
        one_time::{OFFERED, digest, new_token, offered_seconds, stands},
        qr, session,
        totp::{TotpSecret, Verdict},
        user,
    },
    keys::Sealed,
    rfc3339,
};

/// Makes the secret of one more authenticator and keeps it sealed for ten minutes. What would refuse
/// it in the end refuses it here already.
///
/// # Errors
/// [`AuthError::TooManyAuthenticators`], [`AuthError::NameTaken`]; the database, randomness.
pub async fn begin(core: &Core, user: UserId, name: Label) -> Result<AuthenticatorOffer, AuthError> {
    let mut connection = core.pool.acquire().await?;
    refuse_full(&mut connection, user).await?;
    let taken: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM totp_credentials WHERE user_id = $1 AND lower(name) = lower($2))",
    )
    .bind(user.0)
    .bind(name.as_str())
    .fetch_one(&mut *connection)
    .await?;
    if taken {
        return Err(AuthError::NameTaken);
    }
    drop(connection);
    offer(core, user, name, None).await
}

/// Makes another secret for an authenticator of `user`, which stays as it is until the new one is
/// confirmed; `None` if there is no such authenticator.
///
/// # Errors
/// The database, randomness.
pub async fn rotate(
    core: &Core,
    user: UserId,
    id: AuthenticatorId,
) -> Result<Option<AuthenticatorOffer>, AuthError> {
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM totp_credentials WHERE id = $1 AND user_id = $2")
            .bind(id.0)
            .bind(user.0)
            .fetch_optional(&core.pool)
            .await?;
    let Some(name) = name else { return Ok(None) };
    let name = name.parse().map_err(|error: InvalidLabel| sqlx::Error::Decode(Box::new(error)))?;
    offer(core, user, name, Some(id)).await.map(Some)
}

async fn offer(
    core: &Core,
    user: UserId,
    name: Label,
    replaces: Option<AuthenticatorId>,
) -> Result<AuthenticatorOffer, AuthError> {
    let now = core.now();
    let account = user::name(core, user).await?.ok_or(AuthError::EnrolmentExpired)?;
    let secret = TotpSecret::generate(&core.random)?;
    let sealed = secret.seal(&core.keys, &core.random, user)?;
    let ticket = new_token(&core.random)?;
    sqlx::query(
        "INSERT INTO authenticator_offers (ticket_hash, user_id, replaces, name, key_id, sealed, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(digest(&ticket))
    .bind(user.0)
    .bind(replaces.map(|id| id.0))
    .bind(name.as_str())
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(now + OFFERED)
    .execute(&core.pool)
    .await?;
    // Some apps overwrite an entry of the same name without asking, and the old secret has to last
    // until this one is confirmed: github.com/google/google-authenticator/wiki/Conflicting-Accounts
    let entry = format!("{account} {}", rfc3339(now).date());
    let secret = qr::forms(core, &secret, &entry)?;
    Ok(AuthenticatorOffer { ticket, account, name, secret, expires_in: offered_seconds() })
}

#[derive(sqlx::FromRow)]
struct Offered {
    replaces: Option<Uuid>,
    name: String,
    key_id: String,
    sealed: Vec<u8>,
}

/// Takes the first code of what was offered: from now on it signs in, and what it replaces no longer
/// does. Ends the sessions of `user` but `keep`. The code that was typed is spent.
///
/// # Errors
/// [`AuthError::WrongCode`], after which the offer still stands; [`AuthError::EnrolmentExpired`] also
/// when what it replaces is gone; [`AuthError::TooManyAuthenticators`], [`AuthError::NameTaken`]; the
/// database.
pub async fn confirm(
    core: &Core,
    by: By<'_>,
    user: UserId,
    keep: Option<SessionHandle>,
    ticket: &str,
    code: TotpCode,
) -> Result<AuthenticatorId, AuthError> {
    let now = core.now();
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let Offered { replaces, name, key_id, sealed } = take(core, &mut transaction, user, ticket).await?;
    let sealed = Sealed { key_id, bytes: sealed };
    let Verdict::Accepted { step } = TotpSecret::open(&core.keys, user, &sealed)?.check(code, now, 0) else {
        return Err(AuthError::WrongCode);
    };
    let action = match replaces {
        Some(old) => {
            sqlx::query("DELETE FROM totp_credentials WHERE id = $1")
                .bind(old)
                .execute(&mut *transaction)
                .await?;
            Action::AuthenticatorRotated
        }
        None => {
            refuse_full(&mut transaction, user).await?;
            Action::AuthenticatorAdded
        }
    };
    let id = insert(&mut transaction, core, user, &name, &sealed, step).await?;
    session::end_all_but(&mut transaction, core, user, keep).await?;
    let event = Event::new(by, Some(user), action).with(AuditDetails::named(name));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(id)
}

/// The offer, which is gone if the transaction commits.
async fn take(
    core: &Core,
    connection: &mut PgConnection,
    user: UserId,
    ticket: &str,
) -> Result<Offered, AuthError> {
    let offered = sqlx::query_as(concat!(
        "DELETE FROM authenticator_offers WHERE ticket_hash = $1 AND user_id = $2 AND ",
        stands!(),
        " RETURNING replaces, name, key_id, sealed"
    ))
    .bind(digest(ticket))
    .bind(user.0)
    .bind(core.now())
    .bind(OFFERED)
    .fetch_optional(connection)
    .await?;
    offered.ok_or(AuthError::EnrolmentExpired)
}
