//! Deleting an account, which asks for its name.

use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::types::AccountFacts;

use super::ACCOUNTS;
use crate::{
    api,
    components::Modal,
    i18n::{t_string, use_i18n},
    pages::settings::doing::Doing,
    text::tr,
    toasts::use_toasts,
};

/// Offers it, and asks.
#[component]
pub(super) fn RemovalCard(facts: Memo<AccountFacts>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let navigate = StoredValue::new(use_navigate());
    let asking = RwSignal::new(false);
    let is_other = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let (id, name) = facts.with_untracked(|facts| (facts.entry.id, facts.entry.name.to_string()));
    let name = StoredValue::new(name);
    let question = move || t_string!(i18n, admin.remove_question, name = name.get_value()).to_string();
    let remove = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(typed) = field.get_untracked().map(|field| field.value()) else { return };
        is_other.set(name.with_value(|name| typed.trim() != name));
        if is_other.get_untracked() {
            return;
        }
        asking.set(false);
        doing.begin(
            move || api::admin_remove(id, typed.clone()),
            move |()| {
                toasts.tell(t_string!(i18n, admin.removed, name = name.get_value()).to_string());
                navigate.with_value(|navigate| navigate(ACCOUNTS, NavigateOptions::default()));
            },
        );
    };
    view! {
        <section class="card">
            <h2>{tr!(i18n, admin.remove)}</h2>
            <p class="hint">{tr!(i18n, admin.remove_text)}</p>
            <div class="row">
                <button type="button" class="button button-danger" disabled=move || facts.with(|facts| facts.is_last_admin)
                    aria-disabled=doing.aria_busy() on:click=move |_| { is_other.set(false); asking.set(true); }>
                    {tr!(i18n, admin.remove)}
                </button>
            </div>
        </section>
        <Modal
            open=asking
            class="confirm"
            label=Signal::derive(question)
            question=true
            on_close=Callback::new(move |()| asking.set(false))
        >
            <form class="things" on:submit=remove>
                <h2>{question}</h2>
                <p>{tr!(i18n, admin.remove_text)}</p>
                <label class="field">
                    <span>{tr!(i18n, admin.type_name)}</span>
                    <input type="text" required autocomplete="off" autocapitalize="none" spellcheck="false" node_ref=field />
                </label>
                <div class="notice-slot" role="alert">
                    {move || is_other.get().then(|| view! { <p class="notice notice-error">{tr!(i18n, admin.other_name)}</p> })}
                </div>
                <div class="row">
                    <button type="submit" class="button button-danger">{tr!(i18n, admin.remove)}</button>
                    <button type="button" class="button" on:click=move |_| asking.set(false)>{tr!(i18n, common.cancel)}</button>
                </div>
            </form>
        </Modal>
    }
}
