//! Signing in with the operator's OpenID Connect provider.

use leptos::prelude::*;
use model::types::ProviderOutcome;

use crate::{
    i18n::{t_string, use_i18n},
    pages::use_query,
    session::use_session,
    text::tr,
};

/// What came of going to the provider, as the address says it.
pub(in crate::pages) fn use_provider_outcome() -> Signal<Option<ProviderOutcome>> {
    let query = use_query();
    Signal::derive(move || query.with(|query| query.get("provider")?.parse().ok()))
}

/// What people call the provider; nothing where there is none.
pub(in crate::pages) fn use_provider() -> Signal<Option<String>> {
    let session = use_session();
    // What hangs on it is made anew only for another one, not whenever the session is asked for.
    Memo::new(move |_| session.info().and_then(|info| info.sign_in.provider)).into()
}

/// Why one isn't signed in, who has been at the provider.
#[component]
pub(super) fn ProviderNotice() -> impl IntoView {
    let i18n = use_i18n();
    let (outcome, provider) = (use_provider_outcome(), use_provider());
    let told = move || {
        let (outcome, name) = (outcome.get()?, provider.get()?);
        Some(match outcome {
            ProviderOutcome::Denied => t_string!(i18n, auth.provider_denied, name = name).to_string(),
            ProviderOutcome::Expired => t_string!(i18n, auth.provider_expired).to_string(),
            ProviderOutcome::Unlinked => t_string!(i18n, auth.provider_unlinked, name = name).to_string(),
            ProviderOutcome::Failed => t_string!(i18n, auth.provider_failed, name = name).to_string(),
            ProviderOutcome::Suspended => t_string!(i18n, auth.suspended).to_owned(),
            ProviderOutcome::Linked | ProviderOutcome::Taken => return None,
        })
    };
    view! {
        <div class="notice-slot" role="alert">
            {move || told().map(|text| view! { <p class="notice notice-error">{text}</p> })}
        </div>
    }
}

/// The way to the provider. Not a page of the app's: the browser goes there itself.
#[component]
pub(super) fn ProviderLink() -> impl IntoView {
    let i18n = use_i18n();
    let provider = use_provider();
    move || {
        provider.get().map(|name| {
            view! {
                <a class="button" href="/auth/oidc/start" rel="external">{tr!(i18n, auth.provider, name = name.clone())}</a>
            }
        })
    }
}
