//! What gets somebody back in, on paper. It is made of what the page shows anyway: nothing is sent.

use leptos::prelude::*;

use crate::{
    i18n::use_i18n,
    platform::platform,
    session::use_session,
    text::tr,
    types::{RecoveryCode, SecretForms, Username},
};

/// What stands on the sheet.
#[derive(Clone)]
pub(in crate::pages) struct SheetContents {
    /// Whose it is.
    pub(in crate::pages) account: Username,
    /// The secret, where the page has it.
    pub(in crate::pages) secret: Option<SecretForms>,
    /// The recovery codes, where the page has them.
    pub(in crate::pages) codes: Vec<RecoveryCode>,
}

/// The sheet: not to be seen on the screen, and all there is on paper.
#[component]
pub(in crate::pages) fn Sheet(
    /// What stands on it.
    contents: SheetContents,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let SheetContents { account, secret, codes } = contents;
    view! {
        <section class="sheet">
            <h1>{tr!(i18n, security.sheet_title)}</h1>
            <p>{tr!(i18n, security.sheet_warning)}</p>
            <dl class="facts">
                <div><dt>{tr!(i18n, security.sheet_site)}</dt><dd>{move || session.origins().site}</dd></div>
                <div><dt>{tr!(i18n, auth.name)}</dt><dd>{account.to_string()}</dd></div>
            </dl>
            {secret.map(|secret| view! {
                <h2>{tr!(i18n, security.sheet_secret)}</h2>
                <div class="qr" inner_html=secret.qr_svg></div>
                <p><code>{secret.groups.join(" ")}</code></p>
            })}
            {(!codes.is_empty()).then(|| view! {
                <h2>{tr!(i18n, security.recovery_codes)}</h2>
                <ol>{codes.iter().map(|code| view! { <li><code>{code.reveal()}</code></li> }).collect_view()}</ol>
                <p>{tr!(i18n, security.sheet_codes)}</p>
            })}
        </section>
    }
}

/// Opens the print dialog, for a page that has a [`Sheet`].
#[component]
pub(in crate::pages) fn PrintButton() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button type="button" class="button" on:click=move |_| {
            if let Some(platform) = platform() {
                (platform.print)();
            }
        }>{tr!(i18n, auth.print_codes)}</button>
    }
}
