//! What happened to everybody.

use leptos::{ev, prelude::*};
use leptos_router::components::A;
use model::types::UserId;

use crate::{
    api,
    components::When,
    i18n::use_i18n,
    pages::settings::{
        activity::{Log, Wanted, file_address, query_of, use_wanted},
        doing::Doing,
    },
    text::tr,
};

pub(super) const ADDRESS: &str = "/admin/audit";

/// Where what happened to one account is shown.
pub(super) fn address_of(user: UserId) -> String {
    format!("{ADDRESS}{}", query_of(&Wanted { user: Some(user), ..Wanted::default() }))
}

/// `/admin/audit`, narrowed by its query.
#[component]
pub(super) fn AuditSection() -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(Callback::new(|()| ()));
    let file = file_address("/api/v1/admin/audit.csv", true);
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
            <Narrowed />
            <Log address=ADDRESS fetch=|wanted, cursor| Box::pin(api::admin_audit(wanted.user, wanted.filter, cursor)) whose=true />
            <div class="row">
                <a class="button" href=file download rel="external" on:click=export>{tr!(i18n, audit.export)}</a>
            </div>
        </section>
    }
}

/// Whose entries are shown, if it is one account's, and the way to everybody's.
#[component]
fn Narrowed() -> impl IntoView {
    let i18n = use_i18n();
    let wanted = use_wanted(true);
    let user = Memo::new(move |_| wanted.with(|wanted| wanted.user));
    // An account that is gone has entries, but no name any more.
    let name = api::page_resource(
        move || user.get(),
        |user| async move { Some(api::admin_account(user?).await.ok()?.entry.name.to_string()) },
    );
    let everybodys = move || format!("{ADDRESS}{}", query_of(&Wanted { user: None, ..wanted.get() }));
    view! {
        <When when=move || user.get().is_some()>
            <p class="notice">
                <Transition>
                    {move || name.get().map(|name| match name {
                        Some(name) => tr!(i18n, admin.audit_of, name = name.clone()),
                        None => tr!(i18n, admin.audit_of_one),
                    })}
                </Transition>
                " "
                <A href=everybodys>{tr!(i18n, admin.audit_of_all)}</A>
            </p>
        </When>
    }
}
