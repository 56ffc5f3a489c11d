//! Putting images into an album, or into one that is made for them.

use leptos::{ev, html, prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{Album, AlbumDraft, AlbumId, AlbumName, BulkAction, BulkOutcome, ImageId},
};

use super::{
    icons::{Glyph, Icon},
    modal::Modal,
    problem::ProblemNotice,
    when::When,
};
use crate::{
    ApiError, api,
    i18n::{t_string, tu_string, use_i18n},
    text::tr,
};

/// A button, the question into which album, and what came of it.
#[component]
pub fn AddToAlbum(
    /// The images.
    #[prop(into)]
    images: Signal<Vec<ImageId>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let outcome = RwSignal::new(String::new());
    // What was done with others says nothing of these.
    Effect::new(move |_| {
        images.track();
        outcome.set(String::new());
    });
    let close = Callback::new(move |()| open.set(false));
    let done = Callback::new(move |(name, added): (String, BulkOutcome)| {
        let BulkOutcome { done, unchanged, missing } = added;
        let mut text =
            tu_string!(i18n, albums.added, name = name, count = done.len().to_string()).to_string();
        if !unchanged.is_empty() {
            text += &format!(" {}", tu_string!(i18n, albums.present, count = unchanged.len().to_string()));
        }
        if !missing.is_empty() {
            text += &format!(" {}", tu_string!(i18n, albums.missing, count = missing.len().to_string()));
        }
        outcome.set(text);
        open.set(false);
    });
    view! {
        <button type="button" class="button" aria-haspopup="dialog" on:click=move |_| open.set(true)>
            <Icon glyph=Glyph::Album /><span>{tr!(i18n, albums.add)}</span>
        </button>
        <span role="status" class="hint">{move || outcome.get()}</span>
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, albums.pick).to_owned())
            on_close=close
        >
            <Picker images=images done=done close=close />
        </Modal>
    }
}

/// The albums there are, and a new one.
#[component]
fn Picker(
    images: Signal<Vec<ImageId>>,
    done: Callback<(String, BulkOutcome)>,
    close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let albums = RwSignal::new(None::<Vec<Album>>);
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        spawn_local(async move {
            match api::albums().await {
                Ok(found) => drop(albums.try_set(Some(found))),
                Err(error) => drop(problem.try_set(Some(error.0))),
            }
        });
    });
    // The picker may be closed before the answer comes: then it is gone, and with it what it would touch.
    let settle = move |name: String, answer: Result<BulkOutcome, ApiError>| {
        if busy.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(added) => done.run((name, added)),
            Err(error) => problem.set(Some(error.0)),
        }
    };
    let begin = move || {
        problem.set(None);
        !busy.get_untracked() && {
            busy.set(true);
            true
        }
    };
    let add = Callback::new(move |(id, name): (AlbumId, String)| {
        let ids = images.get_untracked();
        if begin() {
            spawn_local(async move { settle(name, api::bulk(ids, BulkAction::Album(id)).await) });
        }
    });
    let create = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        let ids = images.get_untracked();
        if begin() {
            spawn_local(async move {
                let draft = AlbumDraft { name, ..AlbumDraft::default() };
                let (name, answer) = match api::create_album(draft).await {
                    Ok(made) => (String::from(made.name), api::bulk(ids, BulkAction::Album(made.id)).await),
                    Err(error) => (String::new(), Err(error)),
                };
                settle(name, answer);
            });
        }
    };
    view! {
        // Keys mean something else to what is below.
        <div class="things" on:keydown=|event| event.stop_propagation()>
            <h2>{tr!(i18n, albums.pick)}</h2>
            <ProblemNotice problem=problem />
            <Choices albums=albums add=add />
            <form class="things" on:submit=create>
                <label class="field">
                    <span>{tr!(i18n, albums.make)}</span>
                    <input type="text" required autocomplete="off" maxlength=AlbumName::MAX_CHARS.to_string() node_ref=field />
                </label>
                <div class="row">
                    <button type="submit" class="button button-primary">{tr!(i18n, albums.create_and_add)}</button>
                    <button type="button" class="button" on:click=move |_| close.run(())>{tr!(i18n, common.cancel)}</button>
                </div>
            </form>
        </div>
    }
}

/// A button for each album; those in another one under that.
#[component]
fn Choices(albums: RwSignal<Option<Vec<Album>>>, add: Callback<(AlbumId, String)>) -> impl IntoView {
    let i18n = use_i18n();
    let in_order = move || albums.with(|albums| nested_order(albums.as_deref().unwrap_or_default()));
    view! {
        <When when=move || albums.with(|albums| albums.as_ref().is_some_and(Vec::is_empty))>
            <p class="hint">{tr!(i18n, albums.none)}</p>
        </When>
        <ul>
            <For each=in_order key=|album| album.id let:album>
                {
                    let (id, name) = (album.id, String::from(album.name));
                    let shown = if album.parent.is_some() { format!("— {name}") } else { name.clone() };
                    view! {
                        <li><button type="button" class="menu-item" on:click=move |_| add.run((id, name.clone()))>{shown}</button></li>
                    }
                }
            </For>
        </ul>
    }
}

/// Each album with those that lie in it behind it.
fn nested_order(albums: &[Album]) -> Vec<Album> {
    let within = |parent: Option<AlbumId>| albums.iter().filter(move |album| album.parent == parent);
    within(None).flat_map(|top| std::iter::once(top).chain(within(Some(top.id)))).cloned().collect()
}
