//! Invites that are still good.

use app::service::admin::{
    Administrator,
    invites::{self as service, TypedTerms},
};
use axum::Json;
use http::StatusCode;
use model::types::{InviteId, InviteMade, InviteTerms, InvitesInForce};
use serde::Deserialize;

use crate::{
    api::parameters::{Body, Key, Typed},
    problem::Refusal,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    note: Option<String>,
    quota: Option<Typed>,
    days: Option<Typed>,
    mail_to: Option<String>,
}

impl From<Terms> for TypedTerms {
    fn from(Terms { note, quota, days, mail_to }: Terms) -> Self {
        Self {
            note: note.unwrap_or_default(),
            quota: quota.map(|Typed(text)| text).unwrap_or_default(),
            days: days.map_or_else(|| InviteTerms::USUAL_DAYS.to_string(), |Typed(text)| text),
            mail_to: mail_to.unwrap_or_default(),
        }
    }
}

/// `GET /api/v1/admin/invites`: the newest first.
pub(super) async fn list(administrator: Administrator) -> Result<Json<InvitesInForce>, Refusal> {
    Ok(Json(service::list(&administrator).await?))
}

/// `POST /api/v1/admin/invites`: its link is told this once.
pub(super) async fn invite(
    administrator: Administrator,
    Body(terms): Body<Terms>,
) -> Result<(StatusCode, Json<InviteMade>), Refusal> {
    Ok((StatusCode::CREATED, Json(service::invite(&administrator, &terms.into()).await?)))
}

/// `DELETE /api/v1/admin/invites/{id}`
pub(super) async fn revoke(
    administrator: Administrator,
    Key(id): Key<InviteId>,
) -> Result<StatusCode, Refusal> {
    service::revoke(&administrator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
