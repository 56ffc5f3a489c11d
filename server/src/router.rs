//! Every address of the server.

use std::sync::LazyLock;

use app::{App, shell::shell};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list, render_app_async_with_context};
use model::types::SessionInfo;
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate as _, predicate::NotForContentType},
};

use crate::{
    album_page, api, delete_page, health,
    middleware::{
        HSTS, client, deadline, function_status, know_visitor, panics, request_ids, same_origin,
        security_headers, trace,
    },
    oidc, profile_page, session,
    state::AppState,
};

/// Everything but images. Built files and health checks stand apart from sessions, logs and
/// compression: they need none of them.
pub fn router(state: AppState) -> Router {
    let site = state.site.paths().fold(Router::new(), |router, path| router.route(path, get(site_file)));
    Router::new().merge(health::routes()).merge(site).merge(dynamic(&state)).with_state(state)
}

/// The app's addresses. They are listed once for all routers of the process, before any page can be rendered: while
/// Leptos lists them no resource of the process loads (`SuppressResourceLoad` is one flag for all), and a page rendered
/// meanwhile would wait for ever.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The app and the API.
fn dynamic(state: &AppState) -> Router<AppState> {
    let context = state.app.clone();
    let provide = move || {
        provide_context(context.clone());
        // What `know_visitor` found.
        if let Some(visitor) =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<SessionInfo>().cloned())
        {
            provide_context(visitor);
        }
    };
    let missing = {
        let render = render_app_async_with_context(provide.clone(), shell);
        move |request: Request| {
            let render = render.clone();
            async move {
                let mut response = render(request).await;
                if response.status() == StatusCode::OK {
                    *response.status_mut() = StatusCode::NOT_FOUND;
                }
                response
            }
        }
    };
    let pages = Router::new()
        .leptos_routes_with_context(state, PAGES.clone(), provide, shell)
        .fallback(missing)
        .layer(from_fn_with_state(state.clone(), know_visitor))
        .layer(DefaultBodyLimit::max(api::KEYS))
        .layer(from_fn(function_status))
        .layer(from_fn(deadline));
    let (set_id, propagate_id) = request_ids(&state.core().random);
    // Archives have pictures in them, which are compressed.
    let compressible = DefaultPredicate::new().and(NotForContentType::const_new("application/zip"));
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressible);
    let own = api::routes().merge(oidc::routes(state)).merge(pages).layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(state.clone(), same_origin))
            .layer(compression.clone())
            .layer(session::layer(state)),
    );
    // No session counts here, so no other site can misuse one: whoever asks shows a token or a secret.
    let others = api::compat_routes()
        .merge(api::guest_routes())
        .merge(delete_page::routes())
        .merge(album_page::routes())
        .merge(profile_page::routes())
        .layer(compression);
    let layers = ServiceBuilder::new()
        .layer(set_id)
        .layer(propagate_id)
        .layer(trace())
        .layer(panics())
        .layer(from_fn_with_state(state.clone(), security_headers))
        .layer(from_fn_with_state(state.clone(), client));
    own.merge(others).layer(layers)
}

async fn site_file(State(state): State<AppState>, request: Request) -> Response {
    let mut response = state.site.answer(request.uri().path(), request.headers());
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if state.app.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}
