//! A link that is shown once.

use leptos::{html, prelude::*};
use model::types::EmailAddress;

use crate::{
    components::{Glyph, Icon},
    i18n::{t_string, use_i18n},
    platform::platform,
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
    let field = NodeRef::<html::Input>::new();
    let outcome = RwSignal::new(None::<bool>);
    let text = StoredValue::new(link.clone());
    let copy = move |_| {
        let Some(platform) = platform() else { return };
        let done = Callback::new(move |copied: bool| {
            outcome.set(Some(copied));
            if let Some(field) = field.get_untracked().filter(|_| !copied) {
                field.select();
            }
        });
        (platform.copy_text)(text.get_value(), done);
    };
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
                <input type="text" readonly spellcheck="false" node_ref=field value=link />
            </label>
            <button type="button" class="button" on:click=copy>
                <Icon glyph=Glyph::Copy />
                <span>{move || if outcome.get() == Some(true) { tr!(i18n, common.copied) } else { tr!(i18n, common.copy) }}</span>
            </button>
            <span class="visually-hidden" role="status">
                {move || match outcome.get() {
                    Some(true) => t_string!(i18n, common.copied),
                    Some(false) => t_string!(i18n, common.copy_refused),
                    None => "",
                }}
            </span>
        </div>
    }
}
