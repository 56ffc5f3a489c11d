//! A mail address and the code that proves it.

use app::service::{email, enrolment, sign_in};
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
    purpose: Option<Purpose>,
}

/// For what a code is mailed, where that isn't to prove an address.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    SignIn,
}

/// `POST /api/v1/auth/email-code`: mails a code to another address of the caller's, or takes back the one that
/// was mailed; with a link's `token` that of an account in the making. With a sign-in's `ticket` and that
/// `purpose`, mails one in the place of a second code, and answers the same if there is nobody to mail it to.
pub(super) async fn email_code(
    InPerson(request): InPerson,
    Body(EmailCode { email, ticket, code, token, name, purpose }): Body<EmailCode>,
) -> Result<Json<Step>, Refusal> {
    Ok(Json(match (purpose, email, ticket, code, token, name) {
        (None, Some(address), None, None, None, None) => match email::ask(&request, &address).await? {
            Some(ticket) => Step::NeedEmailCode { ticket },
            None => Step::Done { id: None },
        },
        (None, None, Some(ticket), Some(code), None, None) => {
            email::confirm(&request, &ticket, &code).await?;
            Step::Done { id: None }
        }
        (None, None, Some(ticket), Some(code), Some(token), name) => {
            let name = name.unwrap_or_default();
            enrolment::prove_email(&request, &token, &name, ticket, &code).await?.into()
        }
        (Some(Purpose::SignIn), None, Some(ticket), None, None, None) => {
            Step::NeedEmailCode { ticket: sign_in::ask_for_mailed_code(&request, &ticket).await? }
        }
        _ => {
            let expected = "one with `email`, with `ticket` and `code` (and `token`, `name`), or with `ticket` and `purpose`";
            return Err(invalid("body", expected).into());
        }
    }))
}
