//! How much of its minute a token has left, on every answer to it: the fields of
//! draft-ietf-httpapi-ratelimit-headers-10.

use std::sync::{Arc, OnceLock};

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use reflect_core::auth::token::Quota;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What was counted, for the answer. A request has an empty one until its token is looked at.
#[derive(Clone, Debug, Default)]
pub struct Counted(Arc<OnceLock<Quota>>);

impl Counted {
    /// Keeps what was counted.
    pub fn set(&self, quota: Quota) {
        // A request has one token, which is looked at once.
        let _ = self.0.set(quota);
    }
}

/// Puts [`Counted`] into the request, and on the answer what is in it then.
pub async fn rate_limit(mut request: Request, next: Next) -> Response {
    let counted = Counted::default();
    request.extensions_mut().insert(counted.clone());
    let mut response = next.run(request).await;
    if let Some(quota) = counted.0.get() {
        tell(response.headers_mut(), quota);
    }
    response
}

fn tell(headers: &mut HeaderMap, quota: &Quota) {
    let Quota { limit, left, resets_in, .. } = quota;
    let window = Quota::WINDOW;
    for (name, text) in [
        (POLICY, format!("\"token\";q={limit};w={window}")),
        (LIMIT, format!("\"token\";r={left};t={resets_in}")),
    ] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}
