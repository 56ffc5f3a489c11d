//! Devices that sign in without a code.

use leptos::prelude::*;
use model::types::TrustedDevice;

use super::doing::{Doing, RenameButton, ThingName};
use crate::{
    api,
    components::{AccountProblemNotice, When},
    dates,
    i18n::use_i18n,
    text::tr,
};

/// `/settings/devices`
#[component]
pub(super) fn DevicesSection() -> impl IntoView {
    let i18n = use_i18n();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::devices());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, security.devices)}</h1>
            <p class="hint">{tr!(i18n, security.devices_text)}</p>
            <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(devices) => view! { <Devices devices=devices again=again /> }.into_any(),
                        Err(error) => view! { <AccountProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Devices(devices: Vec<TrustedDevice>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let trusts_this = devices.iter().any(|device| device.current);
    let any = !devices.is_empty();
    view! {
        <When
            when=move || any
            fallback=move || view! { <p>{tr!(i18n, security.no_devices)}</p> }
        >
            <ul class="things">
                {devices.iter().cloned().map(|device| view! { <DeviceRow device=device doing=doing /> }).collect_view()}
            </ul>
        </When>
        <div class="row">
            <When when=move || !trusts_this>
                <button type="button" class="button button-primary" on:click=move |_| doing.run(api::trust_device)>
                    {tr!(i18n, security.trust_this)}
                </button>
            </When>
            <When when=move || any>
                <button type="button" class="button button-danger" on:click=move |_| doing.run(api::revoke_devices)>
                    {tr!(i18n, security.revoke_all)}
                </button>
            </When>
        </div>
    }
}

#[component]
fn DeviceRow(device: TrustedDevice, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let renaming = RwSignal::new(false);
    let id = device.id;
    view! {
        <li class="thing">
            <div class="thing-facts">
                <ThingName
                    name=device.name
                    badge=device.current.then(|| tr!(i18n, security.this_one))
                    renaming=renaming
                    on_name=Callback::new(move |text: String| doing.run(move || api::rename_device(id, text.clone())))
                />
                <span class="hint">
                    {tr!(i18n, security.last_used, moment = dates::moment(i18n.get_locale(), &device.last_used_at), address = device.address.clone())}
                </span>
                <span class="hint">
                    {tr!(i18n, security.trusted_until, day = dates::day(i18n.get_locale(), device.expires_at.date()))}
                </span>
            </div>
            <RenameButton renaming=renaming />
            <button type="button" class="button button-danger" on:click=move |_| doing.run(move || api::revoke_device(id))>
                {tr!(i18n, security.revoke)}
            </button>
        </li>
    }
}
