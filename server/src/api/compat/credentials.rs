//! How an API token arrives. Every tool has a place and a spelling of its own, and all of them are taken by
//! all dialects: nobody should have to find out which one theirs is.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::{Extensions, HeaderMap, Uri, header, request::Parts};
use model::{Problem, types::Scope};
use reflect_core::auth::token::Grant;
use url::form_urlencoded;

use crate::{
    api::{Permission, admit},
    problem::{Denied, Refusal},
    state::AppState,
};

/// What tools write before a token, or don't.
const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// The field, in a query or a form, that may hold a token.
pub(super) const KEY: &str = "key";

/// What the token opens that the request's headers or query hold, if it permits `P`. Sessions don't count.
pub(super) struct Owner<P> {
    pub(super) grant: Grant,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequestParts<AppState> for Owner<P> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let token = token(&parts.headers, &parts.uri);
        let grant = owner(state, &parts.extensions, token.as_deref(), P::SCOPE).await?;
        Ok(Self { grant, permission: PhantomData })
    }
}

/// What this token opens, if that is what needs `scope`.
///
/// # Errors
/// [`Problem::SignedOut`] for none; those of [`admit`].
pub(super) async fn owner(
    state: &AppState,
    extensions: &Extensions,
    token: Option<&str>,
    scope: Option<Scope>,
) -> Result<Grant, Problem> {
    let token = token.ok_or(Problem::SignedOut)?;
    admit(state, extensions, token, scope).await.map_err(Denied::into_problem)
}

/// The token that a request brings before its body: `Authorization`, `X-API-Key`, or `key` in the query.
pub(super) fn token(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let found = [header(header::AUTHORIZATION), header(header::HeaderName::from_static("x-api-key"))];
    let mut spelled = found.into_iter().flatten().map(plain).filter(|token| !token.is_empty());
    spelled.next().map(str::to_owned).or_else(|| from_query(uri))
}

fn from_query(uri: &Uri) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let (_, token) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == KEY)?;
    Some(plain(&token).to_owned()).filter(|token| !token.is_empty())
}

/// The token without a scheme before it, or two: people paste `Bearer …` where a tool adds it as well.
pub(super) fn plain(mut text: &str) -> &str {
    loop {
        text = text.trim();
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        if !SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme)) {
            return text;
        }
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn found(pairs: &[(&'static str, &'static str)], uri: &'static str) -> Option<String> {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        token(&headers.collect(), &Uri::from_static(uri))
    }

    #[test]
    fn every_spelling_of_the_header_is_taken() {
        for spelling in
            ["rfl_x", "Bearer rfl_x", "bearer  rfl_x", "Basic rfl_x", "Bearer Bearer rfl_x", " Bearer rfl_x "]
        {
            assert_eq!(found(&[("authorization", spelling)], "/"), Some("rfl_x".into()), "{spelling}");
        }
    }

    #[test]
    fn the_header_comes_before_the_other_places() {
        let key = ("x-api-key", "rfl_key");
        assert_eq!(found(&[key], "/?key=rfl_query"), Some("rfl_key".into()));
        assert_eq!(found(&[key, ("authorization", "rfl_a")], "/"), Some("rfl_a".into()));
        assert_eq!(found(&[key, ("authorization", "Bearer")], "/"), Some("rfl_key".into()));
        assert_eq!(found(&[], "/?a=b&key=rfl%5Fquery"), Some("rfl_query".into()));
        for none in ["/", "/?key", "/?key=", "/?keys=rfl_x"] {
            assert_eq!(found(&[], none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_never_changed(token in "[a-z0-9_|]{1,40}", scheme in "|[Bb]earer |BASIC ") {
            prop_assume!(!SCHEMES.contains(&token.as_str()));
            let text = format!("{scheme}{token}");
            prop_assert_eq!(plain(&text), token);
        }
    }
}
