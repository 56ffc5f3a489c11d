//! Where a person is signed in.

use model::{
    Problem,
    types::{SessionEntry, SessionHandle},
};
use reflect_core::auth::session;

use super::or_missing;
use crate::context::Request;

/// The person's sessions.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn list(request: &Request) -> Result<Vec<SessionEntry>, Problem> {
    let user = request.require_user().await?;
    Ok(session::list(&request.app.core, user, request.handle()).await?)
}

/// Ends one of them. Another one than this only with a fresh code: whoever has a copy of a device's cookie could
/// keep the owner out by ending theirs again and again.
///
/// # Errors
/// As [`list`]; [`Problem::FreshCodeNeeded`], [`Problem::NotFound`].
pub async fn end(request: &Request, id: SessionHandle) -> Result<(), Problem> {
    let signed_in = if request.handle() == Some(id) {
        request.require_signed_in().await?
    } else {
        request.require_fresh().await?
    };
    let (core, by) = (&request.app.core, request.by(&signed_in));
    or_missing(session::end(core, by, signed_in.user, id).await?)
}

/// Ends all of them but this one; answers how many.
///
/// # Errors
/// As [`list`]; [`Problem::FreshCodeNeeded`].
pub async fn end_others(request: &Request) -> Result<u64, Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(session::end_others(core, by, signed_in.user, request.handle()).await?)
}
