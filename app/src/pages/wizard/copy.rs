//! Copying what a step shows.

use leptos::prelude::*;

use crate::{
    components::{CopyField, CopyStatus, Glyph, Icon, When},
    i18n::use_i18n,
    text::{Text, tr},
};

/// Copies lines that the page shows, and says what came of it.
#[component]
pub(super) fn CopyButton(
    /// The lines.
    lines: Vec<String>,
    /// What it is called to copy them.
    label: Text,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = CopyField::default();
    // A field has one line.
    let selected = lines.join(" ");
    let text = StoredValue::new(lines.join("\n"));
    let called = label.clone();
    view! {
        <button type="button" class="button" on:click=move |_| field.copy(text.get_value())>
            <Icon glyph=Glyph::Copy />
            <span>{move || if field.copied() { tr!(i18n, common.copied) } else { label.clone() }}</span>
        </button>
        // What is selected where copying isn't allowed: the page shows no field.
        <input class="visually-hidden" type="text" readonly autocomplete="off" tabindex="-1"
            aria-label=called node_ref=field.node value=selected />
        <CopyStatus of=field />
        <When when=move || field.refused()>
            <span class="hint" aria-hidden="true">{tr!(i18n, common.copy_refused)}</span>
        </When>
    }
}
