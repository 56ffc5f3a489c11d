//! Asking whether something is meant that can't be undone.

use leptos::prelude::*;

use crate::{components::Modal, i18n::use_i18n, text::tr};

/// Asks while there is something to ask about.
#[component]
pub(crate) fn QuestionDialog<T: Clone + Send + Sync + 'static>(
    /// What it is about; gone once that is decided.
    about: RwSignal<Option<T>>,
    /// What is asked.
    question: Signal<String>,
    /// What comes of it.
    text: Signal<String>,
    /// What it is called to do it.
    act: Signal<String>,
    /// Told what it was about if it is meant.
    on_yes: Callback<T>,
) -> impl IntoView {
    let i18n = use_i18n();
    let close = move || about.set(None);
    let confirm = move |_| {
        if let Some(one) = about.get_untracked() {
            close();
            on_yes.run(one);
        }
    };
    view! {
        <Modal
            open=Signal::derive(move || about.with(Option::is_some))
            class="confirm"
            label=question
            question=true
            on_close=Callback::new(move |()| close())
        >
            <h2>{question}</h2>
            <p>{text}</p>
            <div class="row">
                <button type="button" class="button button-danger" autofocus on:click=confirm>{act}</button>
                <button type="button" class="button" on:click=move |_| close()>{tr!(i18n, common.cancel)}</button>
            </div>
        </Modal>
    }
}
