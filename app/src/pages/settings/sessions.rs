//! Where the person is signed in.

use leptos::{html, prelude::*};
use model::types::SessionEntry;

use super::doing::Doing;
use crate::{
    api,
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        focus::focus_when_shorter,
        loaded::{Place, loaded},
    },
    session::use_session,
    text::tr,
};

/// `/settings/sessions`
#[component]
pub(super) fn SessionsSection() -> impl IntoView {
    let i18n = use_i18n();
    let title = NodeRef::<html::H1>::new();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::sessions());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1 tabindex="-1" node_ref=title>{tr!(i18n, security.sessions)}</h1>
            <p class="hint">{tr!(i18n, security.sessions_text)}</p>
            {loaded(found, again, Place::Card, move |sessions| {
                focus_when_shorter(title, move || sessions.with(Vec::len));
                view! { <Sessions sessions=sessions again=again /> }.into_any()
            })}
        </section>
    }
}

#[component]
fn Sessions(sessions: Memo<Vec<SessionEntry>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let doing = Doing::with(again);
    let end = Callback::new(move |entry: SessionEntry| {
        if entry.current {
            // The page is a stranger's then.
            doing.begin(move || api::end_session(entry.id), move |()| session.refresh());
        } else {
            doing.tell(
                move || api::end_session(entry.id),
                move || t_string!(i18n, security.ended, name = entry.agent.clone()).to_string(),
            );
        }
    });
    let end_others = move |_| {
        doing.tell(
            || async { api::end_other_sessions().await.map(drop) },
            move || t_string!(i18n, security.others_ended).to_owned(),
        );
    };
    view! {
        <ul class="things">
            <For each=move || sessions.get() key=|entry| entry.id let:entry>
                <SessionRow entry=entry end=end doing=doing />
            </For>
        </ul>
        <When when=move || sessions.with(|sessions| sessions.iter().any(|one| !one.current))>
            <button type="button" class="button button-danger" aria-disabled=doing.aria_busy() on:click=end_others>
                {tr!(i18n, security.end_others)}
            </button>
        </When>
    }
}

#[component]
fn SessionRow(entry: SessionEntry, end: Callback<SessionEntry>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let (seen, opened) = (entry.last_seen_at.clone(), entry.created_at.clone());
    let row = entry.clone();
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>
                    {entry.agent.clone()}
                    {entry.current.then(|| view! { <span class="badge">{tr!(i18n, security.this_one)}</span> })}
                </strong>
                <span class="hint">
                    {tr!(i18n, security.last_seen, moment = dates::moment(i18n.get_locale(), &seen), address = entry.address.clone())}
                </span>
                <span class="hint">
                    {tr!(i18n, security.opened, moment = dates::moment(i18n.get_locale(), &opened))}
                    {entry.device.clone().map(|name| view! {
                        " · " {tr!(i18n, security.by_device, name = name.clone())}
                    })}
                </span>
            </div>
            <button type="button" class="button" aria-disabled=doing.aria_busy() on:click=move |_| end.run(row.clone())>
                {move || if entry.current { t_string!(i18n, common.sign_out) } else { t_string!(i18n, security.end) }}
            </button>
        </li>
    }
}
