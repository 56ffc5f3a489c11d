//! Reading.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{
    Problem,
    types::{Action, ActorKind, AuditDetails, AuditEntry, AuditFilter, AuditOutcome, Page, UserId},
};
use sqlx::AssertSqlSafe;
use time::{Date, OffsetDateTime, macros::format_description};

use super::chain::Content;
use crate::{Core, auth::UserAgent, rfc3339};

/// Entries of a page, at most.
pub const PAGE_LIMIT: u32 = 200;

/// Whose entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that concern one account.
    Own(UserId),
    /// Everybody's and the instance's: for administrators.
    All,
}

/// Why entries aren't listed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The cursor isn't one of ours.
    #[error("bad cursor")]
    BadCursor,
    /// A day isn't one.
    #[error("{0} is no day")]
    BadDay(&'static str),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        let invalid = |name: &str, expected: &str| Self::InvalidParameter {
            name: name.to_owned(),
            expected: expected.to_owned(),
        };
        match error {
            AuditError::BadCursor => invalid("cursor", "a cursor from an earlier answer"),
            AuditError::BadDay(name) => invalid(name, "a day such as 2026-11-20"),
            AuditError::Database(error) => crate::db::problem(&error),
        }
    }
}

/// One page of the log, newest first; 1 to [`PAGE_LIMIT`] entries.
///
/// # Errors
/// See [`AuditError`].
pub async fn list(
    core: &Core,
    scope: Scope,
    filter: &AuditFilter,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<AuditEntry>, AuditError> {
    let before = cursor.map(decode).transpose()?;
    let from = start("from", filter.from.as_deref(), 0)?;
    let to = start("to", filter.to.as_deref(), 1)?;
    let limit = limit.clamp(1, PAGE_LIMIT);
    let (condition, user) = match scope {
        Scope::Own(UserId(user)) => ("user_id = $7", Some(user)),
        Scope::All => ("$7::uuid IS NULL", None),
    };
    let mut rows: Vec<Content> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT sequence, id, at, user_id, user_name, actor, actor_id, actor_name, action, outcome, address, agent, \
         device, details FROM audit_log WHERE {condition} AND ($1::bigint IS NULL OR sequence < $1) \
         AND ($2::text[] IS NULL OR action = ANY ($2)) AND ($3::text IS NULL OR outcome = $3) \
         AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5) \
         ORDER BY sequence DESC LIMIT $6"
    )))
    .bind(before)
    .bind(actions(filter))
    .bind(filter.outcome.map(AuditOutcome::as_str))
    .bind(from)
    .bind(to)
    .bind(i64::from(limit) + 1)
    .bind(user)
    .fetch_all(&core.pool)
    .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = if more { rows.last().map(|row| encode(row.sequence)) } else { None };
    Ok(Page { items: rows.into_iter().map(AuditEntry::from).collect(), next_cursor })
}

/// The names of the actions that match; `None` for all.
fn actions(filter: &AuditFilter) -> Option<Vec<&'static str>> {
    if filter.action.is_none() && filter.group.is_none() {
        return None;
    }
    let matches = |action: &&Action| {
        filter.action.is_none_or(|one| one == **action)
            && filter.group.is_none_or(|group| group == action.group())
    };
    Some(Action::ALL.iter().filter(matches).map(|action| action.as_str()).collect())
}

/// The first moment of the day that is `days` after the one named.
fn start(name: &'static str, day: Option<&str>, days: i64) -> Result<Option<OffsetDateTime>, AuditError> {
    let Some(day) = day.map(str::trim).filter(|day| !day.is_empty()) else { return Ok(None) };
    let date = Date::parse(day, format_description!("[year]-[month]-[day]"))
        .map_err(|_| AuditError::BadDay(name))?;
    let date = date.checked_add(time::Duration::days(days)).ok_or(AuditError::BadDay(name))?;
    Ok(Some(date.midnight().assume_utc()))
}

/// Names that this version doesn't know, or that somebody changed, must not hide the rest.
impl From<Content> for AuditEntry {
    fn from(row: Content) -> Self {
        let agent = row.agent.map(|agent| UserAgent::new(&agent).to_string());
        Self {
            sequence: row.sequence,
            id: row.id,
            at: rfc3339(row.at),
            user: row.user_id.map(UserId),
            name: row.user_name,
            actor: row.actor.parse().unwrap_or(ActorKind::Visitor),
            actor_name: row.actor_name,
            action: row.action.parse().unwrap_or(Action::Unknown),
            outcome: row.outcome.parse().unwrap_or(AuditOutcome::Failure),
            address: row.address,
            device: row.device.or(agent),
            details: serde_json::from_value(row.details).unwrap_or_else(|_| AuditDetails::default()),
        }
    }
}

fn encode(sequence: i64) -> String {
    URL_SAFE_NO_PAD.encode(sequence.to_be_bytes())
}

fn decode(cursor: &str) -> Result<i64, AuditError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| AuditError::BadCursor)?;
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| AuditError::BadCursor)
}
