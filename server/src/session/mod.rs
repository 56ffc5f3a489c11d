//! Sessions: `tower-sessions` over the core's table.

mod store;

use tower_sessions::{SessionManagerLayer, cookie::SameSite};

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
        .with_name(if secure { "__Host-reflect" } else { "reflect" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
}
