//! The instance at a glance.

use leptos::prelude::*;
use leptos_router::components::A;
use model::types::Overview;

use super::{ACCOUNTS, OUTBOX};
use crate::{
    api,
    components::{Bars, Plot, Scale, Series},
    i18n::use_i18n,
    pages::loaded::{Place, loaded},
    text::tr,
};

/// `/admin`
#[component]
pub(super) fn OverviewSection() -> impl IntoView {
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::admin_overview());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    loaded(found, again, Place::Page, |overview| {
        let glance = move || view! { <Glance overview=overview.get() /> };
        view! { {glance} }.into_any()
    })
}

#[component]
fn Glance(overview: Overview) -> impl IntoView {
    let i18n = use_i18n();
    let outbox = overview.outbox;
    let links = [
        (tr!(i18n, admin.accounts), overview.accounts, ACCOUNTS.to_owned()),
        (
            tr!(i18n, admin.administrators),
            overview.administrators,
            format!("{ACCOUNTS}?filter=administrators"),
        ),
        (tr!(i18n, admin.suspended), overview.suspended, format!("{ACCOUNTS}?filter=suspended")),
        (tr!(i18n, admin.mails_waiting), outbox.queued + outbox.sending, format!("{OUTBOX}?state=queued")),
        (tr!(i18n, admin.mails_failed), outbox.failed, format!("{OUTBOX}?state=failed")),
    ];
    let facts = [
        (tr!(i18n, admin.images), overview.images.to_string()),
        (tr!(i18n, admin.space_used), overview.used.to_string()),
        (tr!(i18n, admin.stored), overview.stored.to_string()),
    ];
    let days = Bars::Days(overview.days.iter().map(|day| day.date.clone()).collect());
    let values = |value: fn(&model::types::Day) -> u64| overview.days.iter().map(value).collect::<Vec<_>>();
    let space = vec![Series {
        name: tr!(i18n, admin.space_used),
        color: "var(--accent)",
        values: values(|day| day.stored),
    }];
    let tries = vec![
        Series {
            name: tr!(i18n, admin.succeeded),
            color: "var(--accent)",
            values: values(|day| day.sign_ins),
        },
        Series { name: tr!(i18n, admin.failed), color: "var(--danger)", values: values(|day| day.failures) },
    ];
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.overview)}</h1>
            <div class="row">
                {links.map(|(name, count, address)| view! {
                    <A href=address attr:class="button">{name} " " <span class="badge">{count.to_string()}</span></A>
                }).collect_view()}
            </div>
            <dl class="facts">
                {facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}
            </dl>
        </section>
        <section class="card">
            <h2>{tr!(i18n, admin.plot_space)}</h2>
            <p class="hint">{tr!(i18n, admin.plot_space_text)}</p>
            <Plot name=tr!(i18n, admin.plot_space) bars=days.clone() series=space
                scale=Scale::BYTES />
        </section>
        <section class="card">
            <h2>{tr!(i18n, admin.plot_sign_ins)}</h2>
            <p class="hint">{tr!(i18n, admin.plot_sign_ins_text)}</p>
            <Plot name=tr!(i18n, admin.plot_sign_ins) bars=days series=tries
                scale=Scale::COUNT />
        </section>
    }
}
