//! Sending. A sender takes a mail for a while, sends it, and says how it went. What nobody said
//! anything of when the while is over is taken again, by anybody.

use model::types::{MailId, MailKind};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Channel, LEASE, MailError, PURPOSE, Parcel, Refusal, Transport, Way, enqueue, schedule};
use crate::{
    Core,
    keys::Sealed,
    mail::{Mail, Recipient},
};

/// How a try went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The mail server took it.
    Sent,
    /// It is tried again.
    Postponed {
        /// When.
        next_at: OffsetDateTime,
        /// Why it failed.
        reason: String,
    },
    /// It is given up.
    Failed {
        /// Why.
        reason: String,
    },
}

#[derive(sqlx::FromRow)]
struct Claimed {
    id: Uuid,
    message_id: String,
    recipient: String,
    kind: String,
    key_id: Option<String>,
    sealed: Option<Vec<u8>>,
    tries: i32,
    created_at: OffsetDateTime,
    gives_up_at: OffsetDateTime,
}

/// Sends what has been due the longest of what takes this way, if anything is; `None` if nothing is. Any
/// number of senders on any number of nodes may do so at once.
///
/// # Errors
/// The database. A mail that fails is no error.
pub async fn deliver_next<W: Way>(core: &Core, way: &W) -> Result<Option<Delivery>, MailError> {
    if !way.is_open(&core.settings) {
        return Ok(None);
    }
    let claimed = claim(&mut *core.pool.acquire().await?, core.now(), W::CHANNEL, None).await?;
    let Some(claimed) = claimed else { return Ok(None) };
    claimed.deliver(core, way).await.map(Some)
}

/// Queues `mail` and sends it through this transport, whoever else empties the outbox. `None`, and
/// nothing is queued, where no mail server is set.
///
/// # Errors
/// As [`deliver_next`].
pub async fn deliver_now(
    core: &Core,
    transport: &impl Transport,
    to: &Recipient,
    mail: &Mail,
) -> Result<Option<Delivery>, MailError> {
    let mut transaction = core.pool.begin().await?;
    let Some(id) = enqueue(&mut transaction, core, to, mail).await? else { return Ok(None) };
    // Ours before others can see it.
    let claimed = claim(&mut transaction, core.now(), Channel::Mail, Some(id)).await?;
    transaction.commit().await?;
    let Some(claimed) = claimed else { return Ok(None) };
    claimed.deliver(core, transport).await.map(Some)
}

/// When there is something to do next on this way: something is due, or a sender counts as gone.
///
/// # Errors
/// The database.
pub async fn next_due(core: &Core, channel: Channel) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar("SELECT min(next_at) FROM mail_outbox WHERE channel = $1 AND next_at IS NOT NULL")
        .bind(channel.as_str())
        .fetch_one(&core.pool)
        .await
}

/// Takes a due mail for [`LEASE`]. Those that others are taking at this moment are passed over.
async fn claim(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    channel: Channel,
    id: Option<MailId>,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE mail_outbox SET state = 'sending', tries = tries + 1, next_at = $2 \
         WHERE id = (SELECT id FROM mail_outbox WHERE channel = $4 AND next_at <= $1 AND ($3::uuid IS NULL OR id = $3) \
                     ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING id, message_id, recipient, kind, key_id, sealed, tries, created_at, gives_up_at",
    )
    .bind(now)
    .bind(now + LEASE)
    .bind(id.map(|id| id.0))
    .bind(channel.as_str())
    .fetch_optional(connection)
    .await
}

impl Claimed {
    async fn deliver(&self, core: &Core, way: &impl Way) -> Result<Delivery, MailError> {
        let outcome = self.send(core, way).await;
        self.settle(core, outcome).await
    }

    async fn send(&self, core: &Core, way: &impl Way) -> Result<(), Refusal> {
        if self.kind().is_some_and(schedule::lapses) && core.now() >= self.gives_up_at {
            return Err(Refusal::permanent("its code or link lapsed before it could be sent"));
        }
        let contents = self.open(core).ok_or_else(|| {
            Refusal::permanent("it cannot be opened: it was sealed with a key that isn't at hand")
        })?;
        let parcel = Parcel {
            to: &self.recipient,
            message_id: &self.message_id,
            written_at: self.created_at,
            contents: &contents,
        };
        way.carry(&core.settings, parcel).await
    }

    fn kind(&self) -> Option<MailKind> {
        self.kind.parse().ok()
    }

    fn open(&self, core: &Core) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = Sealed { key_id: self.key_id.clone()?, bytes: self.sealed.clone()? };
        core.keys.open(PURPOSE, self.id.as_bytes(), &sealed).ok()
    }

    /// Writes down how it went, unless somebody has taken the mail meanwhile.
    async fn settle(&self, core: &Core, outcome: Result<(), Refusal>) -> Result<Delivery, MailError> {
        let mut connection = core.pool.acquire().await?;
        let Refusal { permanent, reason } = match outcome {
            Ok(()) => {
                self.finish(&mut connection, core.now(), "sent", None).await?;
                return Ok(Delivery::Sent);
            }
            Err(refusal) => refusal,
        };
        let tries = u32::try_from(self.tries).unwrap_or(1);
        let jitter = u16::from_be_bytes(core.random.bytes()?);
        match schedule::next_try(tries, jitter, core.now(), self.gives_up_at).filter(|_| !permanent) {
            Some(next_at) => {
                self.postpone(&mut connection, next_at, &reason).await?;
                tracing::warn!(mail = %self.id, kind = self.kind, tries, %next_at, reason, "a mail was not taken");
                Ok(Delivery::Postponed { next_at, reason })
            }
            None => {
                self.finish(&mut connection, core.now(), "failed", Some(&reason)).await?;
                tracing::error!(mail = %self.id, kind = self.kind, tries, reason, "a mail was given up");
                Ok(Delivery::Failed { reason })
            }
        }
    }

    async fn postpone(
        &self,
        connection: &mut PgConnection,
        next_at: OffsetDateTime,
        reason: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE mail_outbox SET state = 'queued', next_at = $3, last_error = $4 \
             WHERE id = $1 AND state = 'sending' AND tries = $2",
        )
        .bind(self.id)
        .bind(self.tries)
        .bind(next_at)
        .bind(reason)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// The text goes when it was sent, and when it is of no use any more.
    async fn finish(
        &self,
        connection: &mut PgConnection,
        now: OffsetDateTime,
        state: &str,
        reason: Option<&str>,
    ) -> Result<(), sqlx::Error> {
        let keep = reason.is_some() && !self.kind().is_none_or(schedule::lapses);
        sqlx::query(
            "UPDATE mail_outbox SET state = $3, next_at = NULL, finished_at = $4, last_error = $5, \
             key_id = CASE WHEN $6 THEN key_id END, sealed = CASE WHEN $6 THEN sealed END \
             WHERE id = $1 AND state = 'sending' AND tries = $2",
        )
        .bind(self.id)
        .bind(self.tries)
        .bind(state)
        .bind(now)
        .bind(reason)
        .bind(keep)
        .execute(connection)
        .await?;
        Ok(())
    }
}
