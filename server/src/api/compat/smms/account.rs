//! What sm.ms tells of accounts.

use axum::{extract::State, response::Response};
use model::{Problem, types::Me};
use reflect_core::{auth::user, db};
use serde::Serialize;

use super::envelope::{SUCCESS, Spelling, refused_because, success};
use crate::{
    api::{
        Any,
        compat::{credentials::Owner, facts::size_text, request_id::RequestId},
    },
    problem::Refusal,
    state::AppState,
};

#[derive(Serialize)]
struct Profile {
    username: String,
    email: String,
    role: &'static str,
    group_expire: &'static str,
    email_verified: u8,
    disk_usage: String,
    disk_limit: String,
    disk_usage_raw: u64,
    disk_limit_raw: u64,
}

impl From<Me> for Profile {
    fn from(me: Me) -> Self {
        Self {
            username: me.name.to_string(),
            email: me.email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
            role: "user",
            group_expire: "0000-00-00",
            email_verified: u8::from(me.email_verified),
            disk_usage: size_text(me.usage.used),
            disk_limit: size_text(me.usage.quota),
            disk_usage_raw: me.usage.used.bytes(),
            disk_limit_raw: me.usage.quota.bytes(),
        }
    }
}

/// `POST /api/v2/profile`
pub(super) async fn profile(
    State(state): State<AppState>,
    id: RequestId,
    Owner { grant, .. }: Owner<Any>,
) -> Result<Response, Refusal> {
    let me = user::me(state.core(), grant.user).await.map_err(|error| db::problem(&error))?;
    let profile = Profile::from(me.ok_or(Problem::InvalidToken)?);
    Ok(success(Spelling::Classic, id, "Get user profile success.", profile, None))
}

/// `POST /api/v2/token`: nobody has a password that could be changed for a token.
pub(super) async fn token(id: RequestId) -> Response {
    let message = "Password login is not available. Create a token in Settings > API tokens.";
    refused_because(id, "unauthorized", message)
}

/// `GET /api/v2/history` and `/clear`: what was uploaded without an account from this address, which is nothing.
pub(super) async fn nothing(id: RequestId) -> Response {
    success(Spelling::Classic, id, SUCCESS, [(); 0], None)
}
