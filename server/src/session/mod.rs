//! Sessions: `tower-sessions` over the core's table.

mod store;

use time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

pub use self::store::Sessions;
use crate::state::AppState;

/// The cookie's layer. `__Host-` needs `Secure`, and so https; without it the plain name.
///
/// The cookie lives for the absolute lifetime; idleness is counted by the store.
#[must_use]
pub fn layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    let lifetime: Duration = state.app.session_lifetime;
    let secure = state.app.is_https();
    SessionManagerLayer::new(Sessions::new(state.core().clone(), lifetime, state.session_idle))
        .with_name(if secure { "__Host-reflect" } else { "reflect" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(lifetime))
}
