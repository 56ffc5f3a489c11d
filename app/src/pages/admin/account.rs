//! One account, and what can be done to it.

use leptos::{ev, html, prelude::*};
use leptos_router::components::A;
use model::types::{AccountFacts, ResetMade, Usage, UserId};

use super::{
    ACCOUNTS,
    accounts::{badges, last_sign_in},
    audit,
    field::show_in,
    link::OneTimeLink,
    removal::AccountRemoval,
};
use crate::{
    api,
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        loaded::{Place, loaded},
        settings::doing::Doing,
    },
    text::{text, tr},
};

/// `/admin/users?user={id}`
#[component]
pub(super) fn AccountView(id: UserId) -> impl IntoView {
    let i18n = use_i18n();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), move |_| api::admin_account(id));
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <p><A href=ACCOUNTS attr:class="button button-quiet">{tr!(i18n, admin.back_to_users)}</A></p>
        {loaded(found, again, Place::Page, move |facts| {
            let doing = Doing::with(again);
            view! {
                {move || view! { <FactsCard facts=facts.get() /> }}
                <When when=move || facts.with(|facts| !facts.entry.is_going)>
                    <SpaceCard facts=facts doing=doing />
                    <AccessCard facts=facts doing=doing />
                    <ResetCard facts=facts doing=doing />
                    <AccountRemoval facts=facts doing=doing />
                </When>
            }.into_any()
        })}
    }
}

#[component]
fn FactsCard(facts: AccountFacts) -> impl IntoView {
    let i18n = use_i18n();
    let entry = facts.entry;
    let (badges, last) = (badges(&entry), last_sign_in(&entry));
    let joined = entry.created_at.clone();
    let counts = [facts.authenticators, facts.recovery_codes_left, facts.devices, facts.tokens]
        .map(|count| count.to_string());
    let [authenticators, codes, devices, tokens] = counts;
    view! {
        <section class="card">
            <h1>{entry.name.to_string()} {badges}</h1>
            <p class="hint">{last}</p>
            <dl class="facts">
                <div>
                    <dt>{tr!(i18n, admin.email)}</dt>
                    <dd>{match entry.email {
                        Some(address) => view! {
                            {address.as_str().to_owned()}
                            {(!facts.email_verified).then(|| view! { <span class="badge">{tr!(i18n, admin.unproved)}</span> })}
                        }.into_any(),
                        None => tr!(i18n, admin.no_email).into_any(),
                    }}</dd>
                </div>
                <div>
                    <dt>{tr!(i18n, admin.joined)}</dt>
                    <dd>{text(move || dates::day(i18n.get_locale(), joined.date()))}</dd>
                </div>
                <div>
                    <dt>{tr!(i18n, admin.ways_in)}</dt>
                    <dd>{tr!(i18n, admin.ways_in_counts, authenticators = authenticators.clone(), codes = codes.clone(),
                        devices = devices.clone(), tokens = tokens.clone())}</dd>
                </div>
                <div>
                    <dt>{tr!(i18n, admin.sessions_now)}</dt>
                    <dd>{facts.sessions.to_string()}</dd>
                </div>
            </dl>
            <div class="row"><A href=audit::address_of(entry.id) attr:class="button">{tr!(i18n, admin.audit_link)}</A></div>
        </section>
    }
}

#[component]
fn SpaceCard(facts: Memo<AccountFacts>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let id = facts.with_untracked(|facts| facts.entry.id);
    let usage = Memo::new(move |_| facts.with(|facts| facts.entry.usage));
    let field = NodeRef::<html::Input>::new();
    let quota = Memo::new(move |_| usage.with(|usage| usage.quota.exact()));
    show_in(field, quota);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(quota) = field.get_untracked().map(|field| field.value()) else { return };
        doing.tell(
            move || api::admin_set_quota(id, quota.clone()),
            move || t_string!(i18n, admin.saved).to_owned(),
        );
    };
    view! {
        <section class="card">
            <h2>{tr!(i18n, admin.quota)}</h2>
            {move || view! { <Used usage=usage.get() /> }}
            <form class="row" on:submit=save>
                <label class="field">
                    <span class="visually-hidden">{tr!(i18n, admin.quota)}</span>
                    <input type="text" required node_ref=field value=quota.get_untracked() aria-describedby="quota-hint" />
                </label>
                <button type="submit" class="button" aria-disabled=doing.aria_busy()>{tr!(i18n, admin.save)}</button>
            </form>
            <p class="hint" id="quota-hint">{tr!(i18n, admin.quota_hint)}</p>
        </section>
    }
}

#[component]
fn Used(usage: Usage) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <progress class="usage" max=usage.quota.bytes() value=usage.used.bytes() aria-label=tr!(i18n, admin.quota)></progress>
        <p>
            {tr!(i18n, admin.used_of, used = usage.used.to_string(), quota = usage.quota.to_string())}
            " · "
            {tr!(i18n, admin.images_count, count = usage.images.to_string())}
        </p>
    }
}

#[component]
fn AccessCard(facts: Memo<AccountFacts>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let id = facts.with_untracked(|facts| facts.entry.id);
    let is_admin = move || facts.with(|facts| facts.entry.is_admin);
    let last = move || facts.with(|facts| facts.is_last_admin);
    let suspended = move || facts.with(|facts| facts.entry.suspended_at.clone());
    let is_suspended = Memo::new(move |_| suspended().is_some());
    let saved = move || t_string!(i18n, admin.saved).to_owned();
    let set_role = move |_| {
        let is_admin = untrack(is_admin);
        doing.tell(move || api::admin_set_role(id, !is_admin), saved);
    };
    let sign_out = move |_| {
        doing.tell(move || api::admin_end_sessions(id), move || t_string!(i18n, admin.signed_out).to_owned());
    };
    let suspend = move |_| {
        if is_suspended.get_untracked() {
            doing.tell(move || api::admin_restore(id), move || t_string!(i18n, admin.restored).to_owned());
        } else {
            doing.tell(
                move || api::admin_suspend(id),
                move || t_string!(i18n, admin.suspended_now).to_owned(),
            );
        }
    };
    view! {
        <section class="card">
            <h2>{tr!(i18n, admin.access)}</h2>
            <When when=last><p class="notice">{tr!(i18n, admin.last_admin)}</p></When>
            {move || suspended().map(|at| view! {
                <p class="notice notice-error">
                    {tr!(i18n, admin.suspended_since, moment = dates::moment(i18n.get_locale(), &at))}
                </p>
            })}
            <p class="hint">{tr!(i18n, admin.suspend_text)}</p>
            <div class="row">
                <button type="button" class="button" disabled=last aria-disabled=doing.aria_busy() on:click=set_role>
                    {move || if is_admin() { t_string!(i18n, admin.make_member) } else { t_string!(i18n, admin.make_admin) }}
                </button>
                <button type="button" class="button" aria-disabled=doing.aria_busy() on:click=sign_out>
                    {tr!(i18n, admin.sign_out_everywhere)}
                </button>
                // One button, which keeps the focus.
                <button type="button" class="button" class:button-primary=is_suspended class:button-danger=move || !is_suspended.get()
                    disabled=move || last() && !is_suspended.get() aria-disabled=doing.aria_busy() on:click=suspend>
                    {move || if is_suspended.get() { t_string!(i18n, admin.restore) } else { t_string!(i18n, admin.suspend) }}
                </button>
            </div>
        </section>
    }
}

#[component]
fn ResetCard(facts: Memo<AccountFacts>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let id = facts.with_untracked(|facts| facts.entry.id);
    let suspended = move || facts.with(|facts| facts.entry.suspended_at.is_some());
    let made = RwSignal::new(None::<ResetMade>);
    let last = move || facts.with(|facts| facts.is_last_admin);
    let reset = move |force: bool| {
        doing.begin(
            move || api::admin_reset(id, force),
            move |reset| {
                made.set(Some(reset));
                if force {
                    doing.again();
                }
            },
        );
    };
    view! {
        <section class="card">
            <h2>{tr!(i18n, admin.reset)}</h2>
            <p class="hint">{tr!(i18n, admin.reset_text)}</p>
            <p class="hint">{tr!(i18n, admin.force_reset_text)}</p>
            {move || made.get().map(|made| view! {
                <OneTimeLink link=made.link mailed_to=made.mailed_to>{tr!(i18n, admin.reset_made)}</OneTimeLink>
            })}
            <div class="row">
                <button type="button" class="button" disabled=suspended aria-disabled=doing.aria_busy() on:click=move |_| reset(false)>
                    {tr!(i18n, admin.reset)}
                </button>
                <button type="button" class="button button-danger" disabled=last aria-disabled=doing.aria_busy() on:click=move |_| reset(true)>
                    {tr!(i18n, admin.force_reset)}
                </button>
            </div>
        </section>
    }
}
