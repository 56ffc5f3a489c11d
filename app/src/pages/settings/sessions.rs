//! Where the person is signed in.

use leptos::prelude::*;
use model::types::SessionEntry;

use crate::{
    api,
    components::{AccountProblemNotice, When, account_problem_text},
    dates,
    i18n::{t_string, use_i18n},
    session::use_session,
    text::tr,
    toasts::use_toasts,
};

/// `/settings/sessions`
#[component]
pub(super) fn SessionsSection() -> impl IntoView {
    let i18n = use_i18n();
    let found = api::page_resource(|| (), |()| api::sessions());
    view! {
        <section class="card">
            <h1>{tr!(i18n, security.sessions)}</h1>
            <p class="hint">{tr!(i18n, security.sessions_text)}</p>
            <Suspense fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(sessions) => view! { <Sessions sessions=sessions /> }.into_any(),
                        Err(error) => view! { <AccountProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionEntry>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let sessions = RwSignal::new(sessions);
    let end = Callback::new(move |entry: SessionEntry| {
        leptos::task::spawn_local(async move {
            match api::end_session(entry.id).await {
                // Its own: the page is a stranger's now.
                Ok(()) if entry.current => session.refresh(),
                Ok(()) => sessions.update(|sessions| sessions.retain(|one| one.id != entry.id)),
                Err(error) => toasts.fail(account_problem_text(i18n, &error.0)),
            }
        });
    });
    let end_others = move |_| {
        leptos::task::spawn_local(async move {
            match api::end_other_sessions().await {
                Ok(_) => {
                    sessions.update(|sessions| sessions.retain(|one| one.current));
                    toasts.tell(t_string!(i18n, security.others_ended));
                }
                Err(error) => toasts.fail(account_problem_text(i18n, &error.0)),
            }
        });
    };
    view! {
        <ul class="things">
            <For each=move || sessions.get() key=|entry| entry.id let:entry>
                <SessionRow entry=entry end=end />
            </For>
        </ul>
        <When when=move || sessions.with(|sessions| sessions.iter().any(|one| !one.current))>
            <button type="button" class="button button-danger" on:click=end_others>{tr!(i18n, security.end_others)}</button>
        </When>
    }
}

#[component]
fn SessionRow(entry: SessionEntry, end: Callback<SessionEntry>) -> impl IntoView {
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
            <button type="button" class="button" on:click=move |_| end.run(row.clone())>
                {move || if entry.current { t_string!(i18n, common.sign_out) } else { t_string!(i18n, security.end) }}
            </button>
        </li>
    }
}
