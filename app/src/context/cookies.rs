//! Cookies beside the session's.

use http::{HeaderMap, HeaderValue, header};
use time::Duration;
use tower_sessions::cookie::{Cookie, SameSite};

/// What a request's `Cookie` headers have under `name`.
#[must_use]
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The header that keeps `value` for `age`, or removes it where that is zero. Out of reach of scripts.
pub(super) fn set(
    name: &'static str,
    value: String,
    age: Duration,
    same_site: SameSite,
    is_https: bool,
) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(is_https)
        .same_site(same_site)
        .max_age(age)
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}
