//! The account itself.

use model::{Problem, types::SessionInfo};
use reflect_core::admin;

use crate::context::Request;

/// Deletes the person's account with all that is theirs; `name` is its name, to confirm. The browser keeps
/// nothing of it. Answers what the page then knows.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; those of [`admin::remove`].
pub async fn remove(request: &Request, name: &str) -> Result<SessionInfo, Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by, asked_in) = (&request.app.core, request.by(&signed_in), request.asked_in()?);
    admin::remove(core, by, signed_in.user, name, Some(asked_in)).await?;
    request.forget_device();
    request.forget_session().await
}
