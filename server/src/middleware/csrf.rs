//! Unsafe methods come from our own pages, or carry a token.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, header};
use model::Problem;

use crate::{api::bearer_token, problem::Refusal, state::AppState};

/// Where sessions alone count, whatever else a request carries.
const FUNCTIONS: &str = "/api/app/";

/// Refuses an unsafe method unless the browser says that one of our pages sent it, or it carries a
/// bearer token, which no other site can make a browser send and beside which no session counts.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let site = &state.core().settings.origins.site;
    if request.method().is_safe()
        || (bearer_token(headers).is_some() && !request.uri().path().starts_with(FUNCTIONS))
        || is_same_origin(headers, site)
    {
        next.run(request).await
    } else {
        Refusal(Problem::CrossSite).into_response()
    }
}

/// Whether a browser says that another site's page sends this. For forms of pages that send no referrer, by which
/// an `Origin` may be `null`: what says nothing is let through.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|value| value != "same-origin" && value != "none")
}

/// By `Sec-Fetch-Site`, which scripts can't set, or by `Origin`: it is the site's, or names the
/// host that was asked, which is how an instance is reached by another of its names.
fn is_same_origin(headers: &HeaderMap, site: &str) -> bool {
    if let Some(value) = headers.get("sec-fetch-site") {
        return value == "same-origin";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    origin == site || origin.split_once("://").is_some_and(|(_, name)| Some(name) == host)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn same(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, "https://x.example")
    }

    #[test]
    fn the_browser_must_say_that_it_was_us() {
        assert!(same(&[("sec-fetch-site", "same-origin")]));
        assert!(same(&[("origin", "https://x.example")]));
        assert!(same(&[("origin", "http://10.0.0.7:3000"), ("host", "10.0.0.7:3000")]));
        for others in [
            &[] as &[_],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://x.example")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil.example"), ("host", "x.example")],
            &[("origin", "null"), ("host", "x.example")],
            &[("host", "x.example")],
        ] {
            assert!(!same(others), "{others:?}");
        }
    }
}
