//! Deleting somebody's account.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::types::AccountFacts;

use super::ACCOUNTS;
use crate::{
    api,
    i18n::{t_string, tu_string, use_i18n},
    pages::{removal::RemovalCard, settings::doing::Doing},
    toasts::use_toasts,
};

/// Offers it, and goes back to the list when it is done.
#[component]
pub(super) fn AccountRemoval(facts: Memo<AccountFacts>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let navigate = StoredValue::new(use_navigate());
    let (id, name) = facts.with_untracked(|facts| (facts.entry.id, facts.entry.name.to_string()));
    let stored = StoredValue::new(name.clone());
    let remove = Callback::new(move |typed: String| {
        doing.begin(
            move || api::admin_remove(id, typed.clone()),
            move |()| {
                toasts.tell(tu_string!(i18n, admin.removed, name = stored.get_value()).to_string());
                navigate.with_value(|navigate| navigate(ACCOUNTS, NavigateOptions::default()));
            },
        );
    });
    view! {
        <RemovalCard
            name=name
            title=Signal::derive(move || t_string!(i18n, admin.remove).to_owned())
            text=Signal::derive(move || t_string!(i18n, admin.remove_text).to_owned())
            question=Signal::derive(move || t_string!(i18n, admin.remove_question, name = stored.get_value()).to_string())
            disabled=Signal::derive(move || facts.with(|facts| facts.is_last_admin))
            busy=doing.busy()
            remove=remove
        />
    }
}
