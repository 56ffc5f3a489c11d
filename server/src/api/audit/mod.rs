//! What happened to the caller's account.

mod file;

use app::service::activity;
use axum::{Json, response::Response};
use model::{
    Problem,
    types::{Action, ActionGroup, AuditEntry, AuditFilter, AuditOutcome, Page},
};
use serde::{Deserialize, Serialize};

pub(super) use self::file::file;
use super::{
    caller::InPerson,
    parameters::{Parameters, limit, one_of},
};
use crate::problem::Refusal;

#[derive(Debug, Default, Deserialize)]
pub(super) struct AuditParameters {
    limit: Option<String>,
    pub(super) cursor: Option<String>,
    group: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl AuditParameters {
    pub(super) fn limit(&self) -> Result<u32, Problem> {
        limit(self.limit.as_deref())
    }

    pub(super) fn filter(self) -> Result<AuditFilter, Problem> {
        Ok(AuditFilter {
            group: one_of("group", self.group.as_deref(), ActionGroup::ALL, ActionGroup::as_str)?,
            action: one_of("action", self.action.as_deref(), Action::ALL, Action::as_str)?,
            outcome: one_of("outcome", self.outcome.as_deref(), AuditOutcome::ALL, AuditOutcome::as_str)?,
            from: self.from,
            to: self.to,
        })
    }
}

#[derive(Serialize)]
pub(super) struct AuditList {
    entries: Vec<AuditEntry>,
    next_cursor: Option<String>,
}

impl From<Page<AuditEntry>> for AuditList {
    fn from(page: Page<AuditEntry>) -> Self {
        Self { entries: page.items, next_cursor: page.next_cursor }
    }
}

/// `GET /api/v1/audit?limit&cursor&group&action&outcome&from&to`: newest first, days in UTC.
pub(super) async fn list(
    InPerson(request): InPerson,
    Parameters(parameters): Parameters<AuditParameters>,
) -> Result<Json<AuditList>, Refusal> {
    let limit = parameters.limit()?;
    let cursor = parameters.cursor.clone();
    Ok(Json(activity::list(&request, &parameters.filter()?, limit, cursor.as_deref()).await?.into()))
}

/// `GET /api/v1/audit.csv?group&action&outcome&from&to`: the same as a file for spreadsheets, all of it.
pub(super) async fn export(
    InPerson(request): InPerson,
    Parameters(parameters): Parameters<AuditParameters>,
) -> Result<Response, Refusal> {
    let scope = activity::scope(&request).await?;
    Ok(file(&request.app.core, "activity", scope, parameters.filter()?).await?)
}
