//! What comes after the first code of an account that is being guessed at.

use leptos::prelude::*;
use model::Problem;

use super::CodeField;
use crate::{
    api,
    components::{AccountProblemNotice, When},
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    platform::platform,
    text::tr,
};

/// What is asked for besides the first code.
#[derive(Clone, PartialEq)]
pub(super) enum Second {
    /// The next code of the same app.
    Code {
        ticket: String,
        /// Whether a mailed one can be asked for in its place.
        by_mail: bool,
    },
    /// The mailed one.
    MailedCode { ticket: String },
}

impl Second {
    const fn is_mailed(&self) -> bool {
        matches!(self, Self::MailedCode { .. })
    }

    const fn is_offered_by_mail(&self) -> bool {
        matches!(self, Self::Code { by_mail: true, .. })
    }
}

fn is(second: RwSignal<Option<Second>>, kind: fn(&Second) -> bool) -> bool {
    second.with(|second| second.as_ref().is_some_and(kind))
}

/// Asks for the first code, or for what is to follow it.
#[component]
pub(super) fn CodeStep(
    /// What is to follow; nothing so far.
    second: RwSignal<Option<Second>>,
    /// Whether a code is being checked.
    busy: Signal<bool>,
    /// Told the six digits.
    on_code: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <When
            when=move || is(second, Second::is_mailed)
            fallback=move || view! {
                <When when=move || second.with(Option::is_some)>
                    <p class="notice" role="status">{tr!(i18n, auth.second_text)}</p>
                </When>
                <CodeField busy=busy on_code=on_code />
                <Countdown />
            }
        >
            <p class="notice" role="status">{tr!(i18n, auth.mailed_text)}</p>
            <CodeField busy=busy mailed=true on_code=on_code />
        </When>
    }
}

/// What else can follow the first code.
#[component]
pub(super) fn OtherSecond(
    second: RwSignal<Option<Second>>,
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <When when=move || is(second, Second::is_offered_by_mail)>
            <MailInstead second=second problem=problem />
        </When>
        <When when=move || is(second, Second::is_mailed)>
            <button type="button" class="button button-quiet" on:click=move |_| {
                problem.set(None);
                second.set(None);
            }>
                {tr!(i18n, auth.begin_again)}
            </button>
        </When>
    }
}

/// Asks for a mailed code in the place of the next one.
#[component]
fn MailInstead(second: RwSignal<Option<Second>>, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    let i18n = use_i18n();
    let asking = Asking::new();
    let ask = move |_| {
        let Some(Second::Code { ticket, .. }) = second.get_untracked() else { return };
        problem.set(None);
        asking.run(api::ask_for_mailed_code(ticket), move |outcome| match outcome {
            Ok(ticket) => second.set(Some(Second::MailedCode { ticket })),
            Err(error) => {
                if error.0 == Problem::SignInExpired {
                    second.set(None);
                }
                problem.set(Some(error.0));
            }
        });
    };
    view! {
        <button type="button" class="button button-quiet" disabled=move || asking.busy().get() on:click=ask>
            {tr!(i18n, auth.mail_instead)}
        </button>
    }
}

/// What was refused, in the words that fit here.
#[component]
pub(super) fn Refusal(
    second: RwSignal<Option<Second>>,
    problem: RwSignal<Option<Problem>>,
    /// Whether a name was typed.
    named: Signal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let said = move || match problem.get() {
        // Nothing else is forbidden here, and it is said only after a right code.
        Some(Problem::Forbidden) => Some(t_string!(i18n, auth.suspended)),
        // Nobody's name is looked at here: none was typed.
        Some(Problem::NameInvalid) => Some(t_string!(i18n, auth.name_first)),
        Some(Problem::WrongCode) if is(second, Second::is_mailed) => Some(t_string!(i18n, auth.mailed_wrong)),
        Some(Problem::WrongCode) if named.get() && second.with(Option::is_none) => {
            Some(t_string!(i18n, auth.wrong_name_or_code))
        }
        _ => None,
    };
    view! {
        <When
            when=move || said().is_some()
            fallback=move || view! { <AccountProblemNotice problem=problem /> }
        >
            <p class="notice notice-error" role="alert">{said}</p>
        </When>
    }
}

/// How long the app still shows the present code.
#[component]
fn Countdown() -> impl IntoView {
    let i18n = use_i18n();
    let left = RwSignal::new(None::<u32>);
    Effect::new(move |_| {
        let Some(platform) = platform() else { return };
        let tick = move || {
            let seconds = (platform.now_millis)() / 1000;
            let _ = left.try_set(Some(30 - u32::try_from(seconds % 30).unwrap_or_default()));
        };
        tick();
        if let Ok(timer) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <p class="countdown" aria-hidden="true">
            {move || left.get().map(|seconds| t_string!(i18n, auth.code_countdown, seconds = seconds.to_string()).to_string())}
        </p>
    }
}
