//! Who calls, and whether they may.

use std::marker::PhantomData;

use app::context::Request;
use axum::extract::FromRequestParts;
use http::{Extensions, HeaderMap, header, request::Parts};
use model::{
    Problem,
    types::{ByteSize, Scope, TokenId, UserId},
};
use reflect_core::{
    Core,
    audit::By,
    auth::{
        AuthError, Client,
        session::Opened,
        token::{self, Grant},
    },
};

use crate::{
    middleware::Counted,
    problem::{Denied, Refusal},
    state::AppState,
};

/// What an address takes of an API token. Each handler that takes one names it in the type of its [`Caller`].
pub trait Permission {
    /// The scope that the token must have, if it isn't any.
    const SCOPE: Option<Scope>;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)+) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {}

        impl Permission for $name {
            const SCOPE: Option<Scope> = $scope;
        })+
    };
}

permissions! {
    /// Telling whose it is.
    Any = None;
    /// Adding images.
    Upload = Some(Scope::Upload);
    /// Listing images.
    Read = Some(Scope::Read);
    /// Changing what is said of images.
    Edit = Some(Scope::Edit);
    /// Moving images to the bin.
    Delete = Some(Scope::Delete);
    /// Administration.
    Admin = Some(Scope::Admin);
}

/// The person behind a request: by `Authorization: Bearer rfl_…` if that permits `P`, else by the session
/// cookie. A request with a token is never taken for the session's, since it isn't checked for its origin.
pub struct Caller<P> {
    /// Who.
    pub user: UserId,
    /// What they let the program do that calls in their name; nothing where they call in person.
    pub grant: Option<Grant>,
    standing: Standing,
    permission: PhantomData<fn() -> P>,
}

/// By what somebody was let in, for what goes on after it was looked at.
#[derive(Clone, Copy)]
pub(super) enum Standing {
    Session(Opened),
    Token(TokenId),
}

impl Standing {
    /// Whether it holds still, and whoever brought it isn't suspended. Counts as a use.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn holds(self, core: &Core) -> Result<bool, AuthError> {
        match self {
            Self::Session(session) => session.holds(core).await,
            Self::Token(token) => token::holds(core, token).await,
        }
    }
}

impl<P> Caller<P> {
    /// The same as one who acts, for the audit log.
    pub(super) fn by<'a>(&'a self, client: &'a Client) -> By<'a> {
        By::user(client).with_token(self.grant.as_ref().map(|grant| grant.name.as_str()))
    }

    /// By what they were let in.
    pub(super) const fn standing(&self) -> Standing {
        self.standing
    }

    /// Refuses a token that lacks a scope which only the body tells.
    pub(super) fn require(&self, scope: Scope) -> Result<(), Denied> {
        match &self.grant {
            Some(grant) if !grant.scopes.has(scope) => Err(Denied::MissingScope(scope)),
            _ => Ok(()),
        }
    }

    /// Whether they may do so: a token with that scope, or somebody in person.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.require(scope).is_ok()
    }

    /// Bytes of one file, where a token takes less than the instance.
    pub(super) fn max_upload(&self) -> Option<ByteSize> {
        self.grant.as_ref()?.max_upload
    }
}

impl<P: Permission> FromRequestParts<AppState> for Caller<P> {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Denied> {
        let (user, grant, standing) = match bearer_token(&parts.headers) {
            Some(token) => {
                let grant = admit(state, &parts.extensions, token, P::SCOPE).await?;
                let standing = Standing::Token(grant.token);
                (grant.user, Some(grant), standing)
            }
            None => {
                let request = Request::new(state.app.clone(), &parts.extensions)?;
                let signed_in = request.require_signed_in().await?;
                (signed_in.user, None, Standing::Session(signed_in.opened()))
            }
        };
        Ok(Self { user, grant, standing, permission: PhantomData })
    }
}

/// What `token` opens, if that is what needs `scope`. The one place where API tokens are let in: whatever way
/// a token comes, it is counted here.
///
/// # Errors
/// [`Problem::InvalidToken`], [`Problem::TooManyAttempts`] when its minute is used up,
/// [`Denied::MissingScope`]; the database.
pub async fn admit(
    state: &AppState,
    extensions: &Extensions,
    token: &str,
    scope: Option<Scope>,
) -> Result<Grant, Denied> {
    let client = extensions.get::<Client>().ok_or(Problem::Internal)?;
    let core = state.core();
    let grant = token::authenticate(core, token, client).await?.ok_or(Problem::InvalidToken)?;
    let quota = state.token_rates.take(grant.token, grant.requests_per_minute, core.now());
    if let Some(counted) = extensions.get::<Counted>() {
        counted.set(quota);
    }
    if quota.exceeded {
        return Err(Problem::TooManyAttempts { retry_after: quota.resets_in }.into());
    }
    match scope {
        Some(scope) if !grant.scopes.has(scope) => Err(Denied::MissingScope(scope)),
        _ => Ok(grant),
    }
}

/// A request in person: by the session cookie, or by nobody yet. Refuses API tokens, good or not: whoever
/// finds one must not become able to sign in or change how one does.
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
