//! A way back by mail, for whoever has lost phone and recovery codes.
//!
//! Asking answers the same in the same time whether an address is somebody's or not: the request is
//! written down, and what comes of it happens beside it.

use model::types::{Action, EmailAddress, UserId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    AuthError, Client, enrolment,
    policy::{Budget, address_key},
};
use crate::{
    Core,
    audit::{By, Event, record},
    challenge::{Reset, Solved},
    db,
    mail::{self, Mail, Occasion, Recipient, SiteLink},
};

/// How long a mailed link is good.
const VALID: Duration = Duration::minutes(30);
/// Mails to one address. What was answered with none doesn't count, or strangers who go on asking would close the
/// way back for good.
const ADDRESSEE: Budget = Budget { failures: 3, window: Duration::HOUR };
/// Requests of one client.
const CLIENT: Budget = Budget { failures: 10, window: Duration::HOUR };
/// Accounts of one address that get a link.
const ACCOUNTS: i64 = 5;

/// Asks for a link to every account that has proved the address `to`. What comes of it isn't told.
///
/// # Errors
/// [`AuthError::TooManyAttempts`] after ten requests an hour of one client, [`AuthError::NoMail`]
/// where no mail server is set; the database, randomness.
pub async fn request(
    core: &Core,
    client: &Client,
    to: &EmailAddress,
    _: Solved<Reset>,
) -> Result<(), AuthError> {
    if core.settings.mail.is_none() {
        return Err(AuthError::NoMail);
    }
    let (now, address) = (core.now(), address_key(client.address));
    let mut transaction = core.pool.begin().await?;
    db::lock(&mut transaction, address.as_bytes()).await?;
    let asked: Vec<OffsetDateTime> =
        sqlx::query_scalar("SELECT created_at FROM reset_requests WHERE address = $1 AND created_at > $2")
            .bind(&address)
            .bind(CLIENT.since(now))
            .fetch_all(&mut *transaction)
            .await?;
    if let Some(retry_after) = CLIENT.wait(&asked, now) {
        return Err(AuthError::TooManyAttempts { retry_after });
    }
    sqlx::query(
        "INSERT INTO reset_requests (id, email, language, address, agent, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(core.random.uuid_v7(now)?)
    .bind(to.as_str())
    .bind(client.language.tag())
    .bind(address)
    .bind(client.agent.as_str())
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    core.beside("answering requests for a way back", |core| async move { answer_all(&core).await });
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Request {
    id: Uuid,
    email: String,
    language: String,
    address: String,
    agent: String,
    created_at: OffsetDateTime,
}

/// Answers what was asked and not answered yet, by mail; how much that was. Any number of nodes may do so at once.
///
/// # Errors
/// The database, randomness.
pub async fn answer_all(core: &Core) -> Result<u64, AuthError> {
    let mut answered = 0;
    loop {
        let mut transaction = core.pool.begin().await?;
        let next: Option<Request> = sqlx::query_as(
            "UPDATE reset_requests SET handled_at = $1 WHERE id = (SELECT id FROM reset_requests \
             WHERE handled_at IS NULL ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
             RETURNING id, email, language, address, agent, created_at",
        )
        .bind(core.now())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(request) = next else { return Ok(answered) };
        answer(&mut transaction, core, &request).await?;
        transaction.commit().await?;
        answered += 1;
    }
}

/// Links that were made before stay good: anybody can ask, and must not end what somebody is about to use.
async fn answer(connection: &mut PgConnection, core: &Core, request: &Request) -> Result<(), AuthError> {
    db::lock(connection, request.email.to_lowercase().as_bytes()).await?;
    let now = core.now();
    let before: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT handled_at FROM reset_requests WHERE lower(email) = lower($1) AND mailed AND handled_at > $2",
    )
    .bind(&request.email)
    .bind(ADDRESSEE.since(now))
    .fetch_all(&mut *connection)
    .await?;
    if ADDRESSEE.wait(&before, now).is_some() {
        return Ok(());
    }
    let accounts: Vec<(Uuid, String, String)> = sqlx::query_as(
        "SELECT id, name, email FROM users WHERE lower(email) = lower($1) AND email_verified_at IS NOT NULL \
         AND suspended_at IS NULL ORDER BY created_at LIMIT $2 FOR NO KEY UPDATE",
    )
    .bind(&request.email)
    .bind(ACCOUNTS)
    .fetch_all(&mut *connection)
    .await?;
    let language = request.language.parse().unwrap_or_default();
    let client = Client::recalled(&request.address, &request.agent);
    let at = request.created_at;
    let occasion = client.as_ref().map_or_else(|| Occasion::unknown(at), |client| client.occasion(at));
    let mut asked = Vec::new();
    for (user, name, proved) in accounts {
        // What was typed may be another mailbox all the same: some servers tell case apart, and `lower`
        // takes letters together that none does. Only the stored address was proved.
        let (Ok(name), Ok(address)) = (name.parse(), proved.parse::<EmailAddress>()) else { continue };
        let recipient = Recipient { address, language };
        let token = enrolment::mailed_reset_link(connection, core, UserId(user), &name, VALID).await?;
        let link = SiteLink::new(&core.settings, &enrolment::page(&token));
        let mail = Mail::ResetLink { name, link, occasion: occasion.clone() };
        mail::enqueue(connection, core, &recipient, &mail).await?;
        asked.push(UserId(user));
    }
    if !asked.is_empty() {
        sqlx::query("UPDATE reset_requests SET mailed = true WHERE id = $1")
            .bind(request.id)
            .execute(&mut *connection)
            .await?;
    }
    for user in asked {
        let by = client.as_ref().map_or(By::SYSTEM, By::visitor);
        record(connection, core, &Event::new(by, Some(user), Action::ResetRequested)).await?;
    }
    Ok(())
}
