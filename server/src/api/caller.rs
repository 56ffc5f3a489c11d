//! Who calls.

use app::context::Visitor;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use model::{Problem, types::UserId};
use reflect_core::auth::{Client, token};
use tower_sessions::Session;

use crate::{problem::Refusal, state::AppState};

/// The person behind a request: by `Authorization: Bearer rfl_…`, else by the session cookie. A
/// request with a token is never taken for the session's, since it isn't checked for its origin.
pub struct Caller(pub UserId);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let user =
            match parts.headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?)) {
                Some(token) => {
                    token::authenticate(state.core(), token).await?.ok_or(Problem::InvalidToken)?
                }
                None => {
                    let session =
                        Session::from_request_parts(parts, state).await.map_err(|_| Problem::Internal)?;
                    let client = parts.extensions.get::<Client>().ok_or(Problem::Internal)?;
                    let visitor = Visitor::find(&state.app, &session, client).await?;
                    visitor.signed_in().ok_or(Problem::SignedOut)?.user
                }
            };
        Ok(Self(user))
    }
}

/// The token of an `Authorization` header; the scheme's case doesn't matter (RFC 9110 §11.1).
pub(crate) fn bearer(value: &str) -> Option<&str> {
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
