//! Deleting an account, which asks for its name.

use leptos::{ev, html, prelude::*};

use crate::{components::Modal, i18n::use_i18n, text::tr};

/// Offers it, and asks.
#[component]
pub(super) fn RemovalCard(
    /// The account's name.
    #[prop(into)]
    name: String,
    /// What the button and the card are called.
    title: Signal<String>,
    /// What goes with the account.
    text: Signal<String>,
    /// What is asked.
    question: Signal<String>,
    /// Whether it can't be done.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether something is being done.
    busy: Signal<bool>,
    /// Told the name as it was typed.
    remove: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let asking = RwSignal::new(false);
    let is_other = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let confirm = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(typed) = field.get_untracked().map(|field| field.value()) else { return };
        is_other.set(typed.trim() != name);
        if !is_other.get_untracked() {
            asking.set(false);
            remove.run(typed);
        }
    };
    view! {
        <section class="card">
            <h2>{title}</h2>
            <p class="hint">{text}</p>
            <div class="row">
                <button type="button" class="button button-danger" disabled=disabled
                    aria-disabled=move || busy.get().then_some("true")
                    on:click=move |_| { is_other.set(false); asking.set(true); }>
                    {title}
                </button>
            </div>
        </section>
        <Modal
            open=asking
            class="confirm"
            label=question
            question=true
            on_close=Callback::new(move |()| asking.set(false))
        >
            <form class="things" on:submit=confirm.clone()>
                <h2>{question}</h2>
                <p>{text}</p>
                <label class="field">
                    <span>{tr!(i18n, security.type_name)}</span>
                    <input type="text" required autocomplete="off" autocapitalize="none" spellcheck="false" node_ref=field />
                </label>
                <div class="notice-slot" role="alert">
                    {move || is_other.get().then(|| view! { <p class="notice notice-error">{tr!(i18n, security.other_name)}</p> })}
                </div>
                <div class="row">
                    <button type="submit" class="button button-danger">{title}</button>
                    <button type="button" class="button" on:click=move |_| asking.set(false)>{tr!(i18n, common.cancel)}</button>
                </div>
            </form>
        </Modal>
    }
}
