//! Pages know their visitor before they render.

use app::context::session_info;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use http::{Method, StatusCode, header};
use model::Problem;
use reflect_core::auth::Client;
use tower_sessions::Session;

use crate::state::AppState;

/// Puts the visitor's `SessionInfo` into the request of a page.
pub async fn know_visitor(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    // What isn't a page is a server function, which asks for itself.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let extensions = request.extensions();
    let (Some(session), Some(client)) = (extensions.get::<Session>(), extensions.get::<Client>()) else {
        return next.run(request).await;
    };
    match session_info(&state.app, session, client).await {
        Ok(info) => {
            request.extensions_mut().insert(info);
            next.run(request).await
        }
        Err(problem) => out_of_order(&problem),
    }
}

/// The page for when no page can be made.
fn out_of_order(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>reflect</title><h1>reflect is out of order</h1><p>{problem}</p>"
    );
    let retry = problem.retry_after().unwrap_or(5).to_string();
    (status, [(header::RETRY_AFTER, retry)], Html(page)).into_response()
}
