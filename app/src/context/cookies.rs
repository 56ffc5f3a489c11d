//! Cookies beside the session's.

use std::sync::{Arc, Mutex, PoisonError};

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

/// What the answer to a request has the browser keep beside its session. A middleware puts an empty one into
/// each request and takes what is in it when the answer is made, whichever door that came through.
#[derive(Clone, Debug, Default)]
pub struct SetCookies(Arc<Mutex<Vec<HeaderValue>>>);

impl SetCookies {
    pub(super) fn extend(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(cookies);
    }

    /// Values of `Set-Cookie` headers.
    #[must_use]
    pub fn take(&self) -> Vec<HeaderValue> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
