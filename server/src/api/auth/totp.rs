//! How the caller signs in.

use app::service::recovery_codes as service;
use axum::Json;
use model::types::{RecoveryStatus, TotpStatus};
use serde::Deserialize;

use super::{Body, InPerson, Refusal, invalid, registration::Step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedBack {
    ticket: Option<String>,
    recovery_code: Option<String>,
}

/// `GET /api/v1/auth/totp/status`: one statement. Keeps no session alive.
pub(super) async fn status(InPerson(request): InPerson) -> Result<Json<TotpStatus>, Refusal> {
    Ok(Json(request.status().await?))
}

/// `GET /api/v1/auth/totp/recovery-codes`
pub(super) async fn recovery_codes(InPerson(request): InPerson) -> Result<Json<RecoveryStatus>, Refusal> {
    Ok(Json(service::status(&request).await?))
}

/// `POST /api/v1/auth/totp/recovery-codes/regenerate`: makes ten; with one of them typed back they are good.
pub(super) async fn regenerate(
    InPerson(request): InPerson,
    Body(TypedBack { ticket, recovery_code }): Body<TypedBack>,
) -> Result<Json<Step>, Refusal> {
    match (ticket, recovery_code) {
        (None, None) => Ok(Json(Step::NeedRecoveryCode(service::begin(&request).await?))),
        (Some(ticket), Some(code)) => {
            service::confirm(&request, &ticket, &code).await?;
            Ok(Json(Step::Done { id: None }))
        }
        _ => Err(invalid("body", "empty, or one with `ticket` and `recovery_code`").into()),
    }
}
