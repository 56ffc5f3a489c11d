//! One request's state, whichever door it came through.

use std::{fmt, str::FromStr, sync::OnceLock};

use http::{Extensions, HeaderValue};
use leptos::prelude::*;
use leptos_axum::{ResponseOptions, extract};
use model::{
    Problem,
    types::{ChallengeAnswer, DeviceId, Label, SessionHandle, SessionInfo, TotpStatus, UserId, Username},
};
use reflect_core::{
    audit::By,
    auth::{
        Client,
        device::{DeviceToken, Recognised},
        session::{self, Checked, SignedIn},
    },
    db,
    oidc::Provider,
};
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{
    AppContext, Visitor,
    cookies::SetCookies,
    device_cookie, provider,
    visitor::{handle, keep, lifetime, open_session, problem, recognise, session_info},
};
use crate::ApiError;

/// What a request carries.
pub struct Request {
    /// The instance.
    pub app: AppContext,
    /// Who sends it.
    pub client: Client,
    session: Session,
    cookies: SetCookies,
    /// When it came: before whatever it proves is judged.
    since: OffsetDateTime,
    /// When it was found that its device was copied, which ended all that was under way at that moment.
    cleared: OnceLock<OffsetDateTime>,
}

impl Request {
    /// Of what the middleware has put into a request.
    ///
    /// # Errors
    /// [`Problem::Internal`] where a middleware is missing.
    pub fn new(app: AppContext, extensions: &Extensions) -> Result<Self, Problem> {
        let client = extensions.get::<Client>().cloned().ok_or(Problem::Internal)?;
        let session = extensions.get::<Session>().cloned().ok_or(Problem::Internal)?;
        let cookies = extensions.get::<SetCookies>().cloned().ok_or(Problem::Internal)?;
        let since = app.core.now();
        Ok(Self { app, client, session, cookies, since, cleared: OnceLock::new() })
    }

    /// The one that a server function answers.
    pub(crate) async fn current() -> Result<Self, ApiError> {
        let app = use_context::<AppContext>().ok_or(Problem::Internal)?;
        let extensions = extract::<Extensions>().await.map_err(|_| Problem::Internal)?;
        Ok(Self::new(app, &extensions)?)
    }

    /// With what the client has solved.
    #[must_use]
    pub fn with_challenge(mut self, answer: Option<ChallengeAnswer>) -> Self {
        self.client.challenge = answer;
        self
    }

    /// The signed-in person, or a refusal.
    ///
    /// # Errors
    /// [`Problem::SignedOut`]; [`Problem::Unavailable`] when the database can't be read.
    pub async fn require_user(&self) -> Result<UserId, Problem> {
        Ok(self.require_signed_in().await?.user)
    }

    /// The same, with what the session knows of them.
    ///
    /// # Errors
    /// As [`Request::require_user`].
    pub async fn require_signed_in(&self) -> Result<SignedIn, Problem> {
        let visitor = Visitor::find(&self.app, &self.session, &self.client).await?;
        visitor.signed_in().ok_or(Problem::SignedOut)
    }

    /// The signed-in person who typed a code within the last minutes, or a refusal. For whatever
    /// changes how one signs in.
    pub(crate) async fn require_fresh(&self) -> Result<SignedIn, Problem> {
        let signed_in = self.require_signed_in().await?;
        if signed_in.is_fresh(self.app.core.now()) { Ok(signed_in) } else { Err(Problem::FreshCodeNeeded) }
    }

    /// Who acts, for the audit log.
    pub(crate) const fn by(&self, signed_in: &SignedIn) -> By<'_> {
        By::signed_in(signed_in, &self.client)
    }

    /// How the signed-in person signs in, by a single statement.
    ///
    /// # Errors
    /// As [`Request::require_user`].
    pub async fn status(&self) -> Result<TotpStatus, Problem> {
        let id = self.session.id().ok_or(Problem::SignedOut)?;
        let found = session::status(&self.app.core, &id.0.to_be_bytes()).await;
        let Checked { signed_in, status } =
            found.map_err(|error| db::problem(&error))?.ok_or(Problem::SignedOut)?;
        let visitor = Visitor::judge(&self.app, signed_in, &self.client, lifetime(&self.app).await?);
        visitor.signed_in().map(|_| status).ok_or(Problem::SignedOut)
    }

    /// Names the session to its owner.
    pub(crate) fn handle(&self) -> Option<SessionHandle> {
        handle(&self.session)
    }

    /// The same for what is done only while the session holds.
    pub(crate) fn asked_in(&self) -> Result<SessionHandle, Problem> {
        self.handle().ok_or(Problem::SignedOut)
    }

    /// What the page knows.
    pub(crate) async fn info(&self) -> Result<SessionInfo, Problem> {
        session_info(&self.app, &self.session, &self.client, &self.cookies).await
    }

    /// Looks which device this is, for whoever then judges a code. If somebody has a copy of it, everything ends that
    /// it opened or was about to: what is judged after this opens a session all the same.
    pub(crate) async fn recognise_device(&self) -> Result<(), Problem> {
        if recognise(&self.app, &self.client, &self.cookies).await? == Recognised::Reused {
            self.cleared.get_or_init(|| self.app.core.now());
        }
        Ok(())
    }

    /// A moment before whatever this proves is judged.
    fn since(&self) -> OffsetDateTime {
        self.cleared.get().copied().unwrap_or(self.since)
    }

    /// Opens a session for `user`, who gave a code, and answers what the page then knows.
    pub(crate) async fn sign_in(&self, user: UserId) -> Result<SessionInfo, Problem> {
        let device = recognise(&self.app, &self.client, &self.cookies).await?.trusted();
        let device = device.filter(|device| device.user == user).map(|device| device.id);
        self.open(&SignedIn::by_code(user, &self.client, device, self.since())).await
    }

    /// The same for `user`, who just enrolled: what was before has ended, and this begins after it.
    pub(crate) async fn sign_in_anew(&self, user: UserId) -> Result<SessionInfo, Problem> {
        self.open(&SignedIn::by_code(user, &self.client, None, self.app.core.now())).await
    }

    /// Opens a session for `user`, whom their device signs in.
    pub(crate) async fn sign_in_by(&self, device: DeviceId, user: UserId) -> Result<SessionInfo, Problem> {
        self.open(&SignedIn::by_device(user, &self.client, Some(device), self.since())).await
    }

    async fn open(&self, signed_in: &SignedIn) -> Result<SessionInfo, Problem> {
        open_session(&self.app, &self.session, signed_in).await?;
        self.info().await
    }

    /// The signed-in person typed a right code: it counts as fresh, in a session with a new id since it gives more
    /// rights than before.
    pub(crate) async fn confirm(&self, mut signed_in: SignedIn) -> Result<(), Problem> {
        signed_in.confirm(self.since(), self.app.core.now());
        open_session(&self.app, &self.session, &signed_in).await
    }

    /// Keeps what is new in the session.
    pub(crate) async fn update(&self, signed_in: &SignedIn) -> Result<(), Problem> {
        keep(&self.app, &self.session, signed_in).await
    }

    /// Ends the session and answers what the page then knows.
    pub(crate) async fn sign_out(&self) -> Result<SessionInfo, Problem> {
        let visitor = Visitor::find(&self.app, &self.session, &self.client).await?;
        if let (Visitor::SignedIn(signed_in) | Visitor::Moved(signed_in), Some(handle)) =
            (visitor, self.handle())
        {
            session::sign_out(&self.app.core, self.by(&signed_in), signed_in.user, handle).await?;
        }
        self.forget_session().await
    }

    /// Has the browser forget a session that has ended, and answers what the page then knows.
    pub(crate) async fn forget_session(&self) -> Result<SessionInfo, Problem> {
        self.session.flush().await.map_err(|error| problem(&error))?;
        self.info().await
    }

    /// Has the browser keep the token of a trusted device.
    pub(crate) fn keep_device(&self, token: &DeviceToken, until: OffsetDateTime) {
        self.set_cookie(device_cookie::keep(token, until, self.app.core.now(), self.app.is_https()));
    }

    /// If this session's device is one of those that are trusted no more, has the browser and the
    /// session forget it. The session itself goes on.
    pub(crate) async fn forget_own_device(
        &self,
        signed_in: &SignedIn,
        is_revoked: impl Fn(DeviceId) -> bool,
    ) -> Result<(), Problem> {
        if !signed_in.device.is_some_and(is_revoked) {
            return Ok(());
        }
        self.forget_device();
        let mut alone = signed_in.clone();
        alone.device = None;
        self.update(&alone).await
    }

    /// The provider with which people may sign in, or a refusal.
    pub(crate) fn require_provider(&self) -> Result<&Provider, Problem> {
        self.app.provider.as_deref().ok_or(Problem::NotFound)
    }

    /// Has the browser keep what it brings back from the provider.
    pub(crate) fn keep_flow(&self, cookie: String) {
        self.set_cookie(provider::keep(cookie, self.app.is_https()));
    }

    /// Has the browser forget it.
    pub(crate) fn forget_device(&self) {
        self.set_cookie(device_cookie::forget(self.app.is_https()));
    }

    fn set_cookie(&self, cookie: Option<HeaderValue>) {
        self.cookies.extend(cookie);
    }
}

/// A typed name, or none where the field was empty. A text that is no name is a wrong name, answered by `wrong` as
/// any other beside the same code is.
pub(crate) fn sign_in_name(text: &str, wrong: Problem) -> Result<Option<Username>, Problem> {
    match text.trim() {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|_| wrong),
    }
}

/// A typed name of a thing.
pub(crate) fn label(text: &str) -> Result<Label, Problem> {
    parsed("name", text)
}

/// What was typed for `name`.
pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(name: &str, text: &str) -> Result<T, Problem> {
    text.trim()
        .parse()
        .map_err(|error: T::Err| Problem::InvalidParameter { name: name.into(), expected: error.to_string() })
}

/// What was typed for `name`, if anything was.
pub(crate) fn given<T: FromStr<Err: fmt::Display>>(name: &str, text: &str) -> Result<Option<T>, Problem> {
    if text.trim().is_empty() { Ok(None) } else { parsed(name, text).map(Some) }
}

impl From<Problem> for ApiError {
    /// Also tells the page or answer that is being made its status, and how long to wait.
    fn from(problem: Problem) -> Self {
        if let Some(response) = use_context::<ResponseOptions>() {
            if let Ok(status) = http::StatusCode::from_u16(problem.status()) {
                response.set_status(status);
            }
            if let Some(seconds) = problem.retry_after() {
                response.insert_header(http::header::RETRY_AFTER, HeaderValue::from(seconds));
            }
        }
        Self(problem)
    }
}

/// The error to return for `problem`.
pub(crate) fn fail(problem: impl Into<Problem>) -> ApiError {
    problem.into().into()
}
