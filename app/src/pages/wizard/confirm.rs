//! A secret's first code.

use leptos::prelude::*;
use model::Problem;

use super::BackOrAnew;
use crate::{
    ApiError,
    components::AccountProblemNotice,
    i18n::use_i18n,
    pages::{asking::Asking, sign_in::CodeField},
    text::tr,
};

/// Asks for the code that the app shows now. Its field has the focus.
#[component]
pub(in crate::pages) fn ConfirmStep<T, F>(
    /// Asks whether the six digits are right.
    check: impl Fn(String) -> F + Send + Sync + 'static,
    /// Told what comes of right ones.
    on_checked: Callback<T>,
    /// Told to show the secret again.
    on_back: Callback<()>,
    /// Told to begin with another secret, since this one has lapsed.
    on_anew: Callback<()>,
) -> impl IntoView
where
    T: 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let asking = Asking::new();
    let on_code = Callback::new(move |code: String| {
        problem.set(None);
        asking.run(check(code), move |outcome| match outcome {
            Ok(value) => on_checked.run(value),
            Err(error) => problem.set(Some(error.0)),
        });
    });
    view! {
        <h1>{tr!(i18n, auth.confirm_title)}</h1>
        <p>{tr!(i18n, auth.confirm_text)}</p>
        <CodeField busy=asking.busy() on_code=on_code />
        <AccountProblemNotice problem=problem />
        <BackOrAnew problem=problem on_back=on_back on_anew=on_anew />
    }
}
