//! Whether the process and its database work.

use axum::{Router, extract::State, routing::get};
use http::StatusCode;

use crate::state::AppState;

/// `/healthz` (the process answers) and `/readyz` (the database does too).
pub fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match sqlx::query("SELECT 1 FROM users LIMIT 1").execute(&state.core().pool).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
