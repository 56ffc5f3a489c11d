//! Devices that sign in without a code.

use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use model::types::{Label, TrustedDevice};

use super::fresh_code::{FreshCode, use_fresh_code};
use crate::{
    ApiError, api,
    components::{ProblemNotice, When, problem_text},
    dates,
    i18n::{Locale, t_string, use_i18n},
    text::tr,
    toasts::{Toasts, use_toasts},
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
                        Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// What is done to a list, and the list read again.
#[derive(Clone, Copy)]
struct Doing {
    fresh: FreshCode,
    i18n: I18nContext<Locale>,
    toasts: Toasts,
    again: Callback<()>,
}

impl Doing {
    fn run<F>(self, act: impl Fn() -> F + Clone + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        self.fresh.run(act, move |outcome| {
            if let Err(problem) = outcome {
                self.toasts.fail(problem_text(self.i18n, &problem));
            }
            self.again.run(());
        });
    }
}

#[component]
fn Devices(devices: Vec<TrustedDevice>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing { fresh: use_fresh_code(), i18n, toasts: use_toasts(), again };
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
    let field = NodeRef::<html::Input>::new();
    let (id, name) = (device.id, device.name.clone());
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        renaming.set(false);
        doing.run(move || api::rename_device(id, text.clone()));
    };
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <li class="thing">
            <div class="thing-facts">
                <When
                    when=renaming
                    fallback={
                        let name = name.clone();
                        move || view! {
                            <strong>
                                {name.clone()}
                                {device.current.then(|| view! { <span class="badge">{tr!(i18n, security.this_one)}</span> })}
                            </strong>
                        }
                    }
                >
                    <form class="rename" on:submit=save>
                        <input type="text" node_ref=field maxlength=Label::MAX_CHARS.to_string() required
                            aria-label=tr!(i18n, security.new_name) value=name.clone() />
                        <button type="submit" class="button button-primary">{tr!(i18n, security.save)}</button>
                    </form>
                </When>
                <span class="hint">
                    {tr!(i18n, security.last_used, moment = dates::moment(i18n.get_locale(), &device.last_used_at), address = device.address.clone())}
                </span>
                <span class="hint">
                    {tr!(i18n, security.trusted_until, day = dates::day(i18n.get_locale(), device.expires_at.date()))}
                </span>
            </div>
            <button type="button" class="button" on:click=move |_| renaming.update(|on| *on = !*on)>
                {move || if renaming.get() { t_string!(i18n, common.cancel) } else { t_string!(i18n, security.rename) }}
            </button>
            <button type="button" class="button button-danger" on:click=move |_| doing.run(move || api::revoke_device(id))>
                {tr!(i18n, security.revoke)}
            </button>
        </li>
    }
}
