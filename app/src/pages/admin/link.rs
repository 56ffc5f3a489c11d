//! A link that is shown once.

use leptos::prelude::*;
use model::types::EmailAddress;

use crate::{
    components::{CopyField, CopyStatus, Glyph, Icon},
    i18n::use_i18n,
    text::tr,
};

/// The link, to be copied, and where it was mailed.
#[component]
pub(super) fn OneTimeLink(
    /// The address.
    link: String,
    /// Where it went as well.
    mailed_to: Option<EmailAddress>,
    /// What it is good for.
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = CopyField::default();
    let text = StoredValue::new(link.clone());
    view! {
        <div class="notice" role="status">
            <p>{children()}</p>
            {mailed_to.map(|address| view! {
                <p>{tr!(i18n, admin.mailed_to, address = address.as_str().to_owned())}</p>
            })}
        </div>
        <div class="link-row">
            <label>
                <span class="link-name">{tr!(i18n, admin.link)}</span>
                <input type="text" readonly spellcheck="false" node_ref=field.node value=link />
            </label>
            <button type="button" class="button" on:click=move |_| field.copy(text.get_value())>
                <Icon glyph=Glyph::Copy />
                <span>{move || if field.copied() { tr!(i18n, common.copied) } else { tr!(i18n, common.copy) }}</span>
            </button>
            <CopyStatus of=field />
        </div>
    }
}
