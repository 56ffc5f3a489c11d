//! The account at the operator's OpenID Connect provider, by which the person signs in.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::types::{LinkedIdentity, ProviderOutcome};

use super::fresh_code::use_fresh_code;
use crate::{
    api,
    components::account_problem_text,
    dates,
    i18n::{Locale, t_string, tu_string, use_i18n},
    pages::{
        loaded::{Place, loaded},
        sign_in::{use_provider, use_provider_outcome},
    },
    text::tr,
    toasts::use_toasts,
};

pub(super) const ADDRESS: &str = "/settings/linked-account";

/// `/settings/linked-account`
#[component]
pub(super) fn LinkedSection() -> impl IntoView {
    let i18n = use_i18n();
    // There is one, and it stays the same as long as the page is there.
    let name = StoredValue::new(use_provider().get_untracked().unwrap_or_default());
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::own_identity());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, security.linked)}</h1>
            <p class="hint">{tr!(i18n, security.linked_text, name = name.get_value())}</p>
            <OutcomeNotice provider=name.get_value() />
            {loaded(found, again, Place::Card, move |identity| {
                let shown = move || match identity.get() {
                    Some(identity) => view! { <Linked provider=name.get_value() identity=identity again=again /> }.into_any(),
                    None => view! { <LinkButton provider=name.get_value() /> }.into_any(),
                };
                view! { {shown} }.into_any()
            })}
        </section>
    }
}

/// What came of going to the provider.
#[component]
fn OutcomeNotice(provider: String) -> impl IntoView {
    let i18n = use_i18n();
    let outcome = use_provider_outcome();
    let told = move || {
        let outcome = outcome.get()?;
        let text = outcome_text(i18n, outcome, provider.clone());
        Some((text, if outcome == ProviderOutcome::Linked { "notice" } else { "notice notice-error" }))
    };
    view! {
        <div class="notice-slot" role="alert">
            {move || told().map(|(text, class)| view! { <p class=class>{text}</p> })}
        </div>
    }
}

fn outcome_text(i18n: I18nContext<Locale>, outcome: ProviderOutcome, name: String) -> String {
    match outcome {
        ProviderOutcome::Linked => t_string!(i18n, security.linked_now, name = name).to_string(),
        ProviderOutcome::Denied => t_string!(i18n, security.linked_denied, name = name).to_string(),
        ProviderOutcome::Expired => t_string!(i18n, security.linked_expired).to_string(),
        ProviderOutcome::Taken => t_string!(i18n, security.linked_taken, name = name).to_string(),
        ProviderOutcome::Failed | ProviderOutcome::Unlinked | ProviderOutcome::Suspended => {
            t_string!(i18n, security.linked_failed, name = name).to_string()
        }
    }
}

#[component]
fn LinkButton(provider: String) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let fresh = use_fresh_code();
    let link = move |_| {
        fresh.run(api::link_identity, move |outcome| match outcome {
            // A failure of the provider's has an address too, which says so.
            Ok(address) => {
                let _ = window().location().set_href(&address);
            }
            Err(problem) => toasts.fail(account_problem_text(i18n, &problem)),
        });
    };
    view! {
        <div class="row">
            <button type="button" class="button button-primary" aria-disabled=fresh.aria_busy() on:click=link>
                {tr!(i18n, security.link, name = provider.clone())}
            </button>
        </div>
    }
}

#[component]
fn Linked(provider: String, identity: LinkedIdentity, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let fresh = use_fresh_code();
    let navigate = use_navigate();
    let unlink = move |_| {
        let (provider, navigate) = (provider.clone(), navigate.clone());
        fresh.run(api::unlink_identity, move |outcome| {
            match outcome {
                Ok(()) => {
                    toasts.tell(tu_string!(i18n, security.unlinked_now, name = provider.clone()).to_string());
                    // What the query says came of linking is no longer so.
                    navigate(ADDRESS, NavigateOptions { replace: true, ..Default::default() });
                }
                Err(problem) => toasts.fail(account_problem_text(i18n, &problem)),
            }
            again.run(());
        });
    };
    let used = identity.last_used_at;
    view! {
        <ul class="things">
            <li class="thing">
                <div class="thing-facts">
                    <strong>{identity.label}</strong>
                    <span class="hint">
                        {tr!(i18n, security.linked_since, day = dates::day(i18n.get_locale(), identity.linked_at.date()))}
                    </span>
                    <span class="hint">
                        {move || match &used {
                            Some(moment) => {
                                let moment = dates::moment(i18n.get_locale(), moment);
                                t_string!(i18n, security.linked_used, moment = moment).to_string()
                            }
                            None => t_string!(i18n, security.linked_unused).to_string(),
                        }}
                    </span>
                </div>
                <button type="button" class="button button-danger" aria-disabled=fresh.aria_busy() on:click=unlink>{tr!(i18n, security.unlink)}</button>
            </li>
        </ul>
    }
}
