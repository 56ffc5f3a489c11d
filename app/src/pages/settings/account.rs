//! The account: space, ways back, language.

use leptos::prelude::*;
use leptos_router::components::A;
use model::types::{FEW_RECOVERY_CODES, Rotation};

use super::{AUTHENTICATORS, RECOVERY_CODES, email::EmailPart, profile::ProfilePart, removal::OwnRemoval};
use crate::{
    api,
    components::{LanguageSwitch, SignOutButton, When},
    i18n::use_i18n,
    session::use_session,
    text::tr,
    types::{Me, Usage},
};

/// `/settings`
#[component]
pub(super) fn AccountSection() -> impl IntoView {
    let session = use_session();
    // The parts are made once and follow it: what somebody is about to change stays when the session is
    // asked for anew.
    let me = Memo::new(move |_| session.info().and_then(|info| info.me));
    view! { <When when=move || me.with(Option::is_some)><Account me=me /></When> }
}

#[component]
fn Account(me: Memo<Option<Me>>) -> impl IntoView {
    let i18n = use_i18n();
    let name = move || me.with(|me| me.as_ref().map(|me| me.name.to_string()));
    // Names don't change.
    let name_untracked = untrack(name);
    let codes = move || me.with(|me| me.as_ref().map_or(0, |me| me.recovery_codes_left));
    view! {
        <section class="card">
            <h1>{tr!(i18n, common.settings_account)}</h1>
            <dl class="facts">
                <div><dt>{tr!(i18n, common.settings_name)}</dt><dd>{name}</dd></div>
            </dl>
            <SignOutButton />
        </section>
        <EmailPart me=me />
        <ProfilePart me=me />
        <section class="card">
            <h2>{tr!(i18n, common.settings_space)}</h2>
            {move || me.get().map(|me| view! { <Space usage=me.usage /> })}
            <p class="hint">{tr!(i18n, common.settings_bin_counts)}</p>
        </section>
        <section class="card">
            <h2>{tr!(i18n, security.ways_in)}</h2>
            <RotationNotice />
            <p>{tr!(i18n, common.settings_recovery_left, count = codes().to_string())}</p>
            <When when=move || { codes() < FEW_RECOVERY_CODES }>
                <p class="notice">
                    {tr!(i18n, security.codes_few)} " " <A href=RECOVERY_CODES>{tr!(i18n, security.make_codes)}</A>
                </p>
            </When>
        </section>
        <section class="card">
            <h2>{tr!(i18n, common.settings_language)}</h2>
            <LanguageSwitch />
        </section>
        {name_untracked.map(|name| view! { <OwnRemoval name=name /> })}
    }
}

#[component]
fn Space(usage: Usage) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <progress class="usage" max=usage.quota.bytes() value=usage.used.bytes()
            aria-label=tr!(i18n, common.settings_space)></progress>
        <p>
            {tr!(i18n, common.space_used, used = usage.used.to_string(), quota = usage.quota.to_string())}
            " · "
            {tr!(i18n, common.space_free, free = usage.free().to_string())}
            " · "
            {tr!(i18n, common.settings_images, count = usage.images.to_string())}
        </p>
    }
}

/// Leads to where old secrets are renewed, if there is one.
#[component]
fn RotationNotice() -> impl IntoView {
    let i18n = use_i18n();
    let found = api::page_resource(|| (), |()| api::authenticators());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let due = found.await.is_ok_and(|all| all.iter().any(|one| one.rotation > Rotation::Fresh));
                due.then(|| view! {
                    <p class="notice">
                        {tr!(i18n, security.renew_notice)} " " <A href=AUTHENTICATORS>{tr!(i18n, security.renew)}</A>
                    </p>
                })
            })}
        </Suspense>
    }
}
