//! A mail address and the code that proves it.

use app::service::{email, enrolment};
use axum::Json;
use serde::Deserialize;

use super::{Body, InPerson, Refusal, invalid, registration::Step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailCode {
    email: Option<String>,
    ticket: Option<String>,
    code: Option<String>,
    token: Option<String>,
    name: Option<String>,
}

/// `POST /api/v1/auth/email-code`: mails a code to another address of the caller's, or takes back the one that
/// was mailed; with a link's `token` that of an account in the making.
pub(super) async fn email_code(
    InPerson(request): InPerson,
    Body(body): Body<EmailCode>,
) -> Result<Json<Step>, Refusal> {
    Ok(Json(match body {
        EmailCode { email: Some(address), ticket: None, code: None, token: None, name: None } => {
            match email::ask(&request, &address).await? {
                Some(ticket) => Step::NeedEmailCode { ticket },
                None => Step::Done { id: None },
            }
        }
        EmailCode { email: None, ticket: Some(ticket), code: Some(code), token: None, name: None } => {
            email::confirm(&request, &ticket, &code).await?;
            Step::Done { id: None }
        }
        EmailCode { email: None, ticket: Some(ticket), code: Some(code), token: Some(token), name } => {
            let name = name.unwrap_or_default();
            enrolment::prove_email(&request, &token, &name, ticket, &code).await?.into()
        }
        _ => {
            let expected = "one with `email`, or with `ticket` and `code` (and `token`, `name`)";
            return Err(invalid("body", expected).into());
        }
    }))
}
