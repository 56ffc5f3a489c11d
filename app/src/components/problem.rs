//! Problems in the person's language.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::Problem;

use crate::{
    i18n::{Locale, t_string},
    session::sign_in_and_back,
    text::tr,
};

/// What went wrong, what it means and what to do: with images, and what can go wrong anywhere.
#[must_use]
pub fn problem_text(i18n: I18nContext<Locale>, problem: &Problem) -> String {
    macro_rules! say {
        ($key:ident $(, $name:ident = $value:expr)*) => {
            t_string!(i18n, problem.$key $(, $name = $value)*).to_string()
        };
    }
    // What is found rounds up, or it could read like the limit.
    let megapixels = |tenths: u64| format!("{}.{}", tenths / 10, tenths % 10);
    match problem {
        Problem::FileTooLarge { limit } => say!(file_too_large, limit = limit.to_string()),
        Problem::FileEmpty => say!(file_empty),
        Problem::UnsupportedFormat { found: None } => say!(unsupported),
        Problem::UnsupportedFormat { found: Some(found) } if found == "HEIC" => say!(heic),
        Problem::UnsupportedFormat { found: Some(found) } => say!(unsupported_found, found = found.clone()),
        Problem::BrokenImage => say!(broken_image),
        Problem::TooManyPixels { limit, found } => {
            say!(too_many_pixels, found = megapixels(found.div_ceil(100_000)), limit = megapixels(limit / 100_000))
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
        Problem::CrossSite => say!(cross_site),
        Problem::Unavailable { .. } => say!(unavailable),
        Problem::TimedOut => say!(timed_out),
        Problem::Offline => say!(offline),
        Problem::MethodNotAllowed
        | Problem::RangeNotSatisfiable { .. }
        | Problem::Internal
        // `account_problem_text` has words for what follows. Here it doesn't arise.
        | Problem::SignUpClosed
        | Problem::FreshCodeNeeded
        | Problem::WrongCode
        | Problem::CodeAlreadyUsed { .. }
        | Problem::WrongRecoveryCode
        | Problem::TooManyAttempts { .. }
        | Problem::SignInExpired
        | Problem::ChallengeNeeded
        | Problem::ChallengeFailed
        | Problem::EnrolmentLinkInvalid
        | Problem::EnrolmentExpired
        | Problem::NameTaken
        | Problem::AuthenticatorLimit
        | Problem::NameInvalid
        | Problem::EmailInvalid => say!(internal),
    }
}

/// A problem with images in a box, announced at once.
#[component]
pub fn ProblemNotice(
    /// The problem, if there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    notice(problem, problem_text)
}

/// A problem in a box, in the words of `say`.
pub(super) fn notice(
    problem: Signal<Option<Problem>>,
    say: fn(I18nContext<Locale>, &Problem) -> String,
) -> AnyView {
    let i18n = crate::i18n::use_i18n();
    view! {
        <div class="notice-slot" role="alert">
            {move || problem.get().map(|p| {
                let sign_in = (p == Problem::SignedOut)
                    .then(|| view! { " "<a href=sign_in_and_back()>{tr!(i18n, common.sign_in)}</a> });
                view! { <p class="notice notice-error">{say(i18n, &p)}{sign_in}</p> }
            })}
        </div>
    }
    .into_any()
}
