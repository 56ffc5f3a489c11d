//! Sessions: `tower-sessions` over the core's table.

mod store;

use std::sync::Arc;

use app::context::cookies;
use http::HeaderMap;
use tower_sessions::{Session, SessionManagerLayer, cookie::SameSite};

pub use self::store::Sessions;
use crate::state::AppState;

/// The cookie's layer. `__Host-` needs `Secure`, and so https; without it the plain name.
///
/// The cookie lives as long as `app::context` says when it opens a session; idleness is counted by the
/// store.
#[must_use]
pub fn layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    let secure = state.app.is_https();
    SessionManagerLayer::new(Sessions::new(state.core().clone()))
        .with_name(cookie_name(secure))
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
}

const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-reflect" } else { "reflect" }
}

/// The session that a request brings, without the layer: nothing in it is changed, and the answer sets no cookie.
#[must_use]
pub fn brought(state: &AppState, headers: &HeaderMap) -> Session {
    let id = cookies::value(headers, cookie_name(state.app.is_https())).and_then(|text| text.parse().ok());
    Session::new(id, Arc::new(Sessions::new(state.core().clone())), None)
}
