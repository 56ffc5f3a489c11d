//! Administration. Everything here is done by an [`Administrator`].

pub mod accounts;
pub mod invites;
pub mod log;
pub mod outbox;
pub mod policy;

use model::{Problem, types::Overview};
use reflect_core::{
    Core, admin,
    audit::By,
    auth::{session::SignedIn, user},
    db,
};

use crate::{ApiError, context::Request};

/// Somebody who administers the instance and typed a code within the last minutes. Made by [`Self::of`]
/// alone, so that nothing that wants one can be had without being asked.
pub struct Administrator {
    request: Request,
    signed_in: SignedIn,
}

impl Administrator {
    /// Whoever sends `request`. Whoever doesn't administer isn't asked for a code.
    ///
    /// # Errors
    /// [`Problem::SignedOut`], [`Problem::Forbidden`], [`Problem::FreshCodeNeeded`];
    /// [`Problem::Unavailable`] when the database can't be read.
    pub async fn of(request: Request) -> Result<Self, Problem> {
        let signed_in = request.require_signed_in().await?;
        let core = &request.app.core;
        let administers = user::is_administrator(core, signed_in.user).await;
        if !administers.map_err(|error| db::problem(&error))? {
            return Err(Problem::Forbidden);
        }
        if !signed_in.is_fresh(core.now()) {
            return Err(Problem::FreshCodeNeeded);
        }
        Ok(Self { request, signed_in })
    }

    /// Whoever calls a server function.
    pub(crate) async fn current() -> Result<Self, ApiError> {
        Ok(Self::of(Request::current().await?).await?)
    }

    /// The domain.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.request.app.core
    }

    /// The same as one who acts, for the audit log.
    fn by(&self) -> By<'_> {
        By::administrator(self.signed_in.user, &self.request.client).at(self.signed_in.device)
    }
}

/// The instance at a glance.
///
/// # Errors
/// The database.
pub async fn overview(administrator: &Administrator) -> Result<Overview, Problem> {
    Ok(admin::overview(administrator.core()).await?)
}
