//! The way to the OpenID Connect provider and back.

use app::context::provider as way;
use axum::{
    Extension, Router,
    extract::{Query, State, rejection::QueryRejection},
    middleware::from_fn,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, header};
use model::{Problem, types::ProviderOutcome};
use reflect_core::{
    audit::By,
    auth::Client,
    oidc::{self, CALLBACK, Callback, Flow, OidcError, Provider, Purpose, links},
};
use tower_sessions::Session;

use crate::{middleware::deadline, problem::Refusal, state::AppState};

/// Where somebody begins who wants to sign in.
const START: &str = "/auth/oidc/start";
/// Where those go who are signed in.
const HOME: &str = "/gallery";

/// The routes, where there is a provider.
pub fn routes(state: &AppState) -> Router<AppState> {
    match state.app.provider {
        Some(_) => {
            Router::new().route(START, get(start)).route(CALLBACK, get(callback)).layer(from_fn(deadline))
        }
        None => Router::new(),
    }
}

/// Sends somebody to the provider.
async fn start(State(state): State<AppState>) -> Result<Response, Refusal> {
    let (core, provider) = (state.core(), provider(&state)?);
    Ok(match oidc::start(core, provider, Purpose::SignIn).await {
        Ok(started) => go(&started.address, way::keep(started.cookie, state.app.is_https())),
        Err(error) => go(&Purpose::SignIn.page_telling(error.outcome()), None),
    })
}

/// Takes in whom the provider sends back. Whatever comes of it, a page tells it in words.
async fn callback(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    session: Session,
    headers: HeaderMap,
    query: Result<Query<Callback>, QueryRejection>,
) -> Result<Response, Refusal> {
    let provider = provider(&state)?;
    let Query(answer) = query.unwrap_or_default();
    let cookie = way::read(&headers, state.app.is_https());
    let flow = cookie.and_then(|cookie| Flow::open(&state.core().keys, cookie));
    let purpose = flow.as_ref().map_or(Purpose::SignIn, |flow| flow.purpose);
    let arrived = match flow {
        Some(flow) => arrive(&state, provider, &flow, answer, &session, &client).await,
        None => Err(OidcError::Expired),
    };
    let address = match (arrived, purpose) {
        (Ok(()), Purpose::SignIn) => HOME.to_owned(),
        (Ok(()), Purpose::Link { .. }) => purpose.page_telling(ProviderOutcome::Linked),
        (Err(error), _) => purpose.page_telling(error.outcome()),
    };
    Ok(go(&address, way::forget(state.app.is_https())))
}

async fn arrive(
    state: &AppState,
    provider: &Provider,
    flow: &Flow,
    answer: Callback,
    session: &Session,
    client: &Client,
) -> Result<(), OidcError> {
    let core = state.core();
    let identity = oidc::finish(core, provider, flow, answer).await?;
    match flow.purpose {
        Purpose::SignIn => {
            let since = core.now();
            let user = links::sign_in(core, client, &identity).await?;
            way::sign_in(&state.app, session, client, user, since).await.map_err(OidcError::Session)
        }
        Purpose::Link { user, session } => {
            links::link(core, By::user(client), user, session, &identity).await
        }
    }
}

/// These routes exist only where there is one.
fn provider(state: &AppState) -> Result<&Provider, Refusal> {
    Ok(state.app.provider.as_deref().ok_or(Problem::NotFound)?)
}

fn go(address: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(address).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
