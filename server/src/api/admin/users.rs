//! People who have an account.

use app::service::admin::{
    Administrator,
    accounts::{self as service, TypedChange},
};
use axum::Json;
use http::StatusCode;
use model::types::{AccountEntry, AccountFacts, ResetMade, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        parameters::{Body, Confirmed, Key, Parameters, Typed, invalid, limit},
        sessions::Ended,
    },
    problem::Refusal,
};

#[derive(Deserialize)]
pub(super) struct ListParameters {
    limit: Option<String>,
    cursor: Option<String>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    filter: String,
}

#[derive(Serialize)]
pub(super) struct UserList {
    users: Vec<AccountEntry>,
    next_cursor: Option<String>,
}

/// An [`AccountFacts`] whose entry looks as in a list.
#[derive(Serialize)]
pub(super) struct User {
    #[serde(flatten)]
    entry: AccountEntry,
    email_verified: bool,
    is_last_admin: bool,
    authenticators: i64,
    recovery_codes_left: i64,
    devices: i64,
    sessions: i64,
    tokens: i64,
}

impl From<AccountFacts> for User {
    fn from(facts: AccountFacts) -> Self {
        Self {
            entry: facts.entry,
            email_verified: facts.email_verified,
            is_last_admin: facts.is_last_admin,
            authenticators: facts.authenticators,
            recovery_codes_left: facts.recovery_codes_left,
            devices: facts.devices,
            sessions: facts.sessions,
            tokens: facts.tokens,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    quota: Option<Typed>,
    is_admin: Option<bool>,
    suspended: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Forced {
    force: Option<String>,
}

/// `GET /api/v1/admin/users?q&filter&limit&cursor`: by name.
pub(super) async fn list(
    administrator: Administrator,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<UserList>, Refusal> {
    let ListParameters { cursor, q, filter, .. } = &parameters;
    let limit = limit(parameters.limit.as_deref())?;
    let page = service::list(&administrator, q, filter, limit, cursor.as_deref()).await?;
    Ok(Json(UserList { users: page.items, next_cursor: page.next_cursor }))
}

/// `GET /api/v1/admin/users/{id}`
pub(super) async fn facts(administrator: Administrator, Key(id): Key<UserId>) -> Result<Json<User>, Refusal> {
    Ok(Json(service::facts(&administrator, id).await?.into()))
}

/// `PATCH /api/v1/admin/users/{id}`: all that is named, or nothing.
pub(super) async fn change(
    administrator: Administrator,
    Key(id): Key<UserId>,
    Body(Changed { quota, is_admin, suspended }): Body<Changed>,
) -> Result<StatusCode, Refusal> {
    if quota.is_none() && is_admin.is_none() && suspended.is_none() {
        return Err(invalid("body", "one with `quota`, `is_admin` or `suspended`").into());
    }
    let typed = TypedChange { quota: quota.map(|Typed(text)| text), is_admin, suspended };
    service::change(&administrator, id, &typed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/admin/users/{id}?name`: with all that is theirs; `name` is their name, to confirm.
pub(super) async fn remove(
    administrator: Administrator,
    Key(id): Key<UserId>,
    Parameters(Confirmed { name }): Parameters<Confirmed>,
) -> Result<StatusCode, Refusal> {
    service::remove(&administrator, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/admin/users/{id}/reset?force`: a way back, and with `force=true` the only one.
pub(super) async fn reset(
    administrator: Administrator,
    Key(id): Key<UserId>,
    Parameters(Forced { force }): Parameters<Forced>,
) -> Result<(StatusCode, Json<ResetMade>), Refusal> {
    let force = match force.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("force", "`true` or `false`").into()),
    };
    Ok((StatusCode::CREATED, Json(service::reset(&administrator, id, force).await?)))
}

/// `DELETE /api/v1/admin/users/{id}/sessions`: all but the one that asks.
pub(super) async fn end_sessions(
    administrator: Administrator,
    Key(id): Key<UserId>,
) -> Result<Json<Ended>, Refusal> {
    Ok(Json(Ended { ended: service::end_sessions(&administrator, id).await? }))
}
