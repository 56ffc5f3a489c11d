//! The steps of the wizard that makes an account.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{EnrolmentLinkInfo, EnrolmentOffer, RecoveryCodesOffer, SessionInfo};

use crate::ApiError;

/// What the link is good for.
#[server(prefix = "/api/app", endpoint = "enrolment-link", input = Json)]
pub async fn enrolment_link(token: String) -> Result<EnrolmentLinkInfo, ApiError> {
    let request = crate::context::Request::current().await?;
    reflect_core::auth::enrolment::link_info(&request.app.core, &token).await.map_err(crate::context::fail)
}

/// Makes the secret. `email` may be empty.
#[server(prefix = "/api/app", endpoint = "begin-enrolment", input = Json)]
pub async fn begin_enrolment(token: String, name: String, email: String) -> Result<EnrolmentOffer, ApiError> {
    use crate::context::fail;
    use model::Problem;
    let request = crate::context::Request::current().await?;
    let name = name.parse().map_err(|_| fail(Problem::NameInvalid))?;
    let email = match email.trim() {
        "" => None,
        address => Some(address.parse().map_err(|_| fail(Problem::EmailInvalid))?),
    };
    reflect_core::auth::enrolment::begin(&request.app.core, &token, name, email).await.map_err(fail)
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
