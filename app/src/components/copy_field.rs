//! A text in a field that is copied by a button beside it.

use std::time::Duration;

use leptos::{html, prelude::*};

use super::{Glyph, Icon};
use crate::{
    i18n::{t_string, use_i18n},
    platform::platform,
    text::{Text, tr},
};

/// How long one is told what came of it.
const SHOWN_FOR: Duration = Duration::from_secs(2);

/// The field, and what came of copying.
#[derive(Clone, Copy, Debug)]
pub struct CopyField {
    /// The `<input>`: its text is selected where copying isn't allowed, so that one can do it by hand.
    pub node: NodeRef<html::Input>,
    /// The `<textarea>` instead, where there are several lines.
    pub lines: NodeRef<html::Textarea>,
    outcome: RwSignal<Option<bool>>,
}

impl Default for CopyField {
    fn default() -> Self {
        Self { node: NodeRef::new(), lines: NodeRef::new(), outcome: RwSignal::new(None) }
    }
}

impl CopyField {
    /// Copies `text`, which the field shows. It may be gone when that is done.
    pub fn copy(self, text: String) {
        let Some(platform) = platform() else { return };
        let done = Callback::new(move |copied: bool| {
            let _ = self.outcome.try_set(Some(copied));
            if !copied {
                self.select();
            }
            let forget = move || {
                let _ = self.outcome.try_set(None);
            };
            set_timeout(forget, SHOWN_FOR);
        });
        (platform.copy_text)(text, done);
    }

    /// Selects the text.
    pub fn select(self) {
        if let Some(Some(field)) = self.node.try_get_untracked() {
            field.select();
        }
        if let Some(Some(lines)) = self.lines.try_get_untracked() {
            lines.select();
        }
    }

    /// Whether it was, a moment ago.
    pub fn copied(self) -> bool {
        self.outcome.get() == Some(true)
    }

    /// Whether it wasn't allowed, a moment ago.
    pub fn refused(self) -> bool {
        self.outcome.get() == Some(false)
    }
}

/// A text to be copied, under its name.
#[component]
pub(crate) fn CopyRow(
    /// What it is.
    name: Text,
    /// The text.
    text: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = CopyField::default();
    let copied = StoredValue::new(text.clone());
    view! {
        <div class="link-row">
            <label>
                <span class="link-name">{name}</span>
                <input type="text" readonly spellcheck="false" node_ref=field.node value=text />
            </label>
            <button type="button" class="button" on:click=move |_| field.copy(copied.get_value())>
                <Icon glyph=Glyph::Copy />
                <span>{move || if field.copied() { tr!(i18n, common.copied) } else { tr!(i18n, common.copy) }}</span>
            </button>
            <CopyStatus of=field />
        </div>
    }
}

/// What came of copying, for those who can't see the button.
#[component]
pub fn CopyStatus(
    /// What was copied.
    of: CopyField,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <span class="visually-hidden" role="status">
            {move || match of.outcome.get() {
                Some(true) => t_string!(i18n, common.copied),
                Some(false) => t_string!(i18n, common.copy_refused),
                None => "",
            }}
        </span>
    }
}
