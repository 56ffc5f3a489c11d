//! A secret's first code.

use leptos::prelude::*;
use model::Problem;

use crate::{
    ApiError, components::AccountProblemNotice, i18n::use_i18n, pages::sign_in::CodeField, text::tr,
};

/// Asks for the code that the app shows now. Its field has the focus.
#[component]
pub(in crate::pages) fn ConfirmStep<F>(
    /// Takes the six digits, and goes on if they are right.
    check: impl Fn(String) -> F + Send + Sync + 'static,
    /// Told to show the secret again.
    on_back: Callback<()>,
) -> impl IntoView
where
    F: Future<Output = Result<(), ApiError>> + Send + 'static,
{
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let confirm = Action::new(move |code: &String| {
        problem.set(None);
        let checked = check(code.clone());
        async move {
            if let Err(error) = checked.await {
                problem.set(Some(error.0));
            }
        }
    });
    view! {
        <h1>{tr!(i18n, auth.confirm_title)}</h1>
        <p>{tr!(i18n, auth.confirm_text)}</p>
        <CodeField busy=confirm.pending() on_code=Callback::new(move |code| { confirm.dispatch(code); }) />
        <AccountProblemNotice problem=problem />
        <button type="button" class="button button-quiet" on:click=move |_| on_back.run(())>
            {tr!(i18n, common.back)}
        </button>
    }
}
