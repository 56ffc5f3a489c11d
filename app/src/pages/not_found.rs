//! Where nothing is, and where one has to sign in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::{
    i18n::{t_string, use_i18n},
    session::sign_in_and_back,
    text::{heading, tr},
};

/// Where nothing is. The server answers an address without a route with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Title text=heading(move || t_string!(i18n, common.not_found_title).to_owned()) />
        <section class="empty">
            <h1>{tr!(i18n, common.not_found_title)}</h1>
            <p>{tr!(i18n, common.not_found_text)}</p>
            <A href="/" attr:class="button">{tr!(i18n, common.home)}</A>
        </section>
    }
}

/// What a page shows to somebody who isn't signed in, and to whom it is shown when they are.
#[component]
pub fn SignInPrompt() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Title text=heading(move || t_string!(i18n, common.sign_in_first).to_owned()) />
        <section class="empty">
            <h1>{tr!(i18n, common.sign_in_first)}</h1>
            <A href=sign_in_and_back() attr:class="button button-primary">{tr!(i18n, common.sign_in)}</A>
        </section>
    }
}
