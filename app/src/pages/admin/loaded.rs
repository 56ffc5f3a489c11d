//! What administration is made of, or why it isn't shown.

use leptos::prelude::*;
use model::Problem;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ApiError, api, components::AccountProblemNotice, i18n::use_i18n,
    pages::settings::fresh_code::FreshCodeForm, text::tr,
};

/// Shows what was asked for. Where a fresh code is due it is asked for in place, and `again` asks anew.
pub(super) fn loaded<T>(
    found: Resource<Result<T, ApiError>, api::Wire>,
    again: Callback<()>,
    show: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let i18n = use_i18n();
    view! {
        <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(value) => show(value),
                    Err(ApiError(Problem::FreshCodeNeeded)) => view! {
                        <section class="card">
                            <h1>{tr!(i18n, admin.title)}</h1>
                            <FreshCodeForm on_confirmed=again />
                        </section>
                    }.into_any(),
                    Err(ApiError(Problem::Forbidden)) => view! { <NotAllowed /> }.into_any(),
                    Err(error) => view! { <AccountProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Transition>
    }
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
