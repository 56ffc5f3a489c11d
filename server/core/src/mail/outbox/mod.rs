//! The outbox: mail that is to be sent, in PostgreSQL.

mod admin;
mod deliver;
mod schedule;

use std::{fmt, time::Duration};

use lettre::Message;
use model::types::MailId;
use sqlx::PgConnection;

pub use self::{
    admin::{Filter, counts, entry, list, retry, sweep},
    deliver::{Delivery, deliver_next, deliver_now, next_due},
};
use super::{Line, Mail, MailError, Recipient, letter::Letter};
use crate::{Core, auth::AuthError, random};

/// The channel on which PostgreSQL tells every node that there is mail.
pub const CHANNEL: &str = "mail_queued";

/// How long a sender may take until it counts as gone and somebody else sends its mail.
pub const LEASE: Duration = Duration::from_secs(300);

/// What letters are sealed for.
pub(super) const PURPOSE: &str = "reflect/outbox";

/// Why a mail wasn't taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whether it never will be.
    permanent: bool,
    /// In the mail server's words, on one line.
    reason: String,
}

impl Refusal {
    /// Trying again is of no use.
    #[must_use]
    pub fn permanent(reason: impl fmt::Display) -> Self {
        Self { permanent: true, reason: one_line(reason) }
    }

    /// It may go another time.
    #[must_use]
    pub fn transient(reason: impl fmt::Display) -> Self {
        Self { permanent: false, reason: one_line(reason) }
    }
}

/// What others say is kept on one line and short.
fn one_line(reason: impl fmt::Display) -> String {
    Line::with_limit(&reason.to_string(), 500).to_string()
}

/// What takes messages: [`super::smtp::Smtp`], or something in its place.
pub trait Transport: Send + Sync {
    /// Hands `message` over, in less than [`LEASE`]; `Ok` if the other side has taken it on.
    fn send(&self, message: Message) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// Queues `mail` in the caller's transaction: it goes out if and only if that is committed. `None`,
/// and nothing is queued, where no mail server is set.
///
/// # Errors
/// The database, randomness.
pub async fn enqueue(
    connection: &mut PgConnection,
    core: &Core,
    to: &Recipient,
    mail: &Mail,
) -> Result<Option<MailId>, AuthError> {
    let Some(sender) = &core.settings.mail else { return Ok(None) };
    let now = core.now();
    let id = random::uuid_v7(now)?;
    let letter = Letter::write(&core.settings, mail, to.language)?;
    let sealed = core.keys.seal(PURPOSE, id.as_bytes(), &letter.to_bytes()?)?;
    sqlx::query(
        "INSERT INTO mail_outbox \
         (id, message_id, recipient, kind, state, key_id, sealed, created_at, next_at, gives_up_at) \
         VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $7, $8)",
    )
    .bind(id)
    .bind(sender.message_id(id))
    .bind(to.address.as_str())
    .bind(mail.kind().as_str())
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(now)
    .bind(now + schedule::patience(mail.kind()))
    .execute(&mut *connection)
    .await?;
    wake(connection).await?;
    Ok(Some(MailId(id)))
}

/// Tells the senders of all nodes, once the transaction commits.
async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(connection).await?;
    Ok(())
}
