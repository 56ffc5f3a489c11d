//! Who calls.

use app::context::Request;
use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use model::{Problem, types::UserId};
use reflect_core::auth::token;

use crate::{problem::Refusal, state::AppState};

/// The person behind a request: by `Authorization: Bearer rfl_…`, else by the session cookie. A
/// request with a token is never taken for the session's, since it isn't checked for its origin.
pub struct Caller(pub UserId);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let user = match bearer_token(&parts.headers) {
            Some(token) => authenticate(state, token).await?,
            None => Request::new(state.app.clone(), &parts.extensions)?.require_user().await?,
        };
        Ok(Self(user))
    }
}

/// Whose API token this is.
///
/// # Errors
/// [`Problem::InvalidToken`]; the database.
pub(super) async fn authenticate(state: &AppState, token: &str) -> Result<UserId, Problem> {
    token::authenticate(state.core(), token).await?.ok_or(Problem::InvalidToken)
}

/// A request in person: by the session cookie, or by nobody yet. Refuses API tokens, good or not: they
/// are for pictures, and whoever finds one must not become able to sign in or change how one does.
pub struct InPerson(pub Request);

impl FromRequestParts<AppState> for InPerson {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        if bearer_token(&parts.headers).is_some() {
            return Err(Problem::Forbidden.into());
        }
        Ok(Self(Request::new(state.app.clone(), &parts.extensions)?))
    }
}

/// The token that a request brings. Not just any credentials: a browser that a proxy asked for a password
/// sends that everywhere.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?))
}

/// The token of an `Authorization` header; the scheme's case doesn't matter (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_a_bearer_token_is_one() {
        assert_eq!(bearer("Bearer rfl_x"), Some("rfl_x"));
        assert_eq!(bearer("bearer  rfl_x"), Some("rfl_x"));
        assert_eq!(bearer("Basic eA=="), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
