//! One page each.

use leptos::prelude::*;

/// The first page.
#[component]
pub fn Home() -> impl IntoView {
    view! { <h1>"reflect"</h1> }
}

/// Where nothing is.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <h1>"404"</h1> }
}
