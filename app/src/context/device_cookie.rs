//! The cookie by which a trusted device is known.

use http::HeaderValue;
use reflect_core::auth::device::DeviceToken;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;

use super::cookies;

/// Its name: `__Host-` needs `Secure`, and so https.
#[must_use]
pub const fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-reflect-device" } else { "reflect-device" }
}

/// What a request's `Cookie` headers have of it.
#[must_use]
pub fn read(headers: &http::HeaderMap, is_https: bool) -> Option<DeviceToken> {
    cookies::value(headers, name(is_https))?.parse().ok()
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
    cookies::set(name(is_https), value, age, SameSite::Strict, is_https)
}
