//! Making an album, and changing what is said of one.

use leptos::{ev, html, prelude::*};
use model::{
    Problem,
    types::{Album, AlbumChange, AlbumDraft, AlbumId, AlbumName, Description},
};

use super::Albums;
use crate::{
    api,
    components::{Modal, ProblemNotice, When},
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    text::tr,
};

/// What is typed about.
#[derive(Clone)]
pub(super) enum About {
    /// One that is to be made, perhaps in another one.
    New(Option<AlbumId>),
    /// One that there is.
    Old(Box<Album>),
}

/// Asks while there is something to type about.
#[component]
pub(super) fn AlbumDialog(about: RwSignal<Option<About>>, albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let title = move || match about.get() {
        Some(About::Old(_)) => t_string!(i18n, albums.edit_title).to_owned(),
        _ => t_string!(i18n, albums.make).to_owned(),
    };
    view! {
        <Modal
            open=Signal::derive(move || about.with(Option::is_some))
            class="confirm"
            label=Signal::derive(title)
            on_close=Callback::new(move |()| about.set(None))
        >
            <h2>{title}</h2>
            {about.get_untracked().map(|what| view! { <Fields what=what about=about albums=albums /> })}
        </Modal>
    }
}

#[component]
fn Fields(what: About, about: RwSignal<Option<About>>, albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let asking = Asking::new();
    let problem = RwSignal::new(None::<Problem>);
    let (id, name, description, parent) = match what {
        About::New(parent) => (None, String::new(), String::new(), parent),
        About::Old(album) => {
            let description = album.description.map(String::from).unwrap_or_default();
            (Some(album.id), album.name.into(), description, album.parent)
        }
    };
    let has_nested = move || id.is_some_and(|id| !albums.within(Some(id)).is_empty());
    let parents: Vec<Album> =
        untrack(|| albums.within(None)).into_iter().filter(|album| Some(album.id) != id).collect();
    let (name_field, text_field) = (NodeRef::<html::Input>::new(), NodeRef::<html::Textarea>::new());
    let parent_field = NodeRef::<html::Select>::new();
    let done = move |answer: Result<Album, crate::ApiError>| match answer {
        Ok(_) => {
            about.set(None);
            albums.again.run(());
        }
        Err(error) => problem.set(Some(error.0)),
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(text)) = (name_field.get_untracked(), text_field.get_untracked()) else {
            return;
        };
        let (name, description) = (name.value(), Some(text.value()));
        let parent = parent_field.get_untracked().map_or(parent, |field| field.value().parse().ok());
        problem.set(None);
        match id {
            None => asking.run(api::create_album(AlbumDraft { name, description, parent }), done),
            Some(id) => {
                let (name, description, parent) = (Some(name), Some(description), Some(parent));
                asking.run(
                    api::change_album(
                        id,
                        AlbumChange { name, description, parent, ..AlbumChange::default() },
                    ),
                    done,
                );
            }
        }
    };
    view! {
        <form class="things" on:submit=submit>
            <label class="field">
                <span>{tr!(i18n, albums.name)}</span>
                <input type="text" required autofocus autocomplete="off" value=name
                    maxlength=AlbumName::MAX_CHARS.to_string() node_ref=name_field />
            </label>
            <label class="field">
                <span>{tr!(i18n, albums.description)}</span>
                <textarea rows="3" maxlength=Description::MAX_CHARS.to_string() node_ref=text_field>{description}</textarea>
            </label>
            <label class="field">
                <span>{tr!(i18n, albums.parent)}</span>
                <select node_ref=parent_field disabled=has_nested>
                    <option value="" selected=parent.is_none()>{tr!(i18n, albums.parent_none)}</option>
                    {parents.into_iter().map(|album| view! {
                        <option value=album.id.to_string() selected=parent == Some(album.id)>{String::from(album.name)}</option>
                    }).collect_view()}
                </select>
                <When when=has_nested><small>{tr!(i18n, albums.parent_hint)}</small></When>
            </label>
            <ProblemNotice problem=problem />
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=move || asking.busy().get().then_some("true")>
                    {move || if id.is_some() { t_string!(i18n, albums.save) } else { t_string!(i18n, albums.create) }}
                </button>
                <button type="button" class="button" on:click=move |_| about.set(None)>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}
