//! Text in a picture.

use leptos::{ev, html, prelude::*};
use model::types::{Picture, Solution};

use crate::{i18n::use_i18n, text::tr};

#[component]
pub(super) fn ImageTask(
    picture: Picture,
    busy: RwSignal<bool>,
    focus: bool,
    on_answer: Callback<Solution>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    let send = move || {
        let typed = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        if !typed.trim().is_empty() {
            on_answer.run(Solution::Text(typed));
        }
    };
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| focus) {
            let _ = field.focus();
        }
    });
    view! {
        <img src=picture.url width=picture.width height=picture.height alt=tr!(i18n, challenge.image_alt) />
        <label class="field">
            <span>{tr!(i18n, challenge.image_label)}</span>
            <input type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" node_ref=field
                aria-describedby="challenge-hint" readonly=move || busy.get() on:keydown=move |event: ev::KeyboardEvent| {
                    // It may stand in a form, which isn't to be sent yet.
                    if event.key() == "Enter" {
                        event.prevent_default();
                        send();
                    }
                } />
        </label>
        <p class="hint" id="challenge-hint">{tr!(i18n, challenge.image_hint)}</p>
        <button type="button" class="button button-primary" disabled=move || busy.get() on:click=move |_| send()>{tr!(i18n, challenge.check)}</button>
    }
}
