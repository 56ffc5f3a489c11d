//! Administration: accounts, invites, what holds for everybody, mail, and what happened.

mod account;
mod accounts;
mod audit;
mod field;
mod invites;
mod link;
mod outbox;
mod overview;
mod policy;
mod removal;

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_params_map};

pub(super) use self::policy::{setting_name, setting_value};
use self::{
    accounts::AccountsSection, audit::AuditSection, invites::InvitesSection, outbox::OutboxSection,
    overview::OverviewSection, policy::PolicySection,
};
use super::{
    NotFoundPage, SignInPrompt,
    loaded::{Place, loaded},
    settings::fresh_code::{FreshCodeDialog, provide_fresh_code},
};
use crate::{
    api,
    components::When,
    dates::provide_local_time,
    i18n::{Locale, t_string, use_i18n},
    session::use_session,
    text::{heading, text, tr},
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

    fn title(self, i18n: I18nContext<Locale>) -> &'static str {
        match self {
            Self::Overview => t_string!(i18n, admin.overview),
            Self::Accounts => t_string!(i18n, admin.users),
            Self::Invites => t_string!(i18n, admin.invites),
            Self::Policy => t_string!(i18n, admin.settings),
            Self::Outbox => t_string!(i18n, admin.outbox),
            Self::Audit => t_string!(i18n, admin.audit),
        }
    }
}

/// The part that the address names.
fn use_section() -> Memo<Option<Section>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| Section::named(&params.get("section").unwrap_or_default())))
}

/// `/admin` and `/admin/{section}`
///
/// Whoever may not administer, or has to show that it is still they, sees no more than that.
#[component]
pub fn AdminPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    provide_fresh_code();
    provide_local_time();
    let version = RwSignal::new(0_u32);
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    let section = use_section();
    let title = move || match section.get() {
        Some(section) => format!("{} · {}", section.title(i18n), t_string!(i18n, admin.title)),
        None => t_string!(i18n, admin.title).to_owned(),
    };
    view! {
        <Title text=heading(title) />
        <When when=move || session.signed_in() fallback=SignInPrompt>
            {
                let allowed = api::page_resource(move || version.get(), |_| api::admin());
                loaded(allowed, again, Place::Page, |_| view! { <Sections /> }.into_any())
            }
            <FreshCodeDialog />
        </When>
    }
}

#[component]
fn Sections() -> impl IntoView {
    let i18n = use_i18n();
    let section = use_section();
    view! {
        <When when=move || section.get().is_some() fallback=NotFoundPage>
            <div class="settings">
                <nav class="settings-nav" aria-label=tr!(i18n, admin.title)>
                    {Section::ALL.map(|section| view! {
                        <A href=section.address() exact=true>{text(move || section.title(i18n).to_owned())}</A>
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
