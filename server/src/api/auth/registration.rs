//! Accounts and authenticators in the making.

use app::service::{authenticators, enrolment};
use axum::Json;
use http::StatusCode;
use model::{
    Problem,
    types::{
        AuthenticatorId, AuthenticatorOffer, Begun, ChallengeAnswer, EnrolmentOffer, RecoveryCodesOffer,
        SessionInfo,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Body, InPerson, Refusal, invalid};

/// What comes next.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum Step {
    /// The code that was mailed, to `email-code`.
    NeedEmailCode { ticket: String },
    /// The first code of the secret, to `totp/registration-verify`.
    NeedCode(Offer),
    /// One of the ten codes typed back, to where they came from.
    NeedRecoveryCode(RecoveryCodesOffer),
    /// Nothing.
    Done {
        /// Of an authenticator, where one was added.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<AuthenticatorId>,
    },
    /// Nothing: the account exists and is signed in.
    SignedIn { session: Box<SessionInfo> },
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Offer {
    Account(Box<EnrolmentOffer>),
    Authenticator(AuthenticatorOffer),
}

impl From<Begun> for Step {
    fn from(begun: Begun) -> Self {
        match begun {
            Begun::Offer(offer) => Self::NeedCode(Offer::Account(offer)),
            Begun::ProveEmail { ticket } => Self::NeedEmailCode { ticket },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Solved {
    challenge: Option<ChallengeAnswer>,
}

#[derive(Serialize)]
pub(super) struct Link {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    token: Option<String>,
    name: Option<String>,
    email: Option<String>,
    replaces: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    ticket: String,
    code: Option<String>,
    recovery_code: Option<String>,
}

/// `POST /api/v1/auth/sign-up`: a link with which to make an account, where everybody may.
pub(super) async fn sign_up(
    InPerson(request): InPerson,
    Body(Solved { challenge }): Body<Solved>,
) -> Result<(StatusCode, Json<Link>), Refusal> {
    let token = enrolment::sign_up(&request.with_challenge(challenge)).await?;
    Ok((StatusCode::CREATED, Json(Link { token })))
}

/// `POST /api/v1/auth/totp/registration-options`: a secret, with a link's `token` for an account, without one
/// for the caller's next authenticator or one that `replaces` another.
pub(super) async fn options(
    InPerson(request): InPerson,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Step>, Refusal> {
    Ok(Json(match wanted {
        Wanted { token: Some(token), name, email, replaces: None } => {
            let (name, email) = (name.unwrap_or_default(), email.unwrap_or_default());
            enrolment::begin(&request, &token, &name, &email).await?.into()
        }
        Wanted { token: None, name: Some(name), email: None, replaces: None } => {
            Step::NeedCode(Offer::Authenticator(authenticators::begin(&request, &name).await?))
        }
        Wanted { token: None, name: None, email: None, replaces: Some(id) } => {
            let offer = authenticators::rotate(&request, AuthenticatorId(id)).await?;
            Step::NeedCode(Offer::Authenticator(offer))
        }
        _ => {
            let expected = "one with `token` (and `name`, `email`), or with `name`, or with `replaces`";
            return Err(invalid("body", expected).into());
        }
    }))
}

/// `POST /api/v1/auth/totp/registration-verify`: the first code, and for an account a recovery code after it.
pub(super) async fn verify(
    InPerson(request): InPerson,
    Body(Typed { ticket, code, recovery_code }): Body<Typed>,
) -> Result<Json<Step>, Refusal> {
    Ok(Json(match (code, recovery_code) {
        (Some(code), None) => match authenticators::confirm(&request, &ticket, &code).await {
            Ok(id) => Step::Done { id: Some(id) },
            // The ticket of no authenticator of the caller's may be that of an account.
            Err(Problem::SignedOut | Problem::EnrolmentExpired) => {
                Step::NeedRecoveryCode(enrolment::confirm(&request, &ticket, &code).await?)
            }
            Err(problem) => return Err(problem.into()),
        },
        (None, Some(code)) => {
            Step::SignedIn { session: Box::new(enrolment::finish(&request, &ticket, &code).await?) }
        }
        _ => return Err(invalid("body", "one with `ticket` and either `code` or `recovery_code`").into()),
    }))
}
