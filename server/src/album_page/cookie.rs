//! The cookie that opens a shared album's page: sent to that page alone.

use app::context::cookies;
use http::{HeaderMap, HeaderValue};
use model::rules::links::album_path;
use reflect_core::images::albums::GOOD_FOR;
use tower_sessions::cookie::{Cookie, SameSite};

/// Its name. A prefix that would have the browser insist on `Secure` can't be had on http, and `__Host-` not for a path.
const NAME: &str = "reflect-album";

/// What a request's `Cookie` headers have of it.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    cookies::value(headers, NAME)
}

/// Keeps `key`. Lax, since people come to shared albums from elsewhere.
pub(super) fn keep(key: String, slug: &str, is_https: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((NAME, key))
        .path(album_path(&slug.parse().ok()?))
        .http_only(true)
        .secure(is_https)
        .same_site(SameSite::Lax)
        .max_age(GOOD_FOR)
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}
