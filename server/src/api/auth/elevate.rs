//! Ten minutes in which the caller may change how they sign in.

use app::service::elevate as service;
use axum::Json;
use reflect_core::auth::session::FRESH;
use serde::{Deserialize, Serialize};

use super::{Body, InPerson, Refusal, invalid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    code: Option<String>,
    recovery_code: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Elevated {
    /// Seconds.
    fresh_for: i64,
}

/// `POST /api/v1/auth/elevate`: by a code, or by a recovery code, which is used up. The session gets another id.
pub(super) async fn elevate(
    InPerson(request): InPerson,
    Body(Proof { code, recovery_code }): Body<Proof>,
) -> Result<Json<Elevated>, Refusal> {
    match (code, recovery_code) {
        (Some(code), None) => service::with_code(&request, &code).await?,
        (None, Some(code)) => service::with_recovery_code(&request, &code).await?,
        _ => return Err(invalid("body", "one with either `code` or `recovery_code`").into()),
    }
    Ok(Json(Elevated { fresh_for: FRESH.whole_seconds() }))
}
