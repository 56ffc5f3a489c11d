//! Everybody who has an account.

use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate, params::ParamsMap};
use model::types::{AccountEntry, Page, UserId};

use super::{ACCOUNTS, account::AccountView};
use crate::{
    api,
    components::When,
    dates,
    i18n::use_i18n,
    pages::{
        loaded::{Place, loaded},
        paged::{Paged, more_button},
        use_query,
    },
    text::{Text, text, tr},
};

/// Which accounts are listed: the page's query says so.
#[derive(Clone, PartialEq)]
struct Wanted {
    search: String,
    filter: String,
}

impl Wanted {
    fn from_query(query: &ParamsMap) -> Self {
        Self {
            search: query.get("search").unwrap_or_default(),
            filter: query.get("filter").unwrap_or_default(),
        }
    }

    fn address(self) -> String {
        let mut query = ParamsMap::new();
        for (name, value) in [("search", self.search), ("filter", self.filter)] {
            if !value.is_empty() {
                query.insert(name, value);
            }
        }
        format!("{ACCOUNTS}{}", query.to_query_string())
    }
}

/// `/admin/users`, narrowed by its query; `?user=` shows one.
#[component]
pub(super) fn AccountsSection() -> impl IntoView {
    let query = use_query();
    let one =
        Memo::new(move |_| query.with(|query| query.get("user").and_then(|id| id.parse::<UserId>().ok())));
    move || match one.get() {
        Some(id) => view! { <AccountView id=id /> }.into_any(),
        None => view! { <Accounts /> }.into_any(),
    }
}

#[component]
fn Accounts() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query();
    let wanted = Memo::new(move |_| query.with(Wanted::from_query));
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(
        move || (wanted.get(), version.get()),
        |(wanted, _)| api::admin_accounts(wanted.search, wanted.filter, None),
    );
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.users)}</h1>
            <p class="hint">{tr!(i18n, admin.users_text)}</p>
            <SearchForm wanted=wanted />
            {loaded(found, again, Place::Card, move |page| {
                let entries = move || view! { <Entries page=page.get() wanted=wanted /> };
                view! { {entries} }.into_any()
            })}
        </section>
    }
}

/// A plain form: it works before the program has loaded.
#[component]
fn SearchForm(wanted: Memo<Wanted>) -> impl IntoView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    let (search, filter) = (NodeRef::<html::Input>::new(), NodeRef::<html::Select>::new());
    let show = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let search = search.get_untracked().map(|field| field.value()).unwrap_or_default();
        let filter = filter.get_untracked().map(|field| field.value()).unwrap_or_default();
        navigate(&Wanted { search, filter }.address(), NavigateOptions::default());
    };
    let choices = [
        ("", tr!(i18n, admin.everybody)),
        ("administrators", tr!(i18n, admin.administrators)),
        ("suspended", tr!(i18n, admin.suspended)),
    ];
    view! {
        <form class="row filters" method="GET" action=ACCOUNTS on:submit=show>
            <label class="field">
                <span>{tr!(i18n, admin.search_users)}</span>
                <input type="search" name="search" node_ref=search
                    value=wanted.get_untracked().search prop:value=move || wanted.get().search />
            </label>
            <label class="field">
                <span>{tr!(i18n, admin.which)}</span>
                <select name="filter" node_ref=filter>
                    {choices.map(|(value, name)| view! {
                        <option value=value selected=move || wanted.get().filter == value>{name}</option>
                    }).collect_view()}
                </select>
            </label>
            <button type="submit" class="button">{tr!(i18n, admin.search)}</button>
        </form>
    }
}

#[component]
fn Entries(page: Page<AccountEntry>, wanted: Memo<Wanted>) -> impl IntoView {
    let i18n = use_i18n();
    let paged = Paged::new(page);
    view! {
        <When
            when=move || !paged.is_empty()
            fallback=move || view! { <p>{tr!(i18n, admin.nobody)}</p> }
        >
            <ul class="things">
                <For each=move || paged.entries.get() key=|entry| entry.id let:entry><EntryRow entry=entry /></For>
            </ul>
        </When>
        {more_button(paged, move |from| {
            let Wanted { search, filter } = wanted.get_untracked();
            api::admin_accounts(search, filter, Some(from))
        })}
    }
}

#[component]
fn EntryRow(entry: AccountEntry) -> impl IntoView {
    let i18n = use_i18n();
    let usage = entry.usage;
    let (email, badges, last) = (entry.email.clone(), badges(&entry), last_sign_in(&entry));
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>
                    <A href=format!("{ACCOUNTS}?user={}", entry.id)>{entry.name.to_string()}</A>
                    {badges}
                </strong>
                {email.map(|address| view! { <span class="hint">{address.as_str().to_owned()}</span> })}
                <span class="hint">
                    {tr!(i18n, admin.used_of, used = usage.used.to_string(), quota = usage.quota.to_string())}
                    " · "
                    {last}
                </span>
            </div>
        </li>
    }
}

/// What sets an account apart.
pub(super) fn badges(entry: &AccountEntry) -> impl IntoView + use<> {
    let i18n = use_i18n();
    let states = [
        (entry.is_admin, "badge", tr!(i18n, admin.role_admin)),
        (entry.suspended_at.is_some() && !entry.is_going, "badge badge-error", tr!(i18n, admin.is_suspended)),
        (entry.is_going, "badge badge-error", tr!(i18n, admin.is_going)),
    ];
    states
        .into_iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, class, name)| view! { <span class=class>{name}</span> })
        .collect_view()
}

/// When somebody was last here.
pub(super) fn last_sign_in(entry: &AccountEntry) -> Text {
    let i18n = use_i18n();
    match entry.last_sign_in_at.clone() {
        Some(at) => text(move || {
            let moment = dates::moment(i18n.get_locale(), &at);
            crate::i18n::t_string!(i18n, admin.last_sign_in, moment = moment).to_string()
        }),
        None => tr!(i18n, admin.never_signed_in),
    }
}
