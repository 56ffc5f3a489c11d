//! Problems with accounts and sign-in: words that only pages need which are loaded when they are asked
//! for.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::Problem;

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
        Problem::TooManyAttempts { retry_after } => {
            say!(too_many_attempts, minutes = retry_after.div_ceil(60).to_string())
        }
        other => problem_text(i18n, other),
    }
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
