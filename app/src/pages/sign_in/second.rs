//! What comes after the first code of an account that is being guessed at.

use leptos::prelude::*;
use model::Problem;

use super::{CodeField, Countdown};
use crate::{api, components::When, i18n::use_i18n, text::tr};

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

/// Asks for the first code, or for what is to follow it.
#[component]
pub(super) fn CodeStep(
    /// What is to follow; nothing so far.
    second: RwSignal<Option<Second>>,
    /// Whether a code is being checked.
    busy: Signal<bool>,
    problem: RwSignal<Option<Problem>>,
    /// Told the six digits.
    on_code: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let is = move |kind: fn(&Second) -> bool| second.with(|second| second.as_ref().is_some_and(kind));
    view! {
        <When
            when=move || is(Second::is_mailed)
            fallback=move || view! {
                <When when=move || second.with(Option::is_some)>
                    <p class="notice" role="status">{tr!(i18n, auth.second_text)}</p>
                </When>
                <CodeField busy=busy on_code=on_code />
                <Countdown />
                <When when=move || is(Second::is_offered_by_mail)>
                    <MailInstead second=second problem=problem />
                </When>
            }
        >
            <p class="notice" role="status">{tr!(i18n, auth.mailed_text)}</p>
            <CodeField busy=busy mailed=true on_code=on_code />
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
    let ask = Action::new_local(move |(): &()| async move {
        let Some(Second::Code { ticket, .. }) = second.get_untracked() else { return };
        problem.set(None);
        match api::ask_for_mailed_code(ticket).await {
            Ok(ticket) => second.set(Some(Second::MailedCode { ticket })),
            Err(error) => {
                if error.0 == Problem::SignInExpired {
                    second.set(None);
                }
                problem.set(Some(error.0));
            }
        }
    });
    view! {
        <button type="button" class="button button-quiet" disabled=move || ask.pending().get()
            on:click=move |_| { ask.dispatch_local(()); }>
            {tr!(i18n, auth.mail_instead)}
        </button>
    }
}
