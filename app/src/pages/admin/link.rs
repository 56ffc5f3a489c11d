//! A link that is shown once.

use leptos::prelude::*;
use model::types::EmailAddress;

use crate::{components::CopyRow, i18n::use_i18n, text::tr};

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
    view! {
        <div class="notice" role="status">
            <p>{children()}</p>
            {mailed_to.map(|address| view! {
                <p>{tr!(i18n, admin.mailed_to, address = address.as_str().to_owned())}</p>
            })}
        </div>
        <CopyRow name=tr!(i18n, admin.link) text=link />
    }
}
