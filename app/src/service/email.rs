//! The mail address of an account.

use model::Problem;
use reflect_core::auth::{
    email,
    email_code::{Subject, prove},
};

use crate::context::Request;

/// Mails a code to another address; answers its ticket, or nothing where no mail can be sent and the
/// address is taken at once.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`], [`Problem::EmailInvalid`]; those of [`email::ask`].
pub async fn ask(request: &Request, address: &str) -> Result<Option<String>, Problem> {
    let signed_in = request.require_fresh().await?;
    let address = address.trim().parse().map_err(|_| Problem::EmailInvalid)?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(email::ask(core, &request.client, by, signed_in.user, request.asked_in()?, &address).await?)
}

/// Takes the address whose code was mailed.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; those of [`prove`].
pub async fn confirm(request: &Request, ticket: &str, code: &str) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    let proved = prove(core, &Subject::Account(signed_in.user), ticket, code).await?;
    Ok(email::change(core, by, signed_in.user, request.asked_in()?, &proved).await?)
}

/// Forgets the address.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; the database.
pub async fn forget(request: &Request) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(email::forget(core, by, signed_in.user, request.asked_in()?).await?)
}
