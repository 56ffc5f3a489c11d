//! The cookie by which a trusted device is known.

use http::HeaderValue;
use reflect_core::auth::device::DeviceToken;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::{Cookie, SameSite};

/// Its name: `__Host-` needs `Secure`, and so https.
#[must_use]
pub const fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-reflect-device" } else { "reflect-device" }
}

/// What a request's `Cookie` headers have of it.
#[must_use]
pub fn read(headers: &http::HeaderMap, is_https: bool) -> Option<DeviceToken> {
    cookies(headers).find(|(key, _)| *key == name(is_https)).and_then(|(_, value)| value.parse().ok())
}

/// The names and values of a request's cookies.
pub fn cookies(headers: &http::HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let texts = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// Keeps `token` until the trust ends.
pub(super) fn keep(
    token: &DeviceToken,
    until: OffsetDateTime,
    now: OffsetDateTime,
    is_https: bool,
) -> Option<HeaderValue> {
    set(token.reveal(), until - now, is_https)
}

/// Forgets it.
pub(super) fn forget(is_https: bool) -> Option<HeaderValue> {
    set(String::new(), Duration::ZERO, is_https)
}

fn set(value: String, age: Duration, is_https: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(is_https), value))
        .path("/")
        .http_only(true)
        .secure(is_https)
        .same_site(SameSite::Strict)
        .max_age(age)
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}
