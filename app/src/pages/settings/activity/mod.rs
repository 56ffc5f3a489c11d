//! What happened to the account.

mod filter;
mod sentence;

use std::pin::Pin;

use leptos::prelude::*;
use model::types::{AuditEntry, AuditOutcome, Page};

pub(in crate::pages) use self::filter::{Wanted, query_of};
use self::{
    filter::{FilterForm, wanted_by},
    sentence::{actor, sentence},
};
use crate::{
    ApiError, api,
    components::When,
    dates,
    i18n::use_i18n,
    pages::{
        loaded::{Place, loaded},
        paged::{Paged, more_button},
        use_query,
    },
    text::{text, tr},
};

/// `/settings/activity`, narrowed by its query.
#[component]
pub(super) fn ActivitySection() -> impl IntoView {
    let i18n = use_i18n();
    let export = file_address("/api/v1/audit.csv", false);
    view! {
        <section class="card">
            <h1>{tr!(i18n, audit.title)}</h1>
            <p class="hint">{tr!(i18n, audit.text)}</p>
            <Log address="/settings/activity" fetch=|wanted, cursor| Box::pin(api::activity(wanted.filter, cursor)) whose=false />
            <div class="row">
                <a class="button" href=export download rel="external">{tr!(i18n, audit.export)}</a>
            </div>
        </section>
    }
}

/// Where the entries that the page shows are had as a file.
pub(in crate::pages) fn file_address(path: &'static str, whose: bool) -> Memo<String> {
    let wanted = use_wanted(whose);
    Memo::new(move |_| format!("{path}{}", wanted.with(query_of)))
}

/// What the page's query asks for; `whose` says whether that may be another's.
pub(in crate::pages) fn use_wanted(whose: bool) -> Memo<Wanted> {
    let query = use_query();
    Memo::new(move |_| {
        let wanted = query.with(wanted_by);
        Wanted { user: wanted.user.filter(|_| whose), ..wanted }
    })
}

/// A page of entries, or why there is none.
type Fetched = Result<Page<AuditEntry>, ApiError>;
/// Asks for a page of entries.
type Fetch = fn(Wanted, Option<String>) -> Pin<Box<dyn Future<Output = Fetched> + Send>>;

/// Entries, narrowed by the page's query.
#[component]
pub(in crate::pages) fn Log(
    /// The page.
    address: &'static str,
    /// Asks for them.
    fetch: Fetch,
    /// Whether each says whose account it is about.
    whose: bool,
) -> impl IntoView {
    let wanted = use_wanted(whose);
    let version = RwSignal::new(0_u32);
    let found =
        api::page_resource(move || (wanted.get(), version.get()), move |(wanted, _)| fetch(wanted, None));
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <FilterForm wanted=wanted address=address />
        {loaded(found, again, Place::Card, move |page| {
            let entries = move || {
                view! { <Entries page=page.get() wanted=wanted fetch=fetch whose=whose /> }
            };
            view! { {entries} }.into_any()
        })}
    }
}

#[component]
fn Entries(page: Page<AuditEntry>, wanted: Memo<Wanted>, fetch: Fetch, whose: bool) -> impl IntoView {
    let i18n = use_i18n();
    let paged = Paged::new(page);
    view! {
        <When
            when=move || !paged.is_empty()
            fallback=move || view! { <p>{tr!(i18n, audit.none)}</p> }
        >
            <ol class="things activity" reversed>
                <For each=move || paged.entries.get() key=|entry| entry.sequence let:entry>
                    <EntryRow entry=entry whose=whose />
                </For>
            </ol>
        </When>
        {more_button(paged, move |from| fetch(wanted.get_untracked(), Some(from)))}
    }
}

#[component]
fn EntryRow(entry: AuditEntry, whose: bool) -> impl IntoView {
    let i18n = use_i18n();
    let failed = entry.outcome == AuditOutcome::Failure;
    let (at, shown) = (entry.at.as_str().to_owned(), entry.at.clone());
    let place = [entry.device.clone(), entry.address.clone()].into_iter().flatten();
    let place = place.map(|part| format!(" · {part}")).collect::<String>();
    let name = entry.name.clone().filter(|_| whose).map(|name| format!("{name} · "));
    let entry = StoredValue::new(entry);
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>
                    {text(move || entry.with_value(|entry| sentence(i18n, entry)))}
                    {failed.then(|| view! { <span class="badge badge-error">{tr!(i18n, audit.failure)}</span> })}
                </strong>
                <span class="hint">
                    {name}
                    <time datetime=at>{text(move || dates::moment(i18n.get_locale(), &shown))}</time>
                    {place}
                    {text(move || entry.with_value(|entry| actor(i18n, entry)).map(|by| format!(" · {by}")).unwrap_or_default())}
                </span>
            </div>
        </li>
    }
}
