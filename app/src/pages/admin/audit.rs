//! What happened to everybody.

use leptos::prelude::*;

use crate::{api, i18n::use_i18n, pages::settings::activity::Log, text::tr};

pub(super) const ADDRESS: &str = "/admin/audit";

/// `/admin/audit`, narrowed by its query.
#[component]
pub(super) fn AuditSection() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.audit)}</h1>
            <p class="hint">{tr!(i18n, admin.audit_text)}</p>
            <Log address=ADDRESS fetch=|filter, cursor| Box::pin(api::admin_audit(filter, cursor)) whose=true />
        </section>
    }
}
