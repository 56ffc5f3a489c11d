//! From a one-time link to an account.

use model::{
    Problem,
    types::{Begun, EnrolmentLinkInfo, RecoveryCodesOffer, SessionInfo, Username},
};
use reflect_core::{
    auth::enrolment::{self, GivenEmail},
    challenge,
};

use crate::context::Request;

/// A link, where everybody may make an account. Takes what the client has solved.
///
/// # Errors
/// Those of [`challenge::verify`] and [`enrolment::sign_up`].
pub async fn sign_up(request: &Request) -> Result<String, Problem> {
    let (core, client) = (&request.app.core, &request.client);
    let solved = challenge::verify(core, client.address, client.challenge.as_ref()).await?;
    Ok(enrolment::sign_up(core, solved).await?)
}

/// What a link is good for. Uses nothing up.
///
/// # Errors
/// Those of [`enrolment::link_info`].
pub async fn link(request: &Request, token: &str) -> Result<EnrolmentLinkInfo, Problem> {
    Ok(enrolment::link_info(&request.app.core, token).await?)
}

/// Makes the secret, or mails a code first. `name` may be empty where the link has one, `email` always.
///
/// # Errors
/// [`Problem::NameInvalid`], [`Problem::EmailInvalid`]; those of [`enrolment::begin`].
pub async fn begin(request: &Request, token: &str, name: &str, email: &str) -> Result<Begun, Problem> {
    let email = match email.trim() {
        "" => GivenEmail::None,
        address => GivenEmail::Typed(address.parse().map_err(|_| Problem::EmailInvalid)?),
    };
    begin_with(request, token, name, email).await
}

/// Makes the secret for whoever has the mailed code.
///
/// # Errors
/// [`Problem::NameInvalid`], [`Problem::WrongCode`]; those of [`enrolment::begin`].
pub async fn prove_email(
    request: &Request,
    token: &str,
    name: &str,
    ticket: String,
    code: &str,
) -> Result<Begun, Problem> {
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    begin_with(request, token, name, GivenEmail::Proof { ticket, code }).await
}

/// Takes the first code.
///
/// # Errors
/// Those of [`enrolment::confirm`].
pub async fn confirm(request: &Request, ticket: &str, code: &str) -> Result<RecoveryCodesOffer, Problem> {
    let code = code.parse().map_err(|_| Problem::WrongCode)?;
    Ok(enrolment::confirm(&request.app.core, ticket, code).await?)
}

/// Takes a recovery code back; the account exists and is signed in when this answers.
///
/// # Errors
/// Those of [`enrolment::finish`].
pub async fn finish(request: &Request, ticket: &str, code: &str) -> Result<SessionInfo, Problem> {
    let code = code.parse().map_err(|_| Problem::WrongRecoveryCode)?;
    let user = enrolment::finish(&request.app.core, &request.client, ticket, code).await?;
    request.sign_in_anew(user).await
}

async fn begin_with(request: &Request, token: &str, name: &str, email: GivenEmail) -> Result<Begun, Problem> {
    Ok(enrolment::begin(&request.app.core, &request.client, token, new_name(name)?, email).await?)
}

fn new_name(text: &str) -> Result<Option<Username>, Problem> {
    match text.trim() {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|_| Problem::NameInvalid),
    }
}
