//! Problems with accounts and sign-in: words that only pages need which are loaded when they are asked
//! for.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::{Problem, problem::Wait, types::Label};

use super::problem::{notice, problem_text};
use crate::i18n::{Locale, t_string};

/// What went wrong, what it means and what to do, whatever it is.
#[must_use]
pub fn account_problem_text(i18n: I18nContext<Locale>, problem: &Problem) -> String {
    macro_rules! say {
        ($key:ident $(, $name:ident = $value:expr)*) => {
            t_string!(i18n, problem.$key $(, $name = $value)*).to_string()
        };
    }
    match problem {
        Problem::SignUpClosed => say!(sign_up_closed),
        Problem::FreshCodeNeeded => say!(fresh_code),
        Problem::WrongCode => say!(wrong_code),
        Problem::CodeAlreadyUsed { wait } => say!(code_used, wait = wait.to_string()),
        Problem::WrongRecoveryCode => say!(wrong_recovery),
        Problem::SignInExpired => say!(sign_in_expired),
        Problem::ChallengeNeeded | Problem::ChallengeFailed => say!(challenge),
        Problem::EnrolmentLinkInvalid => say!(link_invalid),
        Problem::EnrolmentExpired => say!(enrolment_expired),
        Problem::NameTaken => say!(name_taken),
        Problem::AuthenticatorLimit => say!(authenticator_limit),
        Problem::NameInvalid => say!(name_invalid),
        Problem::EmailInvalid => say!(email_invalid),
        Problem::TooManyAttempts { retry_after } => too_often(i18n, *retry_after),
        Problem::InvalidParameter { name, .. } => match name.as_str() {
            "quota" => say!(field_quota),
            "max_upload" => say!(field_max_upload),
            "days" => say!(field_days),
            "session_hours" => say!(field_session_hours),
            "session_idle_minutes" => say!(field_session_idle_minutes),
            "name" | "note" => say!(field_label, most = Label::MAX_CHARS.to_string()),
            "from" | "to" => say!(field_day),
            "expires_in_days" => say!(field_expires),
            "requests_per_minute" => say!(field_requests),
            "scopes" => say!(field_scopes),
            "tokens" => say!(field_tokens),
            "account" => say!(field_account),
            "id" => say!(field_mail),
            // What no form has.
            _ => problem_text(i18n, problem),
        },
        other => problem_text(i18n, other),
    }
}

/// That it was too soon or too often, and how many seconds there are to wait.
pub(super) fn too_often(i18n: I18nContext<Locale>, retry_after: u32) -> String {
    macro_rules! say {
        ($key:ident, $name:ident = $value:expr) => {
            t_string!(i18n, problem.$key, $name = $value).to_string()
        };
    }
    let wait = match Wait::of(retry_after) {
        Wait::Seconds(count) => say!(wait_seconds, count = count.to_string()),
        Wait::Minutes(count) => say!(wait_minutes, count = count.to_string()),
        Wait::Hours(count) => say!(wait_hours, count = count.to_string()),
        Wait::Days(count) => say!(wait_days, count = count.to_string()),
    };
    say!(too_many_attempts, wait = wait)
}

/// A problem in a box, announced at once.
#[component]
pub fn AccountProblemNotice(
    /// The problem, if there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    notice(problem, account_problem_text)
}

/// The same where a code was mailed, which no app shows and no clock changes.
#[component]
pub fn MailedProblemNotice(
    /// The problem, if there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    notice(problem, |i18n, problem| match problem {
        Problem::WrongCode => t_string!(i18n, auth.mailed_wrong_code).to_owned(),
        Problem::SignInExpired => t_string!(i18n, auth.mailed_code_lapsed).to_owned(),
        other => account_problem_text(i18n, other),
    })
}
