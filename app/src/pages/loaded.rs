//! What a page asked the server for, or why it isn't shown.

use leptos::prelude::*;
use model::Problem;
use serde::{Serialize, de::DeserializeOwned};

use super::settings::fresh_code::FreshCodeForm;
use crate::{ApiError, api, components::AccountProblemNotice, i18n::use_i18n, text::tr};

/// Where it is shown.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// In a card that has a title.
    Card,
    /// With nothing around it.
    Page,
}

/// Shows what was asked for. Where a fresh code is due it is asked for in place, and `again` asks anew.
///
/// What `show` made stays when something else is found, and follows it: who is typing, or has the focus
/// on a button, goes on.
pub(super) fn loaded<T>(
    found: Resource<Result<T, ApiError>, api::Wire>,
    again: Callback<()>,
    place: Place,
    show: impl Fn(Memo<T>) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let i18n = use_i18n();
    view! {
        <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {
                let outcome = |found: Result<T, ApiError>| found.err().map(|error| error.0);
                let problem = Memo::new(move |_| found.get().map(outcome));
                // On the server the suspense may go on before the memo has been told that there is something.
                let now = move || problem.get().or_else(|| untrack(|| found.get_untracked()).map(outcome));
                move || match now()? {
                    None => {
                        // Reading a resource is tracked within a suspense, even if it is read untracked.
                        let first = untrack(|| found.get_untracked()).and_then(Result::ok);
                        first.map(|first| show(followed(found, first)))
                    }
                    Some(Problem::FreshCodeNeeded) if place == Place::Card => {
                        Some(view! { <FreshCodeForm on_confirmed=again /> }.into_any())
                    }
                    Some(Problem::FreshCodeNeeded) => Some(view! {
                        <section class="card">
                            <h1>{tr!(i18n, admin.title)}</h1>
                            <FreshCodeForm on_confirmed=again />
                        </section>
                    }.into_any()),
                    Some(Problem::Forbidden) => Some(view! { <NotAllowed /> }.into_any()),
                    Some(problem) => {
                        Some(view! { <AccountProblemNotice problem=Signal::stored(Some(problem)) /> }.into_any())
                    }
                }
            }
        </Transition>
    }
}

/// What was found last, from `first` on.
fn followed<T>(found: Resource<Result<T, ApiError>, api::Wire>, first: T) -> Memo<T>
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&T>| match found.get() {
        Some(Ok(value)) => value,
        _ => before.unwrap_or(&first).clone(),
    })
}

/// The entry of `list` that `first` was when its row was made.
pub(super) fn entry_of<T, K>(list: Memo<Vec<T>>, first: T, key: fn(&T) -> K) -> Memo<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: PartialEq + 'static,
{
    Memo::new(move |before: Option<&T>| {
        let before = before.unwrap_or(&first);
        list.with(|list| list.iter().find(|entry| key(entry) == key(before)).unwrap_or(before).clone())
    })
}

#[component]
fn NotAllowed() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="empty">
            <h1>{tr!(i18n, admin.not_allowed)}</h1>
            <p>{tr!(i18n, admin.not_allowed_text)}</p>
        </section>
    }
}
