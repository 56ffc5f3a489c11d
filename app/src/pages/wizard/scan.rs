//! A secret on its way into an app.

use leptos::prelude::*;

use super::{CopyButton, StepTitle};
use crate::{i18n::use_i18n, text::tr, types::SecretForms};

/// The secret to scan, to open or to type.
#[component]
pub(in crate::pages) fn ScanStep(
    /// The secret.
    secret: SecretForms,
    /// Told that the app has it.
    on_scanned: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let SecretForms { otpauth_url, qr_svg, groups } = secret;
    let spaced = groups.join(" ");
    let secret = groups.concat();
    view! {
        <StepTitle text=tr!(i18n, auth.scan_title) />
        <p>{tr!(i18n, auth.scan_text)}</p>
        <div class="qr" role="img" aria-label=tr!(i18n, auth.scan_alt) inner_html=qr_svg></div>
        <p><a class="button" href=otpauth_url rel="external">{tr!(i18n, auth.open_app)}</a></p>
        <p class="hint">{tr!(i18n, auth.type_instead)}</p>
        <p class="secret"><code>{spaced}</code>
            <CopyButton lines=vec![secret] label=tr!(i18n, auth.copy_secret) />
        </p>
        <p class="hint">{tr!(i18n, auth.expires_note)}</p>
        <button type="button" class="button button-primary" on:click=move |_| on_scanned.run(())>
            {tr!(i18n, auth.scanned)}
        </button>
    }
}
