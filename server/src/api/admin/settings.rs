//! What administrators decide for all.

use std::collections::HashMap;

use app::service::admin::{Administrator, policy as service};
use axum::Json;
use http::StatusCode;
use model::types::{PolicyInForce, Setting};

use crate::{
    api::parameters::{Body, Key, Typed, invalid},
    problem::Refusal,
};

/// `GET /api/v1/admin/settings`: what holds, what would without administrators, and what they decided.
pub(super) async fn in_force(administrator: Administrator) -> Result<Json<PolicyInForce>, Refusal> {
    Ok(Json(service::in_force(&administrator).await?))
}

/// `PATCH /api/v1/admin/settings`: one or several, all that are named or none.
pub(super) async fn decide(
    administrator: Administrator,
    Body(mut values): Body<HashMap<Setting, Typed>>,
) -> Result<StatusCode, Refusal> {
    if values.is_empty() {
        return Err(invalid("body", "one with at least one setting").into());
    }
    // The log has them in one order, whatever that of the body.
    let typed: Vec<_> = Setting::ALL
        .into_iter()
        .filter_map(|setting| values.remove(&setting).map(|Typed(text)| (setting, text)))
        .collect();
    service::decide(&administrator, &typed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/admin/settings/{name}`: back to what holds at start.
pub(super) async fn undecide(
    administrator: Administrator,
    Key(setting): Key<Setting>,
) -> Result<StatusCode, Refusal> {
    service::undecide(&administrator, setting).await?;
    Ok(StatusCode::NO_CONTENT)
}
