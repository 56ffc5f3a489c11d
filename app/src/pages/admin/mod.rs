//! Administration: accounts, invites, what holds for everybody, mail, and what happened.

mod account;
mod accounts;
mod audit;
mod invites;
mod link;
mod loaded;
mod outbox;
mod overview;
mod plot;
mod policy;
mod removal;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_params_map};

use self::{
    accounts::AccountsSection, audit::AuditSection, invites::InvitesSection, loaded::loaded,
    outbox::OutboxSection, overview::OverviewSection, policy::PolicySection,
};
use super::{
    NotFoundPage, SignInPrompt,
    settings::fresh_code::{FreshCode, FreshCodeDialog},
};
use crate::{
    api,
    components::When,
    i18n::{t_string, use_i18n},
    session::use_session,
    text::{Text, heading, tr},
};

const ACCOUNTS: &str = "/admin/users";
const OUTBOX: &str = "/admin/mail";

/// A part of administration, with an address of its own.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Overview,
    Accounts,
    Invites,
    Policy,
    Outbox,
    Audit,
}

impl Section {
    const ALL: [Self; 6] =
        [Self::Overview, Self::Accounts, Self::Invites, Self::Policy, Self::Outbox, Self::Audit];

    /// By the last part of its address.
    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|section| section.address().trim_start_matches("/admin").trim_start_matches('/') == name)
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Accounts => ACCOUNTS,
            Self::Invites => "/admin/invites",
            Self::Policy => "/admin/settings",
            Self::Outbox => OUTBOX,
            Self::Audit => audit::ADDRESS,
        }
    }

    fn title(self) -> Text {
        let i18n = use_i18n();
        match self {
            Self::Overview => tr!(i18n, admin.overview),
            Self::Accounts => tr!(i18n, admin.users),
            Self::Invites => tr!(i18n, admin.invites),
            Self::Policy => tr!(i18n, admin.settings),
            Self::Outbox => tr!(i18n, admin.outbox),
            Self::Audit => tr!(i18n, admin.audit),
        }
    }
}

/// `/admin` and `/admin/{section}`
///
/// Whoever may not administer, or has to show that it is still they, sees no more than that.
#[component]
pub fn AdminPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    FreshCode::provide();
    let version = RwSignal::new(0_u32);
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <Title text=heading(move || t_string!(i18n, admin.title).to_owned()) />
        <When when=move || session.signed_in() fallback=SignInPrompt>
            {
                let allowed = api::page_resource(move || version.get(), |_| api::admin());
                loaded(allowed, again, |()| view! { <Sections /> }.into_any())
            }
            <FreshCodeDialog />
        </When>
    }
}

#[component]
fn Sections() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let section =
        Memo::new(move |_| params.with(|params| Section::named(&params.get("section").unwrap_or_default())));
    view! {
        <When when=move || section.get().is_some() fallback=NotFoundPage>
            <div class="settings">
                <nav class="settings-nav" aria-label=tr!(i18n, admin.title)>
                    {Section::ALL.map(|section| view! {
                        <A href=section.address() exact=true>{section.title()}</A>
                    }).collect_view()}
                </nav>
                <div class="settings-body">
                    {move || match section.get() {
                        Some(Section::Overview) | None => view! { <OverviewSection /> }.into_any(),
                        Some(Section::Accounts) => view! { <AccountsSection /> }.into_any(),
                        Some(Section::Invites) => view! { <InvitesSection /> }.into_any(),
                        Some(Section::Policy) => view! { <PolicySection /> }.into_any(),
                        Some(Section::Outbox) => view! { <OutboxSection /> }.into_any(),
                        Some(Section::Audit) => view! { <AuditSection /> }.into_any(),
                    }}
                </div>
            </div>
        </When>
    }
}
