//! What the gallery is narrowed by, as chips above it. It stands in the address and nowhere else, so that a link
//! leads to the same images.

mod chips;
mod form;

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::types::Slug;

use self::{chips::Chips, form::FilterButton};
use super::when::When;
use crate::{later::later, uploads::UploadQueue};

/// The parameters of an address that narrow the gallery, in the order in which they are shown.
pub const NAMES: [&str; 12] = [
    "q",
    "type",
    "visibility",
    "favourite",
    "tag",
    "album",
    "color",
    "similar",
    "min_size",
    "max_size",
    "from",
    "to",
];

/// The chips and the way to more of them, once somebody may want it and their code is there. Their place is kept
/// till then.
#[component]
pub(crate) fn Filters(
    /// Whether there are chips to show.
    is_search: bool,
    /// Whether nothing is found.
    #[prop(into)]
    is_empty: Signal<bool>,
) -> impl IntoView {
    let queue = expect_context::<UploadQueue>();
    let is_wanted = RwSignal::new(false);
    Effect::new(move |_| {
        if is_search || queue.in_use.get() {
            is_wanted.set(true);
        }
    });
    view! { <div class="chips"><When when=is_wanted>{later!(filters(is_empty))}</When></div> }
}

#[lazy]
fn filters(is_empty: Signal<bool>) -> AnyView {
    view! { <FilterButton /><Chips is_empty=is_empty /> }.into_any()
}

/// The address of the gallery that `query` narrows.
fn address(query: &ParamsMap) -> String {
    format!("/gallery{}", query.to_query_string())
}

/// Where the images are that look like one.
pub(crate) fn similar_path(slug: &Slug) -> String {
    format!("/gallery?similar={slug}")
}

/// All of an address that narrows the gallery.
pub(crate) fn narrowing(query: &ParamsMap) -> ParamsMap {
    let filled = |name: &'static str| Some((name, query.get(name).filter(|value| !value.trim().is_empty())?));
    NAMES.into_iter().filter_map(filled).collect()
}
