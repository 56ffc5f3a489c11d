//! Devices that sign in without a code.

use leptos::{html, prelude::*};
use model::types::TrustedDevice;

use super::doing::{Doing, RenameButton, ThingName};
use crate::{
    api,
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        focus::focus_when_shorter,
        loaded::{Place, entry_of, loaded},
    },
    text::{text, tr},
};

/// `/settings/devices`
#[component]
pub(super) fn DevicesSection() -> impl IntoView {
    let i18n = use_i18n();
    let title = NodeRef::<html::H1>::new();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::devices());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1 tabindex="-1" node_ref=title>{tr!(i18n, security.devices)}</h1>
            <p class="hint">{tr!(i18n, security.devices_text)}</p>
            {loaded(found, again, Place::Card, move |devices| {
                focus_when_shorter(title, move || devices.with(Vec::len));
                view! { <Devices devices=devices again=again /> }.into_any()
            })}
        </section>
    }
}

#[component]
fn Devices(devices: Memo<Vec<TrustedDevice>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let any = move || devices.with(|devices| !devices.is_empty());
    let trusts_this = move || devices.with(|devices| devices.iter().any(|device| device.current));
    let trust =
        move |_| doing.tell(api::trust_device, move || t_string!(i18n, security.trusted_now).to_owned());
    let revoke =
        move |_| doing.tell(api::revoke_devices, move || t_string!(i18n, security.all_revoked).to_owned());
    view! {
        <When
            when=any
            fallback=move || view! { <p>{tr!(i18n, security.no_devices)}</p> }
        >
            <ul class="things">
                <For each=move || devices.get() key=|device| device.id let:device>
                    <DeviceRow device=entry_of(devices, device, |device| device.id) doing=doing />
                </For>
            </ul>
        </When>
        <div class="row">
            <When when=move || !trusts_this()>
                <button type="button" class="button button-primary" aria-disabled=doing.aria_busy() on:click=trust>
                    {tr!(i18n, security.trust_this)}
                </button>
            </When>
            <When when=any>
                <button type="button" class="button button-danger" aria-disabled=doing.aria_busy() on:click=revoke>
                    {tr!(i18n, security.revoke_all)}
                </button>
            </When>
        </div>
    }
}

#[component]
fn DeviceRow(device: Memo<TrustedDevice>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let renaming = RwSignal::new(false);
    let id = device.with_untracked(|device| device.id);
    let name = Signal::derive(move || device.with(|device| device.name.clone()));
    let rename = move |text: String| {
        doing.tell(
            move || api::rename_device(id, text.clone()),
            move || t_string!(i18n, security.renamed).to_owned(),
        );
    };
    let revoke = move |_| {
        let name = name.get_untracked();
        doing.tell(
            move || api::revoke_device(id),
            move || t_string!(i18n, security.revoked, name = name.clone()).to_string(),
        );
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <ThingName name=name renaming=renaming on_name=Callback::new(rename)>
                    <When when=move || device.with(|device| device.current)>
                        <span class="badge">{tr!(i18n, security.this_one)}</span>
                    </When>
                </ThingName>
                <span class="hint">
                    {text(move || {
                        let TrustedDevice { last_used_at, address, .. } = device.get();
                        let moment = dates::moment(i18n.get_locale(), &last_used_at);
                        t_string!(i18n, security.last_used, moment = moment, address = address).to_string()
                    })}
                </span>
                <span class="hint">
                    {text(move || {
                        let day = device.with(|device| dates::day(i18n.get_locale(), device.expires_at.date()));
                        t_string!(i18n, security.trusted_until, day = day).to_string()
                    })}
                </span>
            </div>
            <RenameButton renaming=renaming />
            <button type="button" class="button button-danger" aria-disabled=doing.aria_busy() on:click=revoke>
                {tr!(i18n, security.revoke)}
            </button>
        </li>
    }
}
