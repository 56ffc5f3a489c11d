//! Problems in the person's language.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::Problem;

use crate::i18n::{Locale, t_string};

/// What went wrong, what it means and what to do.
#[must_use]
pub fn problem_text(i18n: I18nContext<Locale>, problem: &Problem) -> String {
    macro_rules! say {
        ($key:ident $(, $name:ident = $value:expr)*) => {
            t_string!(i18n, problem.$key $(, $name = $value)*).to_string()
        };
    }
    let megapixels = |pixels: u64| format!("{}.{}", pixels / 1_000_000, pixels / 100_000 % 10);
    match problem {
        Problem::FileTooLarge { limit } => say!(file_too_large, limit = limit.to_string()),
        Problem::FileEmpty => say!(file_empty),
        Problem::UnsupportedFormat { found: None } => say!(unsupported),
        Problem::UnsupportedFormat { found: Some(found) } => say!(unsupported_found, found = found.clone()),
        Problem::BrokenImage => say!(broken_image),
        Problem::TooManyPixels { limit, found } => {
            say!(too_many_pixels, found = megapixels(*found), limit = megapixels(*limit))
        }
        Problem::SideTooLong { limit, found } => {
            say!(side_too_long, found = found.to_string(), limit = limit.to_string())
        }
        Problem::TooManyFrames { limit } => say!(too_many_frames, limit = limit.to_string()),
        Problem::QuotaExceeded { used, quota, needed } => {
            say!(quota, used = used.to_string(), quota = quota.to_string(), needed = needed.to_string())
        }
        Problem::TooManyFiles { limit } => say!(too_many_files, limit = limit.to_string()),
        Problem::NoFile | Problem::BadMultipart => say!(bad_upload),
        Problem::InvalidParameter { name, expected } => {
            say!(invalid, name = name.clone(), expected = expected.clone())
        }
        Problem::NotFound => say!(not_found),
        Problem::SignedOut | Problem::InvalidToken => say!(signed_out),
        Problem::Forbidden => say!(forbidden),
        Problem::FreshCodeNeeded => say!(fresh_code),
        Problem::CrossSite => say!(cross_site),
        Problem::WrongCode => say!(wrong_code),
        Problem::CodeAlreadyUsed { wait } => say!(code_used, wait = wait.to_string()),
        Problem::WrongRecoveryCode => say!(wrong_recovery),
        Problem::TooManyAttempts { retry_after } => {
            say!(too_many_attempts, minutes = retry_after.div_ceil(60).to_string())
        }
        Problem::SignInExpired => say!(sign_in_expired),
        Problem::ChallengeNeeded | Problem::ChallengeFailed => say!(challenge),
        Problem::EnrolmentLinkInvalid => say!(link_invalid),
        Problem::EnrolmentExpired => say!(enrolment_expired),
        Problem::NameTaken => say!(name_taken),
        Problem::AuthenticatorLimit => say!(authenticator_limit),
        Problem::NameInvalid => say!(name_invalid),
        Problem::EmailInvalid => say!(email_invalid),
        Problem::Unavailable { .. } => say!(unavailable),
        Problem::TimedOut => say!(timed_out),
        Problem::Offline => say!(offline),
        Problem::MethodNotAllowed | Problem::RangeNotSatisfiable { .. } | Problem::Internal => say!(internal),
    }
}

/// A problem in a box, announced at once.
#[component]
pub fn ProblemNotice(
    /// The problem, if there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let i18n = crate::i18n::use_i18n();
    view! {
        <div class="notice-slot" role="alert">
            {move || problem.get().map(|p| view! { <p class="notice notice-error">{problem_text(i18n, &p)}</p> })}
        </div>
    }
}
