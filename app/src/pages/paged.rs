//! Lists of which more can be asked for.

use leptos::prelude::*;
use model::types::Page;

use super::settings::fresh_code::use_fresh_code;
use crate::{
    ApiError,
    components::{When, account_problem_text},
    i18n::use_i18n,
    text::tr,
    toasts::use_toasts,
};

/// The entries that have come so far.
pub(super) struct Paged<T: Send + Sync + 'static> {
    /// Entries, in their order.
    pub(super) entries: RwSignal<Vec<T>>,
    cursor: RwSignal<Option<String>>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

impl<T: Clone + Send + Sync + 'static> Paged<T> {
    /// Begins with the first page.
    pub(super) fn new(first: Page<T>) -> Self {
        Self { entries: RwSignal::new(first.items), cursor: RwSignal::new(first.next_cursor) }
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(self) -> bool {
        self.entries.with(Vec::is_empty)
    }

    fn add(self, page: Page<T>) {
        self.entries.update(|entries| entries.extend(page.items));
        self.cursor.set(page.next_cursor);
    }
}

/// Asks for more, as long as there is more; for a fresh code first, where the server wants one.
pub(super) fn more_button<T, F>(
    paged: Paged<T>,
    fetch: impl Fn(String) -> F + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Page<T>, ApiError>> + 'static,
{
    let i18n = use_i18n();
    let toasts = use_toasts();
    let fresh = use_fresh_code();
    let more = Callback::new(move |()| {
        let Some(from) = paged.cursor.get_untracked() else { return };
        let fetch = fetch.clone();
        fresh.run(
            move || fetch(from.clone()),
            move |outcome| match outcome {
                Ok(page) => paged.add(page),
                Err(problem) => toasts.fail(account_problem_text(i18n, &problem)),
            },
        );
    });
    view! {
        <When when=move || paged.cursor.with(Option::is_some)>
            <button type="button" class="button" aria-disabled=fresh.aria_busy() on:click=move |_| more.run(())>
                {tr!(i18n, images.load_more)}
            </button>
        </When>
    }
}
