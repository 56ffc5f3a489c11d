//! What comes next when somebody signs in.

use serde::{Deserialize, Serialize};

use super::SessionInfo;

/// What the server says comes next. On the wire an object with a `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", try_from = "Members")]
pub enum SignInStep {
    /// Nothing.
    SignedIn {
        /// What the page then knows.
        session: Box<SessionInfo>,
    },
    /// A code: this device isn't trusted, or not any more.
    NeedCode,
    /// A solved challenge besides, because of failures from this address. The code wasn't looked at.
    NeedChallenge,
    /// The next code of the same authenticator too, because somebody is guessing at the account.
    /// Whether this one was right isn't said.
    NeedSecondCode {
        /// Names this sign-in in the next step, for three minutes.
        ticket: String,
        /// Whether a mailed code can be asked for in the place of the next one: whether the instance
        /// sends mail, which says nothing of an account.
        by_mail: bool,
    },
    /// The set-up link: nobody has an account yet.
    NeedEnrolment,
}

/// Every member that some step has, to read one from; why, see `problem::wire`.
#[derive(Deserialize)]
struct Members {
    status: String,
    session: Option<Box<SessionInfo>>,
    ticket: Option<String>,
    #[serde(default)]
    by_mail: bool,
}

impl TryFrom<Members> for SignInStep {
    type Error = &'static str;

    fn try_from(Members { status, session, ticket, by_mail }: Members) -> Result<Self, Self::Error> {
        let step = match status.as_str() {
            "signed_in" => session.map(|session| Self::SignedIn { session }),
            "need_code" => Some(Self::NeedCode),
            "need_challenge" => Some(Self::NeedChallenge),
            "need_second_code" => ticket.map(|ticket| Self::NeedSecondCode { ticket, by_mail }),
            "need_enrolment" => Some(Self::NeedEnrolment),
            _ => None,
        };
        step.ok_or("no such step")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        rules::links::Origins,
        types::{ByteSize, SignInForm},
    };

    #[test]
    fn a_step_is_an_object_with_a_status() {
        let sign_in = SignInForm {
            asks_name: true,
            has_accounts: true,
            sign_up: false,
            reset_by_mail: false,
            known: None,
            copied: false,
            provider: None,
        };
        let origins = Origins { site: "s".into(), images: "i".into() };
        let session = Box::new(SessionInfo { me: None, sign_in, origins, max_upload: ByteSize(7) });
        let in_json = serde_json::to_value(&session).unwrap();
        for (step, wire) in [
            (SignInStep::SignedIn { session }, json!({ "status": "signed_in", "session": in_json })),
            (SignInStep::NeedCode, json!({ "status": "need_code" })),
            (SignInStep::NeedChallenge, json!({ "status": "need_challenge" })),
            (
                SignInStep::NeedSecondCode { ticket: "t".into(), by_mail: true },
                json!({ "status": "need_second_code", "ticket": "t", "by_mail": true }),
            ),
            (SignInStep::NeedEnrolment, json!({ "status": "need_enrolment" })),
        ] {
            assert_eq!(serde_json::to_value(&step).unwrap(), wire);
            assert_eq!(serde_json::from_value::<SignInStep>(wire).unwrap(), step);
        }
    }

    #[test]
    fn half_a_step_is_none() {
        for wire in [
            json!({ "status": "signed_in" }),
            json!({ "status": "need_second_code" }),
            json!({ "status": "need_luck" }),
            json!({}),
        ] {
            assert!(serde_json::from_value::<SignInStep>(wire).is_err());
        }
    }
}
