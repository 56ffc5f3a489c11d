//! Tokens with which programs upload: those there are, and one more.

mod list;
mod making;

use leptos::{html, prelude::*};
use leptos_i18n::I18nContext;
use model::types::Scope;

use self::{list::Tokens, making::NewToken};
use crate::{
    api,
    i18n::{Locale, t_string, use_i18n},
    pages::{
        focus::focus_when_shorter,
        loaded::{Place, loaded},
    },
    text::tr,
};

pub(super) const ADDRESS: &str = "/settings/tokens";

/// `/settings/tokens`
#[component]
pub(super) fn TokensSection() -> impl IntoView {
    let i18n = use_i18n();
    let title = NodeRef::<html::H1>::new();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::tokens());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1 tabindex="-1" node_ref=title>{tr!(i18n, tokens.title)}</h1>
            <p class="hint">{tr!(i18n, tokens.text)}</p>
            {loaded(found, again, Place::Card, move |tokens| {
                focus_when_shorter(title, move || tokens.with(Vec::len));
                view! { <Tokens tokens=tokens again=again /> }.into_any()
            })}
        </section>
        <NewToken again=again />
    }
}

/// What a scope is called.
fn scope_name(i18n: I18nContext<Locale>, scope: Scope) -> &'static str {
    match scope {
        Scope::Upload => t_string!(i18n, tokens.scope_upload),
        Scope::Read => t_string!(i18n, tokens.scope_read),
        Scope::Edit => t_string!(i18n, tokens.scope_edit),
        Scope::Delete => t_string!(i18n, tokens.scope_delete),
        Scope::Admin => t_string!(i18n, tokens.scope_admin),
    }
}
