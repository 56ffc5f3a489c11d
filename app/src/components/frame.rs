//! What stands around every page: top bar, bottom bar on a phone, messages, language.

use leptos::{ev, html, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_location, use_navigate, use_query_map},
    params::ParamsMap,
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::{
    icons::{Glyph, Icon, Mark},
    when::When,
};
use crate::{
    api,
    i18n::{I18nLocaleTrait, Locale, use_i18n},
    platform::platform,
    session::use_session,
    text::tr,
    toasts::use_toasts,
};

/// The bar at the top.
#[component]
pub fn TopBar() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    view! {
        <a class="skip-link" href="#main">{tr!(i18n, common.skip)}</a>
        <header class="top-bar">
            <A href="/" attr:class="brand" attr:aria-label=tr!(i18n, common.app_name)>
                <Mark />
                <span>{tr!(i18n, common.app_name)}</span>
            </A>
            <When when=move || session.signed_in() fallback=SignedOutNav>
                <Search />
                <nav class="top-nav" aria-label=tr!(i18n, common.main_navigation)>
                    <NavLinks />
                </nav>
                <UploadButton />
                <AccountMenu />
            </When>
        </header>
    }
}

/// The bar at the bottom of a phone.
#[component]
pub fn BottomBar() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    view! {
        <When when=move || session.signed_in()>
            <nav class="bottom-bar" aria-label=tr!(i18n, common.main_navigation)>
                <NavLinks />
            </nav>
        </When>
    }
}

#[component]
fn NavLinks() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <A href="/gallery" attr:class="nav-link"><Icon glyph=Glyph::Gallery /><span>{tr!(i18n, common.gallery)}</span></A>
        <A href="/albums" attr:class="nav-link"><Icon glyph=Glyph::Album /><span>{tr!(i18n, common.albums)}</span></A>
        <A href="/upload" attr:class="nav-link nav-upload"><Icon glyph=Glyph::Upload /><span>{tr!(i18n, common.upload)}</span></A>
        <A href="/bin" attr:class="nav-link"><Icon glyph=Glyph::Bin /><span>{tr!(i18n, common.bin)}</span></A>
        <A href="/settings" attr:class="nav-link nav-settings"><Icon glyph=Glyph::User /><span>{tr!(i18n, common.settings)}</span></A>
    }
}

#[component]
fn SignedOutNav() -> impl IntoView {
    let i18n = use_i18n();
    let path = use_location().pathname;
    view! {
        <div class="top-nav top-nav-end">
            <LanguageSwitch />
            <When when=move || path.get() != "/sign-in">
                <A href="/sign-in" attr:class="button">{tr!(i18n, common.sign_in)}</A>
            </When>
        </div>
    }
}

#[component]
fn Search() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    // Written into the field only when it changes: what else the address says changes while somebody types.
    let typed = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
    let path = use_location().pathname;
    let navigate = use_navigate();
    let field = NodeRef::<html::Input>::new();
    // The router's <Form> would send posts too, which is more code than all the rest of this bar.
    let search = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // Of the gallery's other filters, none is lost.
        let mut query = if path.with_untracked(|path| path == "/gallery") {
            query.get_untracked()
        } else {
            ParamsMap::new()
        };
        query.remove("at");
        query.remove("view");
        query.remove("q");
        let typed = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        if !typed.trim().is_empty() {
            query.insert("q", typed);
        }
        navigate(&format!("/gallery{}", query.to_query_string()), NavigateOptions::default());
    };
    view! {
        <form method="GET" action="/gallery" class="search" role="search" on:submit=search>
            <Icon glyph=Glyph::Search />
            <input
                type="search"
                name="q"
                node_ref=field
                maxlength="200"
                placeholder=tr!(i18n, common.search)
                aria-label=tr!(i18n, common.search)
                prop:value=move || typed.get()
                value=query.with_untracked(|query| query.get("q").unwrap_or_default())
            />
        </form>
    }
}

/// Opens the file picker; the frontend listens for what is picked anywhere in the page.
#[component]
pub fn UploadButton() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <label class="button button-primary upload-button">
            <Icon glyph=Glyph::Upload />
            <span>{tr!(i18n, common.upload)}</span>
            <input type="file" class="visually-hidden" data-upload multiple accept="image/*" />
        </label>
    }
}

#[component]
fn AccountMenu() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let name =
        move || session.info().and_then(|info| info.me).map(|me| me.name.to_string()).unwrap_or_default();
    let menu = NodeRef::<html::Details>::new();
    let close = move || menu.get_untracked().inspect(|menu| menu.set_open(false));
    // A menu that is open goes with the next click anywhere but on what opens it and what is chosen in it.
    Effect::new(move |_| {
        let listener = window_event_listener(ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_within =
                |target: Element| matches!(target.closest(".menu :is(summary, label)"), Ok(Some(_)));
            if !target.is_some_and(is_within) {
                close();
            }
        });
        on_cleanup(move || listener.remove());
    });
    let leave = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(Ok(Some(summary))) = close().map(|menu| menu.query_selector("summary"))
            && let Ok(summary) = summary.dyn_into::<HtmlElement>()
        {
            let _ = summary.focus();
        }
    };
    view! {
        <details class="menu account-menu" node_ref=menu on:keydown=leave>
            <summary class="button button-quiet" aria-label=tr!(i18n, common.account)>
                <Icon glyph=Glyph::User />
                <span class="account-name">{name}</span>
            </summary>
            <div class="menu-items">
                <A href="/settings" attr:class="menu-item">{tr!(i18n, common.settings)}</A>
                <LanguageSwitch />
                <SignOutButton />
            </div>
        </details>
    }
}

/// Ends the session.
#[component]
pub fn SignOutButton() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let sign_out = Action::new(move |(): &()| {
        let navigate = navigate.clone();
        async move {
            match api::sign_out().await {
                Ok(info) => {
                    session.leave(info);
                    navigate("/sign-in", NavigateOptions::default());
                }
                Err(error) => toasts.fail(super::problem_text(i18n, &error.0)),
            }
        }
    });
    view! {
        <button type="button" class="menu-item" on:click=move |_| { sign_out.dispatch(()); }>
            {tr!(i18n, common.sign_out)}
        </button>
    }
}

/// Changes the language, and keeps the choice in a cookie.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <label class="language">
            <span class="visually-hidden">{tr!(i18n, common.language)}</span>
            <select
                on:change=move |event| {
                    let chosen = if event_target_value(&event) == "zh" { Locale::zh } else { Locale::en };
                    i18n.set_locale(chosen);
                    if let Some(platform) = platform() {
                        (platform.remember_language)(chosen.as_str());
                    }
                }
                prop:value=move || i18n.get_locale().to_string()
            >
                <option value="en" lang="en" selected=move || i18n.get_locale() == Locale::en>"English"</option>
                <option value="zh" lang="zh" selected=move || i18n.get_locale() == Locale::zh>"简体中文"</option>
            </select>
        </label>
    }
}

/// The messages on show.
#[component]
pub fn ToastList() -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    view! {
        <section class="toasts" role="status" aria-live="polite" aria-label=tr!(i18n, common.notifications)>
            {toasts.places().map(|place| move || place.get().map(|toast| view! {
                <div class="toast" class:toast-error=toast.is_error>
                    <p>{toast.text}</p>
                    {toast.undo.map(|undo| view! {
                        <button type="button" class="button button-quiet" on:click=move |_| { undo.run(()); place.set(None); }>
                            {tr!(i18n, common.undo)}
                        </button>
                    })}
                    <button type="button" class="button button-icon"
                        aria-label=tr!(i18n, common.dismiss)
                        on:click=move |_| place.set(None)>
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
            })).into_iter().collect_view()}
        </section>
    }
}
