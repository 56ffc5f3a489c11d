//! Six digits by mail: they prove that whoever types them reads the address.
//!
//! Good for ten minutes, once, for five tries; to one address a code a minute and five an hour, from
//! one client ten an hour. A guess is worth 10⁻⁶, so an hour at one address is worth 2.5·10⁻⁵.

use model::types::{EmailAddress, EmailCode, UserId};
use sqlx::PgConnection;
use subtle::ConstantTimeEq as _;
use time::{Duration, OffsetDateTime};

use super::{
    AuthError, Client,
    one_time::{digest, new_token},
    policy::{Budget, address_key},
};
use crate::{
    Core, db,
    mail::{self, Mail, Recipient},
    random,
};

const VALID: Duration = Duration::minutes(10);
const TRIES: i32 = 5;
/// Codes to one address.
const PAUSE: Budget = Budget { failures: 1, window: Duration::MINUTE };
/// Codes to one address.
const ADDRESSEE: Budget = Budget { failures: 5, window: Duration::HOUR };
/// Codes that one client asks for.
const CLIENT: Budget = Budget { failures: 10, window: Duration::HOUR };
const PURPOSE: &str = "reflect/email-code";

/// An address that its owner has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEmail(EmailAddress);

impl VerifiedEmail {
    /// The address.
    #[must_use]
    pub const fn address(&self) -> &EmailAddress {
        &self.0
    }

    /// The address.
    #[must_use]
    pub fn into_address(self) -> EmailAddress {
        self.0
    }
}

/// What an address is proved for; a code for one is worth nothing for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An account that is being made with this link.
    Enrolment(String),
    /// An account that there is.
    Account(UserId),
}

impl Subject {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Enrolment(token) => digest(token),
            Self::Account(user) => user.0.as_bytes().to_vec(),
        }
    }
}

/// Mails a code to `to`, in the client's language. Answers the ticket that belongs to it.
///
/// # Errors
/// [`AuthError::TooManyAttempts`], [`AuthError::NoMail`] where no mail server is set; the database,
/// randomness.
pub async fn send(
    core: &Core,
    client: &Client,
    subject: &Subject,
    to: &EmailAddress,
) -> Result<String, AuthError> {
    let now = core.now();
    let (ticket, code) = (new_token()?, EmailCode::from_random(random::bytes()?));
    let mut transaction = core.pool.begin().await?;
    spare(&mut transaction, client, to, now).await?;
    sqlx::query(
        "INSERT INTO email_codes (ticket_hash, subject, email, code_mac, address, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(digest(&ticket))
    .bind(subject.bytes())
    .bind(to.as_str())
    .bind(mac(core, &ticket, code)?.as_slice())
    .bind(address_key(client.address))
    .bind(now)
    .bind(now + VALID)
    .execute(&mut *transaction)
    .await?;
    let recipient = Recipient { address: to.clone(), language: client.language };
    let mail = Mail::VerifyCode { code: code.digits(), occasion: client.occasion(now) };
    mail::enqueue(&mut transaction, core, &recipient, &mail).await?.ok_or(AuthError::NoMail)?;
    transaction.commit().await?;
    Ok(ticket)
}

/// Takes the code back: the address is proved, and the code spent.
///
/// # Errors
/// [`AuthError::WrongCode`]; [`AuthError::CodeExpired`] when the ticket is unknown, spent, lapsed or
/// has had its tries; the database.
pub async fn prove(
    core: &Core,
    subject: &Subject,
    ticket: &str,
    code: EmailCode,
) -> Result<VerifiedEmail, AuthError> {
    let hash = digest(ticket);
    // Counted before it is compared, so that parallel guesses can't pass the limit.
    let row: Option<(String, Vec<u8>)> = sqlx::query_as(
        "UPDATE email_codes SET wrong_tries = wrong_tries + 1 \
         WHERE ticket_hash = $1 AND subject = $2 AND expires_at > $3 AND wrong_tries < $4 RETURNING email, code_mac",
    )
    .bind(&hash)
    .bind(subject.bytes())
    .bind(core.now())
    .bind(TRIES)
    .fetch_optional(&core.pool)
    .await?;
    let (email, expected) = row.ok_or(AuthError::CodeExpired)?;
    if !bool::from(mac(core, ticket, code)?.ct_eq(&expected)) {
        return Err(AuthError::WrongCode);
    }
    // Of parallel right ones, one spends it; the row stays, to count what was sent.
    let spent =
        sqlx::query("UPDATE email_codes SET expires_at = $2 WHERE ticket_hash = $1 AND expires_at > $2")
            .bind(&hash)
            .bind(core.now())
            .execute(&core.pool)
            .await?;
    let email = email.parse().map_err(|_| AuthError::CodeExpired)?;
    if spent.rows_affected() == 1 { Ok(VerifiedEmail(email)) } else { Err(AuthError::CodeExpired) }
}

/// Refuses what would be too much mail.
async fn spare(
    connection: &mut PgConnection,
    client: &Client,
    to: &EmailAddress,
    now: OffsetDateTime,
) -> Result<(), AuthError> {
    let address = address_key(client.address);
    db::lock(connection, address.as_bytes()).await?;
    db::lock(connection, to.as_str().to_lowercase().as_bytes()).await?;
    let there: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT created_at FROM email_codes WHERE lower(email) = lower($1) AND created_at > $2",
    )
    .bind(to.as_str())
    .bind(ADDRESSEE.since(now))
    .fetch_all(&mut *connection)
    .await?;
    let from: Vec<OffsetDateTime> =
        sqlx::query_scalar("SELECT created_at FROM email_codes WHERE address = $1 AND created_at > $2")
            .bind(address)
            .bind(CLIENT.since(now))
            .fetch_all(connection)
            .await?;
    let waits = [PAUSE.wait(&there, now), ADDRESSEE.wait(&there, now), CLIENT.wait(&from, now)];
    match waits.into_iter().flatten().max() {
        Some(retry_after) => Err(AuthError::TooManyAttempts { retry_after }),
        None => Ok(()),
    }
}

fn mac(core: &Core, ticket: &str, code: EmailCode) -> Result<[u8; 32], AuthError> {
    core.keys.mac(PURPOSE, &[ticket.as_bytes(), code.digits().as_bytes()])
}
