//! The audit log as a file.

use axum::response::Response;
use futures::Stream;
use model::{
    Problem,
    types::{AuditEntry, AuditFilter, Page},
};
use reflect_core::{
    Core,
    audit::{self, PAGE_LIMIT, Scope},
    rfc3339,
};

use crate::api::csv::{self, Row};

const COLUMNS: [&str; 16] = [
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
    "token",
];

/// All entries that match, as `reflect-{what}-{day}.csv`.
///
/// # Errors
/// Those of [`audit::list`] for the first page: a request that can't be answered is refused, rather than
/// answered with half a file.
pub(in crate::api) async fn file(
    core: &Core,
    what: &str,
    scope: Scope,
    filter: AuditFilter,
) -> Result<Response, Problem> {
    let today = rfc3339(core.now());
    let first = audit::list(core, scope, &filter, PAGE_LIMIT, None).await?;
    let name = format!("reflect-{what}-{}.csv", today.date());
    Ok(csv::file(&name, &COLUMNS, pages(core.clone(), scope, filter, first)))
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
        details.token.unwrap_or_default(),
    ]
}
