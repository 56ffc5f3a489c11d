//! Administration. Everything here is done by an [`Administrator`].

pub mod accounts;
pub mod invites;
pub mod log;
pub mod outbox;
pub mod policy;

use model::{
    Problem,
    types::{DeviceId, Overview, Scope, SessionHandle, TokenId, UserId},
};
use reflect_core::{
    Core,
    admin::{self, Authority},
    audit::By,
    auth::{Client, token::Grant, user},
    db,
};

use crate::{
    ApiError,
    context::{AppContext, Request},
};

/// Somebody who administers the instance and typed a code within the last minutes, or within 90 days let a
/// program administer by making a token with one. Made by [`Self::of`] and [`Self::by_token`] alone, so that
/// nothing that wants one can be had without being asked.
pub struct Administrator {
    app: AppContext,
    client: Client,
    user: UserId,
    means: Means,
}

/// By what they act.
enum Means {
    Session { handle: SessionHandle, device: Option<DeviceId> },
    Token { id: TokenId, name: String },
}

impl Administrator {
    /// Whoever sends `request`. Whoever doesn't administer isn't asked for a code.
    ///
    /// # Errors
    /// [`Problem::SignedOut`], [`Problem::Forbidden`], [`Problem::FreshCodeNeeded`];
    /// [`Problem::Unavailable`] when the database can't be read.
    pub async fn of(request: Request) -> Result<Self, Problem> {
        let signed_in = request.require_signed_in().await?;
        refuse_others(&request.app, signed_in.user).await?;
        if !signed_in.is_fresh(request.app.core.now()) {
            return Err(Problem::FreshCodeNeeded);
        }
        let means = Means::Session { handle: request.asked_in()?, device: signed_in.device };
        Ok(Self { app: request.app, client: request.client, user: signed_in.user, means })
    }

    /// Whoever made the token of `grant`, by which a program on `client` calls.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::Unavailable`] when the database can't be read.
    pub async fn by_token(app: AppContext, client: Client, grant: Grant) -> Result<Self, Problem> {
        if !grant.scopes.has(Scope::Admin) {
            return Err(Problem::Forbidden);
        }
        refuse_others(&app, grant.user).await?;
        Ok(Self { app, client, user: grant.user, means: Means::Token { id: grant.token, name: grant.name } })
    }

    /// Whoever calls a server function.
    pub(crate) async fn current() -> Result<Self, ApiError> {
        Ok(Self::of(Request::current().await?).await?)
    }

    /// The domain.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.app.core
    }

    /// The session in which they act.
    const fn session(&self) -> Option<SessionHandle> {
        match self.means {
            Means::Session { handle, .. } => Some(handle),
            Means::Token { .. } => None,
        }
    }

    /// Refuses programs: what makes a way into an account, or an administrator, or can't be undone, is for
    /// people. Else whoever finds a token that lapses would have what doesn't.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]
    const fn require_person(&self) -> Result<(), Problem> {
        match self.means {
            Means::Session { .. } => Ok(()),
            Means::Token { .. } => Err(Problem::Forbidden),
        }
    }

    /// The same as one who acts, for the audit log.
    fn by(&self) -> By<'_> {
        let by = By::administrator(self.user, &self.client);
        match &self.means {
            Means::Session { handle, device } => by.at(*device).with_authority(Authority::Session(*handle)),
            Means::Token { id, name } => by.with_token(Some(name)).with_authority(Authority::Token(*id)),
        }
    }
}

async fn refuse_others(app: &AppContext, user: UserId) -> Result<(), Problem> {
    let administers = user::is_administrator(&app.core, user).await;
    if administers.map_err(|error| db::problem(&error))? { Ok(()) } else { Err(Problem::Forbidden) }
}

/// The instance at a glance.
///
/// # Errors
/// The database.
pub async fn overview(administrator: &Administrator) -> Result<Overview, Problem> {
    Ok(admin::overview(administrator.core()).await?)
}
