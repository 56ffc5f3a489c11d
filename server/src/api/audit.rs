//! What happened to the caller's account.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use futures::Stream;
use model::{
    Problem,
    types::{Action, ActionGroup, AuditEntry, AuditFilter, AuditOutcome, Page},
};
use reflect_core::{
    Core,
    audit::{self, PAGE_LIMIT, Scope},
    rfc3339,
};
use serde::{Deserialize, Serialize};

use super::{
    caller::Caller,
    csv::{self, Row},
    parameters::{Parameters, invalid, limit},
};
use crate::{problem::Refusal, state::AppState};

#[derive(Debug, Default, Deserialize)]
pub(super) struct AuditParameters {
    limit: Option<String>,
    cursor: Option<String>,
    group: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl AuditParameters {
    fn filter(self) -> Result<AuditFilter, Problem> {
        Ok(AuditFilter {
            group: one_of("group", self.group.as_deref(), ActionGroup::ALL, ActionGroup::as_str)?,
            action: one_of("action", self.action.as_deref(), Action::ALL, Action::as_str)?,
            outcome: one_of("outcome", self.outcome.as_deref(), AuditOutcome::ALL, AuditOutcome::as_str)?,
            from: self.from,
            to: self.to,
        })
    }
}

/// The one with this name; none where a form left it empty.
fn one_of<T: Copy>(
    parameter: &str,
    text: Option<&str>,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = all.iter().copied().find(|one| name(*one) == text);
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| invalid(parameter, format!("one of {}", names())))
}

#[derive(Serialize)]
struct AuditList {
    entries: Vec<AuditEntry>,
    next_cursor: Option<String>,
}

/// `GET /api/v1/audit?limit&cursor&group&action&outcome&from&to`: newest first, days in UTC.
pub(super) async fn list(
    State(state): State<AppState>,
    Caller(user): Caller,
    Parameters(mut parameters): Parameters<AuditParameters>,
) -> Result<Response, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let cursor = parameters.cursor.take();
    let filter = parameters.filter()?;
    let page = audit::list(state.core(), Scope::Own(user), &filter, limit, cursor.as_deref()).await?;
    Ok(Json(AuditList { entries: page.items, next_cursor: page.next_cursor }).into_response())
}

const COLUMNS: [&str; 15] = [
    "number",
    "time",
    "user",
    "actor",
    "administrator",
    "action",
    "outcome",
    "by",
    "used_before",
    "address",
    "device",
    "name",
    "before",
    "after",
    "count",
];

/// `GET /api/v1/audit.csv?group&action&outcome&from&to`: the same as a file for spreadsheets, all of it.
pub(super) async fn export(
    State(state): State<AppState>,
    Caller(user): Caller,
    Parameters(parameters): Parameters<AuditParameters>,
) -> Result<Response, Refusal> {
    let core = state.core().clone();
    let today = rfc3339(core.now());
    let (scope, filter) = (Scope::Own(user), parameters.filter()?);
    // A request that can't be answered is refused, rather than answered with half a file.
    let first = audit::list(&core, scope, &filter, PAGE_LIMIT, None).await?;
    let name = format!("reflect-activity-{}.csv", today.date());
    Ok(csv::file(&name, &COLUMNS, pages(core, scope, filter, first)))
}

/// Every page from `first` on, each asked for when the reader has taken the one before.
fn pages(
    core: Core,
    scope: Scope,
    filter: AuditFilter,
    first: Page<AuditEntry>,
) -> impl Stream<Item = Result<Vec<Row>, Problem>> + Send {
    futures::stream::try_unfold(Some(Next::Here(first)), move |next| {
        let (core, filter) = (core.clone(), filter.clone());
        async move {
            let page = match next {
                None => return Ok(None),
                Some(Next::Here(page)) => page,
                Some(Next::From(cursor)) => {
                    audit::list(&core, scope, &filter, PAGE_LIMIT, Some(&cursor)).await?
                }
            };
            let rows = page.items.into_iter().map(row).collect();
            Ok(Some((rows, page.next_cursor.map(Next::From))))
        }
    })
}

enum Next {
    Here(Page<AuditEntry>),
    From(String),
}

fn row(entry: AuditEntry) -> Row {
    let details = entry.details;
    vec![
        entry.sequence.to_string(),
        entry.at.as_str().to_owned(),
        entry.name.unwrap_or_default(),
        entry.actor.as_str().to_owned(),
        entry.actor_name.unwrap_or_default(),
        entry.action.as_str().to_owned(),
        entry.outcome.as_str().to_owned(),
        details.by.map(|by| by.as_str().to_owned()).unwrap_or_default(),
        if details.used_before { "yes".to_owned() } else { String::new() },
        entry.address.unwrap_or_default(),
        entry.device.unwrap_or_default(),
        details.name.unwrap_or_default(),
        details.before.unwrap_or_default(),
        details.after.unwrap_or_default(),
        details.count.map(|count| count.to_string()).unwrap_or_default(),
    ]
}
