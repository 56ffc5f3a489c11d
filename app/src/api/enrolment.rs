//! The steps of the wizard that makes an account.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{Begun, ChallengeAnswer, EnrolmentLinkInfo, RecoveryCodesOffer, SessionInfo};

use crate::ApiError;

/// What the link is good for.
#[server(prefix = "/api/app", endpoint = "enrolment-link", input = Json)]
pub async fn enrolment_link(token: String) -> Result<EnrolmentLinkInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    reflect_core::auth::enrolment::link_info(&request.app.core, &token).await.map_err(crate::context::fail)
}

/// Makes the secret, or mails a code first. `email` may be empty.
#[server(prefix = "/api/app", endpoint = "begin-enrolment", input = Json)]
pub async fn begin_enrolment(token: String, name: String, email: String) -> Result<Begun, ApiError> {
    use crate::context::fail;
    use model::Problem;
    use reflect_core::auth::enrolment::{GivenEmail, begin};
    let request = crate::context::Request::current().await?;
    let name = name.parse().map_err(|_| fail(Problem::NameInvalid))?;
    let email = match email.trim() {
        "" => GivenEmail::None,
        address => GivenEmail::Typed(address.parse().map_err(|_| fail(Problem::EmailInvalid))?),
    };
    begin(&request.app.core, &request.client, &token, name, email).await.map_err(fail)
}

/// Makes the secret for whoever has the mailed code.
#[server(prefix = "/api/app", endpoint = "prove-enrolment-email", input = Json)]
pub async fn prove_enrolment_email(
    token: String,
    name: String,
    ticket: String,
    code: String,
) -> Result<Begun, ApiError> {
    use crate::context::fail;
    use model::Problem;
    use reflect_core::auth::enrolment::{GivenEmail, begin};
    let request = crate::context::Request::current().await?;
    let name = name.parse().map_err(|_| fail(Problem::NameInvalid))?;
    let code = code.parse().map_err(|_| fail(Problem::WrongCode))?;
    let proof = GivenEmail::Proof { ticket, code };
    begin(&request.app.core, &request.client, &token, name, proof).await.map_err(fail)
}

/// A link to the wizard, where everybody may make an account.
#[server(prefix = "/api/app", endpoint = "sign-up", input = Json)]
pub async fn sign_up(challenge: Option<ChallengeAnswer>) -> Result<String, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let core = &request.app.core;
    let solved = reflect_core::challenge::verify(core, request.client.address, challenge.as_ref()).await;
    reflect_core::auth::enrolment::sign_up(core, solved.map_err(fail)?).await.map_err(fail)
}

/// Asks for a way back by mail. Answers the same whether the address is somebody's or not.
#[server(prefix = "/api/app", endpoint = "request-reset", input = Json)]
pub async fn request_reset(email: String, challenge: Option<ChallengeAnswer>) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let core = &request.app.core;
    let email = email.trim().parse().map_err(|_| fail(model::Problem::EmailInvalid))?;
    let solved = reflect_core::challenge::verify(core, request.client.address, challenge.as_ref()).await;
    reflect_core::auth::reset::request(core, &request.client, &email, solved.map_err(fail)?)
        .await
        .map_err(fail)
}

/// Takes the first code.
#[server(prefix = "/api/app", endpoint = "confirm-enrolment", input = Json)]
pub async fn confirm_enrolment(ticket: String, code: String) -> Result<RecoveryCodesOffer, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongCode))?;
    reflect_core::auth::enrolment::confirm(&request.app.core, &ticket, code).await.map_err(fail)
}

/// Takes a recovery code back; the account exists and is signed in when this answers.
#[server(prefix = "/api/app", endpoint = "finish-enrolment", input = Json)]
pub async fn finish_enrolment(ticket: String, code: String) -> Result<SessionInfo, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let code = code.parse().map_err(|_| fail(model::Problem::WrongRecoveryCode))?;
    let core = &request.app.core;
    let user = reflect_core::auth::enrolment::finish(core, &request.client, &ticket, code).await;
    request.sign_in(user.map_err(fail)?).await
}
