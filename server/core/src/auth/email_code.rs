//! Six digits by mail: they prove that whoever types them reads the address.
//!
//! Good for ten minutes, once, for five tries; to one address a code a minute and five an hour, from
//! one client ten an hour. A guess is worth 10⁻⁶, so an hour at one address is worth 2.5·10⁻⁵.
//!
//! Codes for one who signs in, which follow a right one only, are counted apart from those that anybody
//! may ask for.
//!
//! Where nobody may learn whether there is an address, a ticket is [promised](promise) a code, and
//! [has one mailed](fulfil) or not, later.

use model::types::{EmailAddress, EmailCode, UserId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    AuthError, Client,
    one_time::{digest, new_token},
    policy::{Budget, address_key},
};
use crate::{
    Core, db,
    mail::{self, Mail, Recipient},
};

/// How long a code is good.
pub(super) const VALID: Duration = Duration::minutes(10);
const TRIES: i32 = 5;
/// Codes to one address, and promises to one client for one subject.
const PAUSE: Budget = Budget { failures: 1, window: Duration::MINUTE };
/// Codes to one address.
const ADDRESSEE: Budget = Budget { failures: 5, window: Duration::HOUR };
/// Codes that one client asks for.
const CLIENT: Budget = Budget { failures: 10, window: Duration::HOUR };
/// Codes that were promised for one subject and mailed.
const FULFILLED: Budget = Budget { failures: 5, window: Duration::DAY };
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
    /// Signing in to the account with this key, if there is one.
    SignIn([u8; 32]),
}

impl Subject {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Enrolment(token) => digest(token),
            Self::Account(user) => user.0.as_bytes().to_vec(),
            // Longer than the others: none of them is one of these.
            Self::SignIn(account) => [b"sign-in".as_slice(), account].concat(),
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
    let ticket = new_token(&core.random)?;
    let mut transaction = core.pool.begin().await?;
    let waits = [
        wait_of_client(&mut transaction, client, now).await?,
        wait_of_addressee(&mut transaction, to, None, now).await?,
    ];
    spare(waits)?;
    insert(&mut transaction, client, subject, &ticket, now).await?;
    let code = assign(&mut transaction, core, &digest(&ticket), to).await?;
    let recipient = Recipient { address: to.clone(), language: client.language };
    let mail = Mail::VerifyCode { code: code.digits(), occasion: client.occasion(now) };
    mail::enqueue(&mut transaction, core, &recipient, &mail).await?.ok_or(AuthError::NoMail)?;
    transaction.commit().await?;
    Ok(ticket)
}

/// Promises a code for `ticket`, which takes tries from now on: until [`fulfil`] none is right.
///
/// # Errors
/// [`AuthError::TooManyAttempts`] for what the client asked itself, never for what others did; the
/// database.
pub(super) async fn promise(
    connection: &mut PgConnection,
    client: &Client,
    subject: &Subject,
    ticket: &str,
    now: OffsetDateTime,
) -> Result<(), AuthError> {
    let asked = wait_of_client(connection, client, now).await?;
    let same: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT created_at FROM email_codes WHERE subject = $1 AND address = $2 AND created_at > $3",
    )
    .bind(subject.bytes())
    .bind(address_key(client.address))
    .bind(PAUSE.since(now))
    .fetch_all(&mut *connection)
    .await?;
    spare([asked, PAUSE.wait(&same, now)])?;
    Ok(insert(connection, client, subject, ticket, now).await?)
}

/// Makes the code that was promised for the ticket with this hash, to be mailed to `to` in the same
/// transaction. `None` if that would be too much mail for `subject`. What anybody has [sent](send) to the
/// address doesn't count, or it could be kept from its owner.
///
/// # Errors
/// The database, randomness.
pub(super) async fn fulfil(
    connection: &mut PgConnection,
    core: &Core,
    subject: &Subject,
    ticket_hash: &[u8],
    to: &EmailAddress,
) -> Result<Option<EmailCode>, AuthError> {
    let now = core.now();
    let wait = wait_of_addressee(connection, to, Some(subject), now).await?;
    let mailed: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT created_at FROM email_codes WHERE subject = $1 AND email IS NOT NULL AND created_at > $2",
    )
    .bind(subject.bytes())
    .bind(FULFILLED.since(now))
    .fetch_all(&mut *connection)
    .await?;
    if wait.is_some() || FULFILLED.wait(&mailed, now).is_some() {
        return Ok(None);
    }
    assign(connection, core, ticket_hash, to).await.map(Some)
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
    let row: Option<(Option<String>, Option<Vec<u8>>)> = sqlx::query_as(
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
    // What was never mailed has no code: it costs the same, and nothing is right.
    let expected = expected.unwrap_or_else(|| vec![0; 32]);
    let is_right = core.keys.is_mac_of_any(PURPOSE, &[&hash, code.digits().as_bytes()], &expected)?;
    let email = email.filter(|_| is_right).ok_or(AuthError::WrongCode)?;
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

/// A ticket, without a code so far.
async fn insert(
    connection: &mut PgConnection,
    client: &Client,
    subject: &Subject,
    ticket: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO email_codes (ticket_hash, subject, address, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(digest(ticket))
    .bind(subject.bytes())
    .bind(address_key(client.address))
    .bind(now)
    .bind(now + VALID)
    .execute(connection)
    .await?;
    Ok(())
}

/// The ticket's code, and where it is mailed.
async fn assign(
    connection: &mut PgConnection,
    core: &Core,
    ticket_hash: &[u8],
    to: &EmailAddress,
) -> Result<EmailCode, AuthError> {
    let code = EmailCode::from_random(core.random.bytes()?);
    sqlx::query("UPDATE email_codes SET email = $2, code_mac = $3 WHERE ticket_hash = $1")
        .bind(ticket_hash)
        .bind(to.as_str())
        .bind(core.keys.mac(PURPOSE, &[ticket_hash, code.digits().as_bytes()])?.as_slice())
        .execute(connection)
        .await?;
    Ok(code)
}

/// The seconds until the client may ask again.
async fn wait_of_client(
    connection: &mut PgConnection,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Option<u32>, sqlx::Error> {
    let address = address_key(client.address);
    db::lock(connection, address.as_bytes()).await?;
    let asked: Vec<OffsetDateTime> =
        sqlx::query_scalar("SELECT created_at FROM email_codes WHERE address = $1 AND created_at > $2")
            .bind(address)
            .bind(CLIENT.since(now))
            .fetch_all(connection)
            .await?;
    Ok(CLIENT.wait(&asked, now))
}

/// The seconds until the address takes another code; of those for one subject alone, if it is given.
async fn wait_of_addressee(
    connection: &mut PgConnection,
    to: &EmailAddress,
    alone: Option<&Subject>,
    now: OffsetDateTime,
) -> Result<Option<u32>, sqlx::Error> {
    db::lock(connection, to.as_str().to_lowercase().as_bytes()).await?;
    let there: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT created_at FROM email_codes WHERE lower(email) = lower($1) AND created_at > $2 \
         AND ($3::bytea IS NULL OR subject = $3)",
    )
    .bind(to.as_str())
    .bind(ADDRESSEE.since(now))
    .bind(alone.map(Subject::bytes))
    .fetch_all(connection)
    .await?;
    Ok(PAUSE.wait(&there, now).max(ADDRESSEE.wait(&there, now)))
}

/// Refuses what would be too much mail.
fn spare(waits: [Option<u32>; 2]) -> Result<(), AuthError> {
    match waits.into_iter().flatten().max() {
        Some(retry_after) => Err(AuthError::TooManyAttempts { retry_after }),
        None => Ok(()),
    }
}
