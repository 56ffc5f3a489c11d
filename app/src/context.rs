//! What the server puts within reach of pages and server functions.

use std::net::IpAddr;

use leptos::prelude::*;
use leptos_axum::{ResponseOptions, extract};
use model::{
    Problem,
    types::{SessionInfo, SignInForm, UserId, Username},
};
use reflect_core::{Core, auth};
use time::OffsetDateTime;
use tower_sessions::Session;

use crate::ApiError;

/// Addresses of the built files, as paths from the root.
#[derive(Clone, Debug, Default)]
pub struct SiteAssets {
    /// The JavaScript module that loads the WASM.
    pub js: String,
    /// The WASM.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The worker that scales previews.
    pub preview_worker: String,
}

/// The state that the server provides as Leptos context.
#[derive(Clone)]
pub struct AppContext {
    /// The domain.
    pub core: Core,
    /// The built files.
    pub assets: std::sync::Arc<SiteAssets>,
    /// Files in one upload, at most.
    pub max_files: u32,
    /// Absolute lifetime of a session.
    pub session_lifetime: time::Duration,
}

/// Where the request came from; the server's middleware puts it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Images in one page of the gallery.
pub(crate) const PAGE: u32 = 60;

const USER: &str = "user";
const SINCE: &str = "since";

/// The person that `session` belongs to, unless its absolute lifetime is over.
///
/// # Errors
/// [`Problem::Unavailable`] when sessions can't be read.
pub async fn session_user(
    session: &Session,
    now: OffsetDateTime,
    lifetime: time::Duration,
) -> Result<Option<UserId>, Problem> {
    let user: Option<UserId> = session.get(USER).await.map_err(|error| session_problem(&error))?;
    let since: Option<i64> = session.get(SINCE).await.map_err(|error| session_problem(&error))?;
    let live = since.is_some_and(|since| now.unix_timestamp() - since < lifetime.whole_seconds());
    Ok(user.filter(|_| live))
}

/// Signs `user` in: a new session id, so that one planted before is worth nothing.
///
/// # Errors
/// [`Problem::Unavailable`] when sessions can't be written.
pub async fn open_session(session: &Session, user: UserId, now: OffsetDateTime) -> Result<(), Problem> {
    session.cycle_id().await.map_err(|error| session_problem(&error))?;
    session.insert(USER, user).await.map_err(|error| session_problem(&error))?;
    session.insert(SINCE, now.unix_timestamp()).await.map_err(|error| session_problem(&error))
}

fn session_problem(error: &tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "session store");
    Problem::Unavailable { retry_after: 5 }
}

/// What a page needs to know of its visitor. The server finds it before a page is rendered and
/// provides it as context, so that rendering needs no waiting for it.
///
/// # Errors
/// [`Problem::Unavailable`] when the database can't be read.
pub async fn session_info(context: &AppContext, session: &Session) -> Result<SessionInfo, Problem> {
    let core = &context.core;
    let me = match session_user(session, core.now(), context.session_lifetime).await? {
        Some(user) => auth::user::me(core, user).await.map_err(|error| reflect_core::db::problem(&error))?,
        None => None,
    };
    let sign_in = match me {
        Some(_) => SignInForm { asks_name: true, has_accounts: true },
        None => auth::sign_in::form(core).await?,
    };
    let origins = core.settings.origins.clone();
    Ok(SessionInfo { me, sign_in, origins, max_upload: core.settings.intake.bytes })
}

/// A typed name, or none where the field was empty. A text that is no name is a wrong name.
pub(crate) fn sign_in_name(text: &str) -> Result<Option<Username>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|_| fail(Problem::WrongCode)),
    }
}

/// One request's state, for server functions.
pub(crate) struct Request {
    pub(crate) app: AppContext,
    pub(crate) session: Session,
    pub(crate) from: IpAddr,
}

impl Request {
    /// What this request carries.
    pub(crate) async fn current() -> Result<Self, ApiError> {
        let app = use_context::<AppContext>().ok_or_else(|| fail(Problem::Internal))?;
        let session = extract::<Session>().await.map_err(|_| fail(Problem::Internal))?;
        let axum::Extension(ClientAddress(from)) =
            extract::<axum::Extension<ClientAddress>>().await.map_err(|_| fail(Problem::Internal))?;
        Ok(Self { app, session, from })
    }

    /// The signed-in person, if there is one.
    pub(crate) async fn user(&self) -> Result<Option<UserId>, ApiError> {
        session_user(&self.session, self.app.core.now(), self.app.session_lifetime).await.map_err(fail)
    }

    /// Opens a session for `user` and answers what the page then knows.
    pub(crate) async fn sign_in(&self, user: UserId) -> Result<SessionInfo, ApiError> {
        open_session(&self.session, user, self.app.core.now()).await.map_err(fail)?;
        session_info(&self.app, &self.session).await.map_err(fail)
    }

    /// Ends the session and answers what the page then knows.
    pub(crate) async fn sign_out(&self) -> Result<SessionInfo, ApiError> {
        self.session.flush().await.map_err(|error| fail(session_problem(&error)))?;
        session_info(&self.app, &self.session).await.map_err(fail)
    }

    /// The signed-in person, or a refusal.
    pub(crate) async fn require_user(&self) -> Result<UserId, ApiError> {
        self.user().await?.ok_or_else(|| fail(Problem::SignedOut))
    }
}

/// The error to return for `problem`, with its status and `Retry-After` set on the response.
pub(crate) fn fail(problem: impl Into<Problem>) -> ApiError {
    let problem = problem.into();
    if let Some(response) = use_context::<ResponseOptions>() {
        if let Ok(status) = http::StatusCode::from_u16(problem.status()) {
            response.set_status(status);
        }
        if let Some(seconds) = problem.retry_after() {
            response.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
        }
    }
    ApiError(problem)
}
