//! Headers of every answer of the app and the API (SECURITY.md §8).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

use crate::state::AppState;

/// Two years by https only; for hosts that people reach by https.
pub const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds what isn't there: a page has a policy of its own, with a nonce.
pub async fn security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let set = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    let all = [
        set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Links to pictures may be secrets.
        set(header::REFERRER_POLICY, "no-referrer"),
        set(
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
        ),
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        // Pages and answers are a person's own.
        set(header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in all {
        headers.entry(name).or_insert(value);
    }
    if state.app.is_https() {
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(secured).collect();
        headers.remove(header::SET_COOKIE);
        headers.extend(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    response
}

/// `tower-sessions` leaves `Secure` out where it removes its cookie, and browsers take no `__Host-`
/// cookie without it, not even one that removes.
fn secured(cookie: &HeaderValue) -> HeaderValue {
    let text = cookie.to_str().unwrap_or_default();
    if !text.starts_with("__Host-") || text.contains("; Secure") {
        return cookie.clone();
    }
    HeaderValue::try_from(format!("{text}; Secure")).unwrap_or_else(|_| cookie.clone())
}
