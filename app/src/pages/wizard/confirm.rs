//! A secret's first code.

use leptos::prelude::*;
use model::Problem;

use crate::{components::ProblemNotice, i18n::use_i18n, pages::sign_in::CodeField, text::tr};

/// Asks for the code that the app shows now. Its field has the focus.
#[component]
pub(in crate::pages) fn ConfirmStep(
    /// Whether a code is being checked.
    #[prop(into)]
    busy: Signal<bool>,
    /// What was wrong with the last one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// Told the six digits.
    on_code: Callback<String>,
    /// Told to show the secret again.
    on_back: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <h1>{tr!(i18n, auth.confirm_title)}</h1>
        <p>{tr!(i18n, auth.confirm_text)}</p>
        <CodeField busy=busy on_code=on_code />
        <ProblemNotice problem=problem />
        <button type="button" class="button button-quiet" on:click=move |_| on_back.run(())>
            {tr!(i18n, common.back)}
        </button>
    }
}
