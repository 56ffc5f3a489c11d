//! Mail on its way, and what became of it.

use app::service::admin::{Administrator, outbox as service};
use axum::Json;
use http::StatusCode;
use model::types::{MailId, MailKind, MailState, OutboxCounts, OutboxEntry};
use reflect_core::mail::outbox::Filter;
use serde::{Deserialize, Serialize};

use crate::{
    api::parameters::{Key, Parameters, limit, one_of},
    problem::Refusal,
};

#[derive(Deserialize)]
pub(super) struct ListParameters {
    limit: Option<String>,
    cursor: Option<String>,
    state: Option<String>,
    kind: Option<String>,
}

#[derive(Serialize)]
pub(super) struct MailList {
    mails: Vec<OutboxEntry>,
    next_cursor: Option<String>,
    counts: OutboxCounts,
    can_mail: bool,
}

/// `GET /api/v1/admin/mails?state&kind&limit&cursor`: newest first. What they say stays sealed.
pub(super) async fn list(
    administrator: Administrator,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<MailList>, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let filter = Filter {
        state: one_of("state", parameters.state.as_deref(), &MailState::ALL, MailState::as_str)?,
        kind: one_of("kind", parameters.kind.as_deref(), &MailKind::ALL, MailKind::as_str)?,
    };
    let view = service::list(&administrator, filter, limit, parameters.cursor.as_deref()).await?;
    Ok(Json(MailList {
        mails: view.page.items,
        next_cursor: view.page.next_cursor,
        counts: view.counts,
        can_mail: view.can_mail,
    }))
}

/// `POST /api/v1/admin/mails/{id}/retry`
pub(super) async fn retry(administrator: Administrator, Key(id): Key<MailId>) -> Result<StatusCode, Refusal> {
    service::retry(&administrator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
