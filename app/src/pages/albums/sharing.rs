//! An album's page for others: switched on, changed, taken away.

use leptos::{ev, html, prelude::*};
use model::{
    Problem,
    rules::links::album_path,
    types::{Album, AlbumChange, AlbumPassword, AlbumShare, ShareChange},
};

use super::Albums;
use crate::{
    api,
    components::{CopyRow, Modal, ProblemNotice, When},
    dates,
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    session::use_session,
    text::{text, tr},
};

/// Shows it and asks what is to become of it.
#[component]
pub(super) fn SharingDialog(
    open: RwSignal<bool>,
    album: Memo<Option<Album>>,
    albums: Albums,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, albums.share_title).to_owned())
            on_close=Callback::new(move |()| open.set(false))
        >
            <Sharing open=open album=album albums=albums />
        </Modal>
    }
}

#[component]
fn Sharing(open: RwSignal<bool>, album: Memo<Option<Album>>, albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let asking = Asking::new();
    let problem = RwSignal::new(None::<Problem>);
    let said = RwSignal::new(false);
    let share = Memo::new(move |_| album.with(|album| album.as_ref().and_then(|album| album.share.clone())));
    let change = Callback::new(move |share: Option<ShareChange>| {
        let Some(id) = album.with_untracked(|album| album.as_ref().map(|album| album.id)) else { return };
        let change = AlbumChange { share: Some(share), ..AlbumChange::default() };
        problem.set(None);
        said.set(false);
        asking.run(api::change_album(id, change), move |answer| match answer {
            Ok(_) => {
                said.set(true);
                albums.again.run(());
            }
            Err(error) => problem.set(Some(error.0)),
        });
    });
    view! {
        <div class="things">
            <h2>{tr!(i18n, albums.share_title)}</h2>
            <p class="hint">{tr!(i18n, albums.share_text)}</p>
            {move || match share.get() {
                Some(share) => view! { <Terms share=share change=change /> }.into_any(),
                None => view! {
                    <button type="button" class="button button-primary" on:click=move |_| change.run(Some(ShareChange::default()))>
                        {tr!(i18n, albums.share_on)}
                    </button>
                }.into_any(),
            }}
            <ProblemNotice problem=problem />
            <p class="hint" role="status">{move || said.get().then(|| t_string!(i18n, albums.share_saved))}</p>
            <button type="button" class="button" on:click=move |_| open.set(false)>{tr!(i18n, common.close)}</button>
        </div>
    }
}

/// Its link, and what holds for it.
#[component]
fn Terms(share: AlbumShare, change: Callback<Option<ShareChange>>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let AlbumShare { slug, has_password, expires_at } = share;
    let link = untrack(|| session.origins()).site + &album_path(&slug);
    let (password, expires) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let before = StoredValue::new(expires_at.as_ref().map(dates::typed).unwrap_or_default());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|field| field.value()).unwrap_or_default()
        };
        let (password, expires) = (typed(password), typed(expires));
        change.run(Some(ShareChange {
            // Nothing typed leaves it as it is.
            password: (!password.is_empty()).then_some(Some(password)),
            // The field has minutes only: what wasn't touched isn't sent.
            expires_at: (before.get_value() != expires).then(|| dates::from_typed(&expires)),
        }));
    };
    let remove = move |_| change.run(Some(ShareChange { password: Some(None), ..ShareChange::default() }));
    let hint = move || {
        if has_password {
            t_string!(i18n, albums.share_password_set)
        } else {
            t_string!(i18n, albums.share_password_none)
        }
    };
    view! {
        <CopyRow name=tr!(i18n, albums.share_link) text=link />
        <form class="things" on:submit=submit>
            <label class="field">
                <span>{tr!(i18n, albums.share_password)}</span>
                <input type="password" autocomplete="new-password" maxlength=AlbumPassword::MAX_CHARS.to_string() node_ref=password />
                <small>{text(move || hint().to_owned())}</small>
            </label>
            <label class="field">
                <span>{tr!(i18n, albums.share_expires)}</span>
                <input type="datetime-local" value=before.get_value() node_ref=expires />
                <small>{tr!(i18n, albums.share_expires_hint)}</small>
            </label>
            <div class="row">
                <button type="submit" class="button button-primary">{tr!(i18n, albums.save)}</button>
                <When when=move || has_password>
                    <button type="button" class="button" on:click=remove>{tr!(i18n, albums.share_password_remove)}</button>
                </When>
                <button type="button" class="button button-danger" on:click=move |_| change.run(None)>
                    {tr!(i18n, albums.share_off)}
                </button>
            </div>
        </form>
    }
}
