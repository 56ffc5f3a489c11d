//! Who looks, by the session and what a trusted device brings.

use model::{
    Problem,
    types::{KnownVisitor, SessionHandle, SessionInfo, SignInForm},
};
use reflect_core::{
    auth::{
        self, Client,
        device::{self, Recognised},
        session::{self, Lifetime, SIGNED_IN, SignedIn},
    },
    db,
};
use time::Duration;
use tower_sessions::{Expiry, Session};

use super::{AppContext, cookies::SetCookies, device_cookie};

/// What a session says of the one who brings it.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Nothing.
    Stranger,
    /// They were signed in in another network: a code shows that it is still they.
    Moved(SignedIn),
    /// They are signed in.
    SignedIn(SignedIn),
}

impl Visitor {
    /// Who `client` is by `session`.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] when sessions can't be read.
    pub async fn find(context: &AppContext, session: &Session, client: &Client) -> Result<Self, Problem> {
        let found: Option<SignedIn> = session.get(SIGNED_IN).await.map_err(|error| problem(&error))?;
        let Some(found) = found else { return Ok(Self::Stranger) };
        Ok(Self::judge(context, found, client, lifetime(context).await?))
    }

    /// Who `client` is by what was `found` in a session that may last for `lifetime`.
    pub(super) fn judge(context: &AppContext, found: SignedIn, client: &Client, lifetime: Duration) -> Self {
        if !found.is_live(lifetime, context.core.now()) {
            Self::Stranger
        } else if context.session_binding.holds(found.address, client.address) {
            Self::SignedIn(found)
        } else {
            Self::Moved(found)
        }
    }

    /// The person, if they are signed in.
    #[must_use]
    pub fn signed_in(self) -> Option<SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Stranger | Self::Moved(_) => None,
        }
    }
}

/// Signs in: a new session id, so that one planted before is worth nothing.
///
/// # Errors
/// [`Problem::Unavailable`] when sessions can't be written.
pub(super) async fn open_session(
    context: &AppContext,
    session: &Session,
    signed_in: &SignedIn,
) -> Result<(), Problem> {
    session.cycle_id().await.map_err(|error| problem(&error))?;
    keep(context, session, signed_in).await
}

/// Keeps what is new in the session, in a cookie that lives as long as a session may.
///
/// # Errors
/// [`Problem::Unavailable`] when sessions can't be written.
pub(super) async fn keep(
    context: &AppContext,
    session: &Session,
    signed_in: &SignedIn,
) -> Result<(), Problem> {
    session.set_expiry(Some(Expiry::OnInactivity(lifetime(context).await?)));
    session.insert(SIGNED_IN, signed_in).await.map_err(|error| problem(&error))
}

/// How long a session may last.
pub(super) async fn lifetime(context: &AppContext) -> Result<Duration, Problem> {
    let policy = context.core.policy().await.map_err(|error| db::problem(&error))?;
    Ok(Lifetime::of(&policy).absolute)
}

/// Names the session, if it is stored.
pub(super) fn handle(session: &Session) -> Option<SessionHandle> {
    session.id().map(|id| session::handle(&id.0.to_be_bytes()))
}

/// The session store failed.
pub(super) fn problem(error: &tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "session store");
    Problem::Unavailable { retry_after: 5 }
}

/// Which device `client` is. One of which somebody has a copy isn't trusted any more, and its browser forgets what
/// it kept.
///
/// # Errors
/// [`Problem::Unavailable`] when the database can't be read.
pub(super) async fn recognise(
    context: &AppContext,
    client: &Client,
    cookies: &SetCookies,
) -> Result<Recognised, Problem> {
    let found = device::recognise(&context.core, client).await?;
    if found == Recognised::Reused {
        cookies.extend(device_cookie::forget(context.is_https()));
    }
    Ok(found)
}

/// What a page needs to know of its visitor. The server finds it before a page is rendered and
/// provides it as context, so that rendering needs no waiting for it.
///
/// # Errors
/// [`Problem::Unavailable`] when the database can't be read.
pub async fn session_info(
    context: &AppContext,
    session: &Session,
    client: &Client,
    cookies: &SetCookies,
) -> Result<SessionInfo, Problem> {
    let core = &context.core;
    let visitor = Visitor::find(context, session, client).await?;
    let me = match &visitor {
        Visitor::SignedIn(signed_in) => {
            auth::user::me(core, signed_in.user).await.map_err(|error| db::problem(&error))?
        }
        Visitor::Stranger | Visitor::Moved(_) => None,
    };
    let provider = context.provider.as_ref().map(|provider| provider.name().to_owned());
    let sign_in = match me {
        Some(_) => SignInForm {
            asks_name: true,
            has_accounts: true,
            sign_up: false,
            reset_by_mail: core.mail_enabled(),
            known: None,
            copied: false,
            provider,
        },
        None => {
            let device = recognise(context, client, cookies).await?;
            let known = known(context, &visitor, device).await?;
            let copied = device == Recognised::Reused;
            SignInForm { known, copied, provider, ..auth::sign_in::form(core).await? }
        }
    };
    let origins = core.settings.origins.clone();
    let policy = core.policy().await.map_err(|error| db::problem(&error))?;
    Ok(SessionInfo { me, sign_in, origins, max_upload: policy.max_upload.size() })
}

/// Who was here before.
async fn known(
    context: &AppContext,
    visitor: &Visitor,
    device: Recognised,
) -> Result<Option<KnownVisitor>, Problem> {
    let core = &context.core;
    let trusted = match device.trusted() {
        Some(device) => device::known(core, device).await.map_err(|error| db::problem(&error))?,
        None => None,
    };
    Ok(match (trusted, visitor) {
        (None, Visitor::Moved(moved)) => {
            let name = auth::user::name(core, moved.user).await.map_err(|error| db::problem(&error))?;
            name.map(|name| KnownVisitor { name, trusted: false })
        }
        (trusted, _) => trusted,
    })
}
