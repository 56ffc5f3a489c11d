//! One file in the tray.

use leptos::{html, prelude::*};
use model::rules::links::page_path;

use super::{Ring, command, text};
use crate::{
    components::{
        icons::{Glyph, Icon},
        similar_path,
        when::When,
    },
    i18n::{t_string, use_i18n},
    text::tr,
    uploads::{Kind, UploadCommand, UploadItem, UploadState},
};

/// The class that says a state by colour; the row says it in words too.
const fn class(state: &UploadState) -> &'static str {
    match state {
        UploadState::Waiting { .. } => "tray-row is-waiting",
        UploadState::Sending { .. } => "tray-row is-sending",
        UploadState::Processing { .. } => "tray-row is-processing",
        UploadState::Done(_) => "tray-row is-done",
        UploadState::Failed { .. } => "tray-row is-failed",
        UploadState::Cancelled => "tray-row is-cancelled",
    }
}

#[component]
pub(super) fn Row(item: UploadItem, refocus: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let UploadItem { id, filename, size, is_fetched, guest, preview, state, .. } = item;
    let of = text::Of { size, is_fetched, is_guests: guest.is_some() };
    let name = StoredValue::new(filename.to_string());
    // One signal that can be copied into every closure below.
    let state: Signal<UploadState> = state.into();
    let kind = Memo::new(move |_| state.with(UploadState::kind));
    let active = move || kind.get() == Kind::Active;
    let open = move || matches!(kind.get(), Kind::Waiting | Kind::Active);
    let percent = Memo::new(move |_| state.with(|state| state.percent(size.0)));
    // What the server fetches comes from elsewhere to elsewhere.
    let is_known = !is_fetched;
    let again = Memo::new(move |_| state.with(|state| state.retried().is_some()));
    let page = Memo::new(move |_| {
        state.with(|state| match state {
            UploadState::Done(taken) => Some(page_path(&taken.image)),
            _ => None,
        })
    });
    // Where what looks like it can be seen beside it, and what that is called.
    let similar = Memo::new(move |_| {
        state.with(|state| match state {
            UploadState::Done(taken) => {
                Some((similar_path(&taken.image.slug), taken.similar.first()?.filename.clone()))
            }
            _ => None,
        })
    });
    let close = NodeRef::<html::Button>::new();
    let stop = move |_| {
        if state.with_untracked(UploadState::is_open) {
            command(UploadCommand::Cancel(id));
        } else {
            command(UploadCommand::Dismiss(id));
            refocus.run(());
        }
    };
    let retry = move |_| {
        command(UploadCommand::Retry(id));
        // The button pressed goes away.
        if let Some(close) = close.get_untracked() {
            let _ = close.focus();
        }
    };
    let label =
        Signal::derive(move || t_string!(i18n, uploads.progress_of, name = name.get_value()).to_string());
    view! {
        <li class=move || state.with(class) data-upload-id=id>
            <span class="tray-thumb">
                {move || match preview.get() {
                    Some(preview) => view! { <img src=preview.url alt="" decoding="async" /> }.into_any(),
                    None => view! { <Icon glyph=Glyph::Gallery /> }.into_any(),
                }}
            </span>
            <span class="tray-text">
                {move || match page.get() {
                    Some(page) => view! {
                        <a
                            href=page
                            class="tray-name"
                            title=name.get_value()
                            aria-label=tr!(i18n, uploads.view, name = name.get_value())
                        >
                            {name.get_value()}
                        </a>
                    }.into_any(),
                    None => view! { <span class="tray-name" title=name.get_value()>{name.get_value()}</span> }.into_any(),
                }}
                <span class="tray-state">{move || state.with(|state| text::state(i18n, state, of))}</span>
                {move || similar.get().map(|(href, name)| view! {
                    <a href=href class="tray-name">{tr!(i18n, uploads.similar, name = name.clone())}</a>
                })}
            </span>
            <When when=active>
                <Ring percent=percent is_known=is_known label=label />
            </When>
            <When when=move || again.get()>
                <button
                    type="button"
                    class="button button-icon"
                    aria-label=tr!(i18n, uploads.retry, name = name.get_value())
                    on:click=retry
                >
                    <Icon glyph=Glyph::Restore />
                </button>
            </When>
            <button
                type="button"
                class="button button-icon"
                node_ref=close
                aria-label=move || {
                    if open() {
                        t_string!(i18n, uploads.cancel, name = name.get_value()).to_string()
                    } else {
                        t_string!(i18n, uploads.dismiss, name = name.get_value()).to_string()
                    }
                }
                on:click=stop
            >
                <Icon glyph=Glyph::Close />
            </button>
        </li>
    }
}
