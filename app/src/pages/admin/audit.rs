//! What happened to everybody.

use leptos::{ev, prelude::*};

use crate::{
    api,
    i18n::use_i18n,
    pages::settings::{
        activity::{Log, file_address},
        doing::Doing,
    },
    text::tr,
};

pub(super) const ADDRESS: &str = "/admin/audit";

/// `/admin/audit`, narrowed by its query.
#[component]
pub(super) fn AuditSection() -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(Callback::new(|()| ()));
    let file = file_address("/api/v1/admin/audit.csv");
    // A link that finds the code too old would end in a broken download: it is asked for before.
    let export = move |event: ev::MouseEvent| {
        event.prevent_default();
        doing.begin(api::admin, move |()| {
            let _ = window().location().set_href(&file.get_untracked());
        });
    };
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.audit)}</h1>
            <p class="hint">{tr!(i18n, admin.audit_text)}</p>
            <Log address=ADDRESS fetch=|filter, cursor| Box::pin(api::admin_audit(filter, cursor)) whose=true />
            <div class="row">
                <a class="button" href=file download rel="external" on:click=export>{tr!(i18n, audit.export)}</a>
            </div>
        </section>
    }
}
