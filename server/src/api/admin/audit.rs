//! What happened, to everybody.

use app::service::admin::{Administrator, log as service};
use axum::{Json, response::Response};
use model::{Problem, types::UserId};
use reflect_core::audit::Scope;
use serde::Deserialize;

use crate::{
    api::{
        audit::{AuditList, AuditParameters, file},
        parameters::{Parameters, invalid},
    },
    problem::Refusal,
};

#[derive(Deserialize)]
pub(super) struct LogParameters {
    user: Option<String>,
    #[serde(flatten)]
    audit: AuditParameters,
}

impl LogParameters {
    /// One account's entries, also when it is gone, or everybody's.
    fn scope(&self) -> Result<Scope, Problem> {
        let Some(text) = self.user.as_deref().filter(|text| !text.is_empty()) else { return Ok(Scope::All) };
        let id: UserId = text.parse().map_err(|_| invalid("user", "the `id` of an account"))?;
        Ok(Scope::Own(id))
    }
}

/// `GET /api/v1/admin/audit?limit&cursor&user&group&action&outcome&from&to`: newest first, days in UTC.
pub(super) async fn list(
    administrator: Administrator,
    Parameters(parameters): Parameters<LogParameters>,
) -> Result<Json<AuditList>, Refusal> {
    let (scope, limit) = (parameters.scope()?, parameters.audit.limit()?);
    let cursor = parameters.audit.cursor.clone();
    let filter = parameters.audit.filter()?;
    Ok(Json(service::list(&administrator, scope, &filter, limit, cursor.as_deref()).await?.into()))
}

/// `GET /api/v1/admin/audit.csv?user&group&action&outcome&from&to`: the same as a file for spreadsheets, all
/// of it.
pub(super) async fn export(
    administrator: Administrator,
    Parameters(parameters): Parameters<LogParameters>,
) -> Result<Response, Refusal> {
    let scope = parameters.scope()?;
    Ok(file(administrator.core(), "audit-log", scope, parameters.audit.filter()?).await?)
}
