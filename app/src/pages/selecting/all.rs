//! Selecting all that a search finds.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api,
    components::{Selection, When, problem_text},
    i18n::use_i18n,
    text::tr,
    toasts::use_toasts,
};

/// A button that says how many there are, while there are more than are selected.
#[component]
pub(super) fn SelectAll(selection: Selection, search: StoredValue<String>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let all = RwSignal::new(0);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        spawn_local(async move {
            if let Ok(count) = api::count_images(search.get_value()).await {
                let _ = all.try_set(count);
            }
        });
    });
    let select = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let query = search.get_value();
        spawn_local(async move {
            match api::image_range(query, None).await {
                Ok(found) => selection.add(found),
                Err(error) => toasts.fail(untrack(|| problem_text(i18n, &error.0))),
            }
            let _ = busy.try_set(false);
        });
    };
    let are_more = Signal::derive(move || all.get() > selection.images.with(Vec::len) as u64);
    view! {
        <When when=are_more>
            <button type="button" class="button button-quiet" aria-disabled=move || busy.get().to_string() on:click=select>
                {tr!(i18n, bulk.select_all, count = all.get().to_string())}
            </button>
        </When>
    }
}
