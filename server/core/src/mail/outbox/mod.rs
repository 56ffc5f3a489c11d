//! The outbox: mail that is to be sent, in PostgreSQL.

mod admin;
mod deliver;
mod schedule;
mod way;

use std::{fmt, time::Duration};

use lettre::Message;
use model::types::{MailId, MailKind};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub use self::{
    admin::{Filter, counts, entry, list, retry, sweep},
    deliver::{Delivery, deliver_next, deliver_now, next_due},
    way::{Channel, Parcel, Way},
};
use super::{Line, Mail, MailError, Recipient, letter::Letter};
use crate::{Core, auth::AuthError};

/// The channel on which PostgreSQL tells every node that there is mail.
pub const CHANNEL: &str = "mail_queued";

/// How long a sender may take until it counts as gone and somebody else sends its mail.
pub const LEASE: Duration = Duration::from_secs(300);

/// What letters are sealed for.
pub(crate) const PURPOSE: &str = "reflect/outbox";

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
    let id = core.random.uuid_v7(core.now())?;
    let letter = Letter::write(&core.settings, mail, to.language)?.to_bytes()?;
    let (to, message_id) = (to.address.as_str(), sender.message_id(id));
    let (channel, kind, lapses) = (Channel::Mail, mail.kind(), mail.until());
    put(connection, core, Row { id, channel, kind, to, message_id, lapses }, &letter).await?;
    Ok(Some(MailId(id)))
}

/// Gives up a mail that isn't sent yet, since what it holds was taken back. One that is being sent isn't tried again.
///
/// # Errors
/// The database.
pub(crate) async fn withdraw(
    connection: &mut PgConnection,
    core: &Core,
    id: MailId,
) -> Result<(), sqlx::Error> {
    // Holds the row, so that the next statement finds it as this one did.
    sqlx::query(
        "UPDATE mail_outbox SET gives_up_at = least(gives_up_at, $2) WHERE id = $1 AND state IN ('queued', 'sending')",
    )
    .bind(id.0)
    .bind(core.now())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE mail_outbox SET state = 'failed', next_at = NULL, finished_at = $2, last_error = $3, key_id = NULL, \
         sealed = NULL WHERE id = $1 AND state = 'queued'",
    )
    .bind(id.0)
    .bind(core.now())
    .bind("its link was taken back")
    .execute(connection)
    .await?;
    Ok(())
}

/// Queues a post to the webhook at `host` likewise.
///
/// # Errors
/// The database, randomness.
pub(crate) async fn enqueue_post(
    connection: &mut PgConnection,
    core: &Core,
    host: &str,
    body: &[u8],
) -> Result<(), AuthError> {
    let id = core.random.uuid_v7(core.now())?;
    let (channel, kind, message_id) = (Channel::Webhook, MailKind::Webhook, id.to_string());
    put(connection, core, Row { id, channel, kind, to: host, message_id, lapses: None }, body).await
}

/// What is stored of a parcel in the clear.
struct Row<'a> {
    id: Uuid,
    channel: Channel,
    kind: MailKind,
    to: &'a str,
    message_id: String,
    /// When it is of no use any more, if that is before its kind is given up.
    lapses: Option<OffsetDateTime>,
}

async fn put(
    connection: &mut PgConnection,
    core: &Core,
    row: Row<'_>,
    contents: &[u8],
) -> Result<(), AuthError> {
    let now = core.now();
    let patience = now + schedule::patience(row.kind);
    let sealed = core.keys.seal(&core.random, PURPOSE, row.id.as_bytes(), contents)?;
    sqlx::query(
        "INSERT INTO mail_outbox \
         (id, message_id, recipient, kind, state, key_id, sealed, created_at, next_at, gives_up_at, channel) \
         VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $7, $8, $9)",
    )
    .bind(row.id)
    .bind(row.message_id)
    .bind(row.to)
    .bind(row.kind.as_str())
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(now)
    .bind(row.lapses.map_or(patience, |lapses| lapses.min(patience)))
    .bind(row.channel.as_str())
    .execute(&mut *connection)
    .await?;
    wake(connection).await?;
    Ok(())
}

/// Tells the senders of all nodes, once the transaction commits.
async fn wake(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(connection).await?;
    Ok(())
}
