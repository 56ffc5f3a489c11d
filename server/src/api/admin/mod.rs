//! Administration, `/api/v1/admin/…`: the other door to `app::service::admin`.
//!
//! Every handler's first argument is an [`Administrator`], which nobody without a fresh code, and no API token
//! without the scope for it, becomes: whoever isn't one learns nothing of what an address takes.

mod audit;
mod invites;
mod mails;
mod settings;
mod users;

use app::{
    context::Request,
    service::admin::{self as service, Administrator},
};
use axum::{
    Json, Router,
    extract::FromRequestParts,
    routing::{MethodRouter, delete, get, post},
};
use http::request::Parts;
use model::{Problem, types::Overview};
use reflect_core::auth::Client;

use super::caller::{Admin, Caller, bearer_token};
use crate::{
    problem::{Denied, Refusal},
    state::AppState,
};

impl FromRequestParts<AppState> for Administrator {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Denied> {
        if bearer_token(&parts.headers).is_none() {
            return Ok(Self::of(Request::new(state.app.clone(), &parts.extensions)?).await?);
        }
        let caller = Caller::<Admin>::from_request_parts(parts, state).await?;
        let client = parts.extensions.get::<Client>().cloned().ok_or(Problem::Internal)?;
        let grant = caller.grant.ok_or(Problem::Internal)?;
        Ok(Self::by_token(state.app.clone(), client, grant).await?)
    }
}

/// Every address, behind `/api/v1/admin`.
fn addresses() -> [(&'static str, MethodRouter<AppState>); 13] {
    [
        ("/audit", get(audit::list)),
        ("/audit.csv", get(audit::export)),
        ("/invites", get(invites::list).post(invites::invite)),
        ("/invites/{id}", delete(invites::revoke)),
        ("/mails", get(mails::list)),
        ("/mails/{id}/retry", post(mails::retry)),
        ("/overview", get(overview)),
        ("/settings", get(settings::in_force).patch(settings::decide)),
        ("/settings/{name}", delete(settings::undecide)),
        ("/users", get(users::list)),
        ("/users/{id}", get(users::facts).patch(users::change).delete(users::remove)),
        ("/users/{id}/reset", post(users::reset)),
        ("/users/{id}/sessions", delete(users::end_sessions)),
    ]
}

pub(super) fn routes() -> Router<AppState> {
    addresses()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(&format!("/api/v1/admin{path}"), methods))
}

/// `GET /api/v1/admin/overview`
async fn overview(administrator: Administrator) -> Result<Json<Overview>, Refusal> {
    Ok(Json(service::overview(&administrator).await?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The HTTP tests ask every address that is documented.
    #[test]
    fn every_address_is_documented() {
        let documented: BTreeSet<&str> = include_str!("../../../../docs/api.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split(['`', '?']).next()?.split_once(" admin"))
            .map(|(_, address)| address)
            .collect();
        let served: BTreeSet<&str> = addresses().iter().map(|(path, _)| *path).collect();
        assert_eq!(served, documented);
    }
}
