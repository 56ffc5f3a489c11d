//! Tokens with which the caller's programs call the API. In person: no token makes another.

use app::service::tokens::{self as service, TypedTerms};
use axum::Json;
use http::StatusCode;
use model::types::{ApiToken, TokenId, TokenMade};
use serde::{Deserialize, Serialize};

use super::{
    caller::InPerson,
    parameters::{Body, Key, Typed},
};
use crate::problem::Refusal;

#[derive(Serialize)]
pub(super) struct TokenList {
    tokens: Vec<ApiToken>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: String,
    scopes: Vec<String>,
    expires_in_days: Option<Typed>,
    requests_per_minute: Option<Typed>,
    max_upload: Option<Typed>,
}

impl From<Wanted> for TypedTerms {
    fn from(wanted: Wanted) -> Self {
        let text = |typed: Option<Typed>| typed.map(|Typed(text)| text).unwrap_or_default();
        Self {
            name: wanted.name,
            scopes: wanted.scopes,
            expires_in_days: text(wanted.expires_in_days),
            requests_per_minute: text(wanted.requests_per_minute),
            max_upload: text(wanted.max_upload),
        }
    }
}

/// `GET /api/v1/tokens`: the newest first. What they are isn't told any more.
pub(super) async fn list(InPerson(request): InPerson) -> Result<Json<TokenList>, Refusal> {
    Ok(Json(TokenList { tokens: service::list(&request).await? }))
}

/// `POST /api/v1/tokens`: makes one, and tells it this once.
pub(super) async fn create(
    InPerson(request): InPerson,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<TokenMade>), Refusal> {
    Ok((StatusCode::CREATED, Json(service::create(&request, &wanted.into()).await?)))
}

/// `DELETE /api/v1/tokens`
pub(super) async fn revoke_all(InPerson(request): InPerson) -> Result<StatusCode, Refusal> {
    service::revoke_all(&request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/tokens/{id}`
pub(super) async fn revoke(
    InPerson(request): InPerson,
    Key(id): Key<TokenId>,
) -> Result<StatusCode, Refusal> {
    service::revoke(&request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
