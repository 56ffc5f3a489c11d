//! Views that come and go.

use leptos::{children::ViewFn, either::Either, prelude::*};

/// Shows its children while `when` holds, and `fallback` otherwise: what `<Show>` of Leptos does.
///
/// `<Show>` is generic over its condition and its children, so the compiler makes a copy of all that
/// renders and hydrates it for every use, kilobytes each. Of this one there is a single copy.
#[component(transparent)]
pub fn When(
    /// The condition.
    #[prop(into)]
    when: Signal<bool>,
    /// What stands there otherwise; nothing, if not said.
    #[prop(optional, into)]
    fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let shown = Memo::new(move |_| when.get());
    move || if shown.get() { Either::Left(children()) } else { Either::Right(fallback.run()) }
}
