//! One request's state, for server functions.

use std::{fmt, str::FromStr};

use http::HeaderValue;
use leptos::prelude::*;
use leptos_axum::{ResponseOptions, extract};
use model::{
    Problem,
    types::{ChallengeAnswer, DeviceId, Label, SessionHandle, SessionInfo, UserId, Username},
};
use reflect_core::{
    audit::By,
    auth::{
        Client,
        device::DeviceToken,
        session::{self, SignedIn},
    },
    oidc::Provider,
};
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{
    AppContext, Visitor, device_cookie, provider,
    visitor::{administrator, handle, keep, open_session, problem, session_info, trusted_device},
};
use crate::ApiError;

/// What a request carries.
pub(crate) struct Request {
    pub(crate) app: AppContext,
    pub(crate) client: Client,
    session: Session,
}

impl Request {
    /// The one that is being answered.
    pub(crate) async fn current() -> Result<Self, ApiError> {
        let app = use_context::<AppContext>().ok_or_else(|| fail(Problem::Internal))?;
        let session = extract::<Session>().await.map_err(|_| fail(Problem::Internal))?;
        let axum::Extension(client) =
            extract::<axum::Extension<Client>>().await.map_err(|_| fail(Problem::Internal))?;
        Ok(Self { app, client, session })
    }

    /// With what the client has solved.
    pub(crate) fn with_challenge(mut self, answer: Option<ChallengeAnswer>) -> Self {
        self.client.challenge = answer;
        self
    }

    /// The signed-in person, or a refusal.
    pub(crate) async fn require_user(&self) -> Result<UserId, ApiError> {
        Ok(self.require_signed_in().await?.user)
    }

    /// The same, with what the session knows of them.
    pub(crate) async fn require_signed_in(&self) -> Result<SignedIn, ApiError> {
        let visitor = Visitor::find(&self.app, &self.session, &self.client).await.map_err(fail)?;
        visitor.signed_in().ok_or_else(|| fail(Problem::SignedOut))
    }

    /// The signed-in person who typed a code within the last minutes, or a refusal. For whatever
    /// changes how one signs in, and for administration.
    pub(crate) async fn require_fresh(&self) -> Result<SignedIn, ApiError> {
        let signed_in = self.require_signed_in().await?;
        if signed_in.is_fresh(self.app.core.now()) {
            Ok(signed_in)
        } else {
            Err(fail(Problem::FreshCodeNeeded))
        }
    }

    /// Who acts, for the audit log.
    pub(crate) const fn by(&self, signed_in: &SignedIn) -> By<'_> {
        By::signed_in(signed_in, &self.client)
    }

    /// An administrator who typed a code within the last minutes, or a refusal.
    pub(crate) async fn require_admin(&self) -> Result<SignedIn, ApiError> {
        administrator(&self.app, self.require_signed_in().await?).await.map_err(fail)
    }

    /// That administrator, as one who acts.
    pub(crate) fn by_admin(&self, admin: &SignedIn) -> By<'_> {
        By::administrator(admin.user, &self.client).at(admin.device)
    }

    /// Names the session to its owner.
    pub(crate) fn handle(&self) -> Option<SessionHandle> {
        handle(&self.session)
    }

    /// What the page knows.
    pub(crate) async fn info(&self) -> Result<SessionInfo, ApiError> {
        session_info(&self.app, &self.session, &self.client).await.map_err(fail)
    }

    /// Opens a session for `user`, who gave a code, and answers what the page then knows.
    pub(crate) async fn sign_in(&self, user: UserId) -> Result<SessionInfo, ApiError> {
        let device = trusted_device(&self.app, &self.client, user).await.map_err(fail)?;
        self.open(&SignedIn::by_code(user, &self.client, device, self.app.core.now())).await
    }

    /// Opens a session for `user`, whom their device signs in.
    pub(crate) async fn sign_in_by(&self, device: DeviceId, user: UserId) -> Result<SessionInfo, ApiError> {
        self.open(&SignedIn::by_device(user, &self.client, Some(device), self.app.core.now())).await
    }

    async fn open(&self, signed_in: &SignedIn) -> Result<SessionInfo, ApiError> {
        open_session(&self.app, &self.session, signed_in).await.map_err(fail)?;
        self.info().await
    }

    /// Keeps what is new in the session, under a new id if it gives more rights than before.
    pub(crate) async fn renew(&self, signed_in: &SignedIn) -> Result<(), ApiError> {
        open_session(&self.app, &self.session, signed_in).await.map_err(fail)
    }

    /// Keeps what is new in the session.
    pub(crate) async fn update(&self, signed_in: &SignedIn) -> Result<(), ApiError> {
        keep(&self.app, &self.session, signed_in).await.map_err(fail)
    }

    /// Ends the session and answers what the page then knows.
    pub(crate) async fn sign_out(&self) -> Result<SessionInfo, ApiError> {
        let visitor = Visitor::find(&self.app, &self.session, &self.client).await.map_err(fail)?;
        if let (Visitor::SignedIn(signed_in) | Visitor::Moved(signed_in), Some(handle)) =
            (visitor, self.handle())
        {
            let ended = session::sign_out(&self.app.core, self.by(&signed_in), signed_in.user, handle).await;
            ended.map_err(fail)?;
        }
        self.session.flush().await.map_err(|error| fail(problem(&error)))?;
        self.info().await
    }

    /// Has the browser keep the token of a trusted device.
    pub(crate) fn keep_device(&self, token: &DeviceToken, until: OffsetDateTime) {
        set_cookie(device_cookie::keep(token, until, self.app.core.now(), self.app.is_https()));
    }

    /// If this session's device is one of those that are trusted no more, has the browser and the
    /// session forget it. The session itself goes on.
    pub(crate) async fn forget_own_device(
        &self,
        signed_in: &SignedIn,
        is_revoked: impl Fn(DeviceId) -> bool,
    ) -> Result<(), ApiError> {
        if !signed_in.device.is_some_and(is_revoked) {
            return Ok(());
        }
        self.forget_device();
        let mut alone = signed_in.clone();
        alone.device = None;
        self.update(&alone).await
    }

    /// The provider with which people may sign in, or a refusal.
    pub(crate) fn require_provider(&self) -> Result<&Provider, ApiError> {
        self.app.provider.as_deref().ok_or_else(|| fail(Problem::NotFound))
    }

    /// Has the browser keep what it brings back from the provider.
    pub(crate) fn keep_flow(&self, cookie: String) {
        set_cookie(provider::keep(cookie, self.app.is_https()));
    }

    /// Has the browser forget it.
    pub(crate) fn forget_device(&self) {
        set_cookie(device_cookie::forget(self.app.is_https()));
    }
}

fn set_cookie(cookie: Option<HeaderValue>) {
    if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), cookie) {
        response.append_header(http::header::SET_COOKIE, cookie);
    }
}

/// A typed name, or none where the field was empty. A text that is no name is a wrong name.
pub(crate) fn sign_in_name(text: &str) -> Result<Option<Username>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|_| fail(Problem::WrongCode)),
    }
}

/// A typed name of a thing.
pub(crate) fn label(text: &str) -> Result<Label, ApiError> {
    parsed("name", text)
}

/// What was typed for `name`.
pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(name: &str, text: &str) -> Result<T, ApiError> {
    text.trim().parse().map_err(|error: T::Err| {
        fail(Problem::InvalidParameter { name: name.into(), expected: error.to_string() })
    })
}

/// The error to return for `problem`, with its status and `Retry-After` set on the response.
pub(crate) fn fail(problem: impl Into<Problem>) -> ApiError {
    let problem = problem.into();
    if let Some(response) = use_context::<ResponseOptions>() {
        if let Ok(status) = http::StatusCode::from_u16(problem.status()) {
            response.set_status(status);
        }
        if let Some(seconds) = problem.retry_after() {
            response.insert_header(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    ApiError(problem)
}
