//! The outbox as administration sees it, and its sweeping.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{Action, AuditDetails, MailId, MailKind, MailState, OutboxCounts, OutboxEntry, Page};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{MailError, schedule, wake};
use crate::{
    Core,
    admin::require_standing,
    audit::{By, Event, record},
    rfc3339,
};

/// Entries of one page, at most.
const MOST: u32 = 200;
/// How long whoever carries mail may be late.
const GRACE: Duration = Duration::hours(5);
/// How long one can see what became of a mail.
const KEPT: Duration = Duration::days(30);

/// Which mails are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<MailState>,
    /// About this.
    pub kind: Option<MailKind>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    recipient: String,
    kind: String,
    state: String,
    tries: i32,
    created_at: OffsetDateTime,
    next_at: Option<OffsetDateTime>,
    finished_at: Option<OffsetDateTime>,
    last_error: Option<String>,
    has_text: bool,
}

const COLUMNS: &str = "id, recipient, kind, state, tries, created_at, next_at, finished_at, last_error, \
     sealed IS NOT NULL AS has_text";

impl Row {
    fn entry(self) -> Result<OutboxEntry, MailError> {
        let damaged = |error| MailError::Database(sqlx::Error::Decode(Box::new(error)));
        let state: MailState = self.state.parse().map_err(damaged)?;
        Ok(OutboxEntry {
            id: MailId(self.id),
            to: self.recipient,
            kind: self.kind.parse().map_err(damaged)?,
            state,
            tries: self.tries.cast_unsigned(),
            created_at: rfc3339(self.created_at),
            next_at: self.next_at.filter(|_| state == MailState::Queued).map(rfc3339),
            finished_at: self.finished_at.map(rfc3339),
            last_error: self.last_error,
            can_retry: state == MailState::Failed && self.has_text,
        })
    }
}

/// One page of the outbox, newest first.
///
/// # Errors
/// [`MailError::BadCursor`]; the database.
pub async fn list(
    core: &Core,
    filter: Filter,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<OutboxEntry>, MailError> {
    let after = cursor.map(decode).transpose()?;
    let limit = limit.clamp(1, MOST);
    let mut rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM mail_outbox WHERE ($1::text IS NULL OR state = $1) \
         AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
    )))
    .bind(filter.state.map(MailState::as_str))
    .bind(filter.kind.map(MailKind::as_str))
    .bind(after)
    .bind(i64::from(limit) + 1)
    .fetch_all(&core.pool)
    .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(row.id));
    Ok(Page { items: rows.into_iter().map(Row::entry).collect::<Result<_, _>>()?, next_cursor })
}

fn decode(cursor: &str) -> Result<Uuid, MailError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| MailError::BadCursor)?;
    Uuid::from_slice(&bytes).map_err(|_| MailError::BadCursor)
}

/// The mail with this key.
///
/// # Errors
/// The database.
pub async fn entry(core: &Core, id: MailId) -> Result<Option<OutboxEntry>, MailError> {
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM mail_outbox WHERE id = $1")))
            .bind(id.0)
            .fetch_optional(&core.pool)
            .await?;
    row.map(Row::entry).transpose()
}

/// How many mails there are in each state.
///
/// # Errors
/// The database.
pub async fn counts(core: &Core) -> Result<OutboxCounts, MailError> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT state, count(*) FROM mail_outbox GROUP BY state")
        .fetch_all(&core.pool)
        .await?;
    let of = |state: MailState| {
        let found = rows.iter().find(|(name, _)| name == state.as_str());
        found.map_or(0, |(_, count)| count.cast_unsigned())
    };
    Ok(OutboxCounts {
        queued: of(MailState::Queued),
        sending: of(MailState::Sending),
        sent: of(MailState::Sent),
        failed: of(MailState::Failed),
    })
}

/// Queues a failed mail once more, with all its patience.
///
/// # Errors
/// [`MailError::NotFound`], [`MailError::NotRetryable`]; the database.
pub async fn retry(core: &Core, by: By<'_>, id: MailId) -> Result<(), MailError> {
    let entry = entry(core, id).await?.ok_or(MailError::NotFound)?;
    let now = core.now();
    let mut transaction = core.pool.begin().await?;
    require_standing(&mut transaction, core, by).await?;
    let queued = sqlx::query(
        "UPDATE mail_outbox SET state = 'queued', tries = 0, next_at = $2, gives_up_at = $3, finished_at = NULL \
         WHERE id = $1 AND state = 'failed' AND sealed IS NOT NULL",
    )
    .bind(id.0)
    .bind(now)
    .bind(now + schedule::patience(entry.kind))
    .execute(&mut *transaction)
    .await?;
    if queued.rows_affected() == 0 {
        return Err(MailError::NotRetryable);
    }
    wake(&mut transaction).await?;
    let event = Event::new(by, None, Action::MailRetried).with(AuditDetails::named(&entry.to));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(())
}

/// Gives up what nobody carries any more, since its way out (a mail server, a webhook) isn't set now;
/// and removes what was sent or given up more than 30 days ago; answers how many of these.
///
/// # Errors
/// The database.
pub async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    sqlx::query(
        "UPDATE mail_outbox SET state = 'failed', next_at = NULL, finished_at = $1, last_error = $3, \
         sealed = CASE WHEN kind = ANY($4) THEN NULL ELSE sealed END, \
         key_id = CASE WHEN kind = ANY($4) THEN NULL ELSE key_id END \
         WHERE state = 'queued' AND gives_up_at <= $2",
    )
    .bind(now)
    .bind(now - GRACE)
    .bind("nothing could send it in time")
    .bind(
        MailKind::ALL
            .into_iter()
            .filter(|kind| schedule::lapses(*kind))
            .map(MailKind::as_str)
            .collect::<Vec<_>>(),
    )
    .execute(pool)
    .await?;
    let gone = sqlx::query("DELETE FROM mail_outbox WHERE finished_at <= $1").bind(now - KEPT);
    Ok(gone.execute(pool).await?.rows_affected())
}
