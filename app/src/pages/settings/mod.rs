//! What belongs to a person: their account, and how they sign in.

mod account;
pub(super) mod activity;
mod authenticators;
mod devices;
pub(super) mod doing;
mod email;
mod export;
pub(super) mod fresh_code;
mod import;
mod linked;
mod profile;
mod recovery_codes;
mod removal;
mod sessions;
mod statistics;
mod tags;
mod tokens;

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_params_map};

use self::{
    account::AccountSection,
    activity::ActivitySection,
    authenticators::AuthenticatorsSection,
    devices::DevicesSection,
    export::ExportSection,
    fresh_code::{FreshCodeDialog, provide_fresh_code},
    linked::LinkedSection,
    recovery_codes::RecoveryCodesSection,
    sessions::SessionsSection,
    statistics::StatisticsSection,
    tags::TagsSection,
    tokens::TokensSection,
};
use super::{NotFoundPage, SignInPrompt, sign_in::use_provider};
use crate::{
    components::When,
    dates::provide_local_time,
    i18n::{Locale, t_string, use_i18n},
    session::use_session,
    text::{heading, text, tr},
};

const AUTHENTICATORS: &str = "/settings/authenticators";
const RECOVERY_CODES: &str = "/settings/recovery-codes";

/// A part of the settings, with an address of its own.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Account,
    Authenticators,
    RecoveryCodes,
    Devices,
    Sessions,
    Tokens,
    Tags,
    Statistics,
    Export,
    Linked,
    Activity,
}

impl Section {
    const ALL: [Self; 11] = [
        Self::Account,
        Self::Authenticators,
        Self::RecoveryCodes,
        Self::Devices,
        Self::Sessions,
        Self::Tokens,
        Self::Tags,
        Self::Statistics,
        Self::Export,
        Self::Linked,
        Self::Activity,
    ];

    /// By the last part of its address.
    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|section| section.address().trim_start_matches("/settings").trim_start_matches('/') == name)
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Account => "/settings",
            Self::Authenticators => AUTHENTICATORS,
            Self::RecoveryCodes => RECOVERY_CODES,
            Self::Devices => "/settings/devices",
            Self::Sessions => "/settings/sessions",
            Self::Activity => "/settings/activity",
            Self::Tokens => tokens::ADDRESS,
            Self::Tags => tags::ADDRESS,
            Self::Statistics => statistics::ADDRESS,
            Self::Export => export::ADDRESS,
            Self::Linked => linked::ADDRESS,
        }
    }

    fn title(self, i18n: I18nContext<Locale>) -> &'static str {
        match self {
            Self::Account => t_string!(i18n, security.account),
            Self::Authenticators => t_string!(i18n, security.authenticators),
            Self::RecoveryCodes => t_string!(i18n, security.recovery_codes),
            Self::Devices => t_string!(i18n, security.devices),
            Self::Sessions => t_string!(i18n, security.sessions),
            Self::Tokens => t_string!(i18n, tokens.title),
            Self::Tags => t_string!(i18n, tags.title),
            Self::Statistics => t_string!(i18n, statistics.title),
            Self::Export => t_string!(i18n, export.title),
            Self::Activity => t_string!(i18n, audit.title),
            Self::Linked => t_string!(i18n, security.linked),
        }
    }

    /// Whether the instance has it.
    const fn is_there(self, has_provider: bool) -> bool {
        match self {
            Self::Linked => has_provider,
            _ => true,
        }
    }
}

/// `/settings` and `/settings/{section}`
#[component]
pub fn SettingsPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let params = use_params_map();
    provide_fresh_code();
    provide_local_time();
    let provider = use_provider();
    let section = Memo::new(move |_| {
        let section = params.with(|params| Section::named(&params.get("section").unwrap_or_default()));
        section.filter(|section| section.is_there(provider.with(Option::is_some)))
    });
    let title = move || match section.get() {
        Some(section) => format!("{} · {}", section.title(i18n), t_string!(i18n, common.settings)),
        None => t_string!(i18n, common.settings).to_owned(),
    };
    view! {
        <Title text=heading(title) />
        <When when=move || session.signed_in() fallback=SignInPrompt>
            <When when=move || section.get().is_some() fallback=NotFoundPage>
                <div class="settings">
                    <SectionNav />
                    <div class="settings-body">
                        {move || match section.get() {
                            Some(Section::Account) | None => view! { <AccountSection /> }.into_any(),
                            Some(Section::Authenticators) => view! { <AuthenticatorsSection /> }.into_any(),
                            Some(Section::RecoveryCodes) => view! { <RecoveryCodesSection /> }.into_any(),
                            Some(Section::Devices) => view! { <DevicesSection /> }.into_any(),
                            Some(Section::Sessions) => view! { <SessionsSection /> }.into_any(),
                            Some(Section::Tokens) => view! { <TokensSection /> }.into_any(),
                            Some(Section::Tags) => view! { <TagsSection /> }.into_any(),
                            Some(Section::Statistics) => view! { <StatisticsSection /> }.into_any(),
                            Some(Section::Export) => view! { <ExportSection /> }.into_any(),
                            Some(Section::Activity) => view! { <ActivitySection /> }.into_any(),
                            Some(Section::Linked) => view! { <LinkedSection /> }.into_any(),
                        }}
                    </div>
                </div>
                <FreshCodeDialog />
            </When>
        </When>
    }
}

#[component]
fn SectionNav() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let provider = use_provider();
    let sections = move || {
        let has_provider = provider.with(Option::is_some);
        Section::ALL.into_iter().filter(move |section| section.is_there(has_provider))
    };
    view! {
        <nav class="settings-nav" aria-label=tr!(i18n, common.settings)>
            {move || sections().map(|section| view! {
                <A href=section.address() exact=true>{text(move || section.title(i18n).to_owned())}</A>
            }).collect_view()}
            <When when=move || session.info().and_then(|info| info.me).is_some_and(|me| me.is_admin)>
                <A href="/admin">{tr!(i18n, admin.to_admin)}</A>
            </When>
        </nav>
    }
}
