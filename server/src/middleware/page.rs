//! Pages know their visitor before they render.

use app::context::{cookies::SetCookies, session_info};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode, header};
use model::{Problem, types::Language};
use reflect_core::auth::Client;
use tower_sessions::Session;

use crate::{
    plain_page::{PlainPage, notice, paragraph},
    state::AppState,
};

/// Puts the visitor's `SessionInfo` into the request of a page.
pub async fn know_visitor(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    // What isn't a page is a server function, which asks for itself.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let extensions = request.extensions();
    let (Some(session), Some(client), Some(cookies)) =
        (extensions.get::<Session>(), extensions.get::<Client>(), extensions.get::<SetCookies>())
    else {
        return next.run(request).await;
    };
    match session_info(&state.app, session, client, cookies).await {
        Ok(info) => {
            request.extensions_mut().insert(info);
            next.run(request).await
        }
        Err(problem) => out_of_order(&state, client.language, &problem),
    }
}

/// The page for when no page can be made.
fn out_of_order(state: &AppState, language: Language, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let (title, text) = match language {
        Language::English => (
            "reflect is out of order",
            "Its database can't be reached at the moment. Nothing is lost: come again in a few seconds.",
        ),
        Language::Chinese => ("reflect 暂时无法使用", "暂时连不上数据库。数据不会丢失，请过几秒再来。"),
    };
    let content = notice(title, &paragraph(text));
    let page = PlainPage { lang: language.tag(), title, style: "", head: String::new(), content };
    let retry = problem.retry_after().unwrap_or(5).to_string();
    ([(header::RETRY_AFTER, retry)], page.answer(state, status)).into_response()
}
