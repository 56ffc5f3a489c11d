//! The images of an album, in its order.

use leptos::{prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use leptos_router::{components::A, hooks::use_query_map};
use model::types::{AlbumChange, AlbumId, BulkAction, BulkOutcome, Image, ImageId, Page};

use super::arranging::{Arranging, Arrows, moved};
use crate::{
    api,
    components::{Glyph, Icon, Selection, When, problem_text, ratio_class, tile_face},
    i18n::{Locale, tu_string, use_i18n},
    pages::{asking::Asking, gallery::OpenViewer, selecting::SelectedBar},
    session::{Session, use_session},
    text::tr,
    toasts::{Toasts, use_toasts},
    uploads::UploadQueue,
};

/// What has come so far of what is in an album.
#[derive(Clone, Copy)]
pub(super) struct Contents {
    id: AlbumId,
    images: RwSignal<Vec<Image>>,
    cursor: RwSignal<Option<String>>,
    selection: Selection,
    asking: Asking,
    arranging: Arranging<ImageId>,
    said: RwSignal<String>,
    /// Has the albums asked for anew: their counts and covers.
    again: Callback<()>,
}

impl Contents {
    pub(super) fn new(id: AlbumId, page: Page<Image>, again: Callback<()>, on: RwSignal<bool>) -> Self {
        let i18n = use_i18n();
        let toasts = use_toasts();
        let (images, cursor) = (RwSignal::new(page.items), RwSignal::new(page.next_cursor));
        let (asking, said) = (Asking::new(), RwSignal::new(String::new()));
        let keys = Signal::derive(move || {
            images.with(|images| images.iter().map(|image| image.id).collect::<Vec<_>>())
        });
        let place = Callback::new(move |(key, to): (ImageId, usize)| {
            // Where more are to come, the last place shown is before one that isn't.
            let most = keys
                .with_untracked(Vec::len)
                .saturating_sub(1 + usize::from(cursor.with_untracked(Option::is_some)));
            let to = to.min(most);
            let (order, before) = moved(keys.get_untracked(), key, to);
            asking.run(api::place_in_album(id, key, before), move |answer| match answer {
                Ok(()) => {
                    images.update(|images| {
                        images.sort_by_key(|image| order.iter().position(|key| *key == image.id));
                    });
                    let name =
                        images.with_untracked(|images| images.get(to).map(|image| image.filename.clone()));
                    let (name, place) = (name.unwrap_or_default(), (to + 1).to_string());
                    said.set(tu_string!(i18n, albums.moved, name = name, place = place).to_string());
                    again.run(());
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            });
        });
        let arranging = Arranging::new(on, keys, place);
        Self { id, images, cursor, selection: Selection::new(), asking, arranging, said, again }
    }

    /// Whether there is an order to change.
    pub(super) fn are_several(self) -> bool {
        self.images.with(Vec::len) > 1
    }

    /// Takes images out of what is shown.
    fn take_out(self, gone: &[ImageId]) {
        self.images.update(|images| images.retain(|image| !gone.contains(&image.id)));
        self.selection.images.update(|images| images.retain(|image| !gone.contains(&image.id)));
    }

    /// Shows images where they were, if the album is on show still.
    fn put_back(self, gone: Vec<(usize, Image)>) {
        let shown = self.images.try_update(|images| {
            for (place, image) in gone {
                if images.iter().all(|other| other.id != image.id) {
                    images.insert(place.min(images.len()), image);
                }
            }
        });
        if shown.is_some() {
            self.again.try_run(());
        }
    }
}

/// The rows, the bar of a selection, and the viewer.
#[component]
pub(super) fn Tiles(contents: Contents) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let queue = expect_context::<UploadQueue>();
    let Contents { id, images, cursor, selection, asking, said, .. } = contents;
    let fail = move |error: crate::ApiError| toasts.fail(problem_text(i18n, &error.0));
    let more = move || {
        let Some(from) = cursor.get_untracked() else { return };
        asking.run(api::album_images(id, Some(from)), move |answer| match answer {
            Ok(page) => {
                images.update(|images| {
                    let known: Vec<_> = images.iter().map(|image| image.id).collect();
                    images.extend(page.items.into_iter().filter(|image| !known.contains(&image.id)));
                });
                cursor.set(page.next_cursor);
            }
            Err(error) => fail(error),
        });
    };
    // Where all that was loaded has gone, the rest comes by itself.
    let is_empty = Memo::new(move |_| images.with(Vec::is_empty) && cursor.with(Option::is_none));
    let goes_on = Memo::new(move |_| images.with(Vec::is_empty) && cursor.with(Option::is_some));
    Effect::new(move |_| {
        if goes_on.get() {
            more();
        }
    });
    // The viewer goes on past what has come.
    let query = use_query_map();
    Effect::new(move |_| {
        let viewed = query.with(|query| query.get("view"));
        let last = images.with(|images| images.last().map(|image| image.slug.to_string()));
        if viewed.is_some() && viewed == last {
            more();
        }
    });
    let delete = Callback::new(move |doomed: Vec<Image>| {
        let places: Vec<(usize, Image)> = images.with_untracked(|images| {
            let placed = images.iter().cloned().enumerate();
            placed.filter(|(_, image)| doomed.iter().any(|other| other.id == image.id)).collect()
        });
        let ids: Vec<ImageId> = doomed.iter().map(|image| image.id).collect();
        // At once, so that nobody comes back to one that is being deleted.
        contents.take_out(&ids);
        queue.forget(&ids.iter().copied().collect());
        spawn_local(async move {
            match api::bulk(ids, BulkAction::Delete).await {
                Ok(BulkOutcome { done: gone, .. }) => {
                    contents.again.try_run(());
                    let name = doomed.first().map(|image| image.filename.clone()).unwrap_or_default();
                    let text = tu_string!(i18n, images.deleted_one, name = name).to_string();
                    let gone: Vec<_> =
                        places.into_iter().filter(|(_, image)| gone.contains(&image.id)).collect();
                    toasts.tell_with_undo(text, move || {
                        spawn_local(restore(contents, i18n, session, toasts, gone.clone()));
                    });
                    session.refresh();
                }
                Err(error) => {
                    contents.put_back(places);
                    toasts.fail(untrack(|| problem_text(i18n, &error.0)));
                }
            }
        });
    });
    view! {
        <When
            when=move || !is_empty.get()
            fallback=move || view! {
                <section class="empty">
                    <Icon glyph=Glyph::Album />
                    <h2>{tr!(i18n, albums.empty_title)}</h2>
                    <p>{tr!(i18n, albums.empty_text)}</p>
                    <A href="/gallery" attr:class="button">{tr!(i18n, albums.to_gallery)}</A>
                </section>
            }
        >
            <ul class="grid">
                <For each=move || images.get() key=|image| format!("{}{}{}/{}", image.id, image.version, image.alt, image.filename) let:image>
                    <Tile image=image contents=contents />
                </For>
            </ul>
            <p class="visually-hidden" role="status">{move || said.get()}</p>
            <When when=move || cursor.with(Option::is_some)>
                <div class="grid-end">
                    <button type="button" class="button" disabled=move || asking.busy().get() on:click=move |_| more()>
                        {tr!(i18n, images.load_more)}
                    </button>
                </div>
            </When>
        </When>
        <When when=move || selection.images.with(|images| !images.is_empty())>
            <SelectedBar images=images selection=selection actions=actions(contents) />
        </When>
        <OpenViewer images=images delete=delete />
    }
}

/// Takes images back out of the bin, and shows them where they were if the album is on show still: the message that
/// offers it may outlive that.
async fn restore(
    contents: Contents,
    i18n: I18nContext<Locale>,
    session: Session,
    toasts: Toasts,
    gone: Vec<(usize, Image)>,
) {
    let ids = gone.iter().map(|(_, image)| image.id).collect();
    let back = match api::bulk(ids, BulkAction::Restore).await {
        Ok(outcome) => outcome.done,
        Err(error) => return toasts.fail(untrack(|| problem_text(i18n, &error.0))),
    };
    contents.put_back(gone.into_iter().filter(|(_, image)| back.contains(&image.id)).collect());
    toasts.tell(tu_string!(i18n, images.restored));
    session.refresh();
}

#[component]
fn Tile(image: Image, contents: Contents) -> impl IntoView {
    let i18n = use_i18n();
    let Contents { selection, arranging, .. } = contents;
    let id = image.id;
    let class = format!("tile {}", ratio_class(image.width, image.height));
    let (name, chosen) = (StoredValue::new(image.filename.clone()), StoredValue::new(image.clone()));
    let dragging = arranging.draggable(id);
    view! {
        <li class=class class:selected=move || selection.has(id) data-id=id.to_string()
            draggable=move || dragging.attribute()
            on:dragstart=move |_| dragging.start()
            on:dragover=move |event| dragging.over(&event)
            on:drop=move |event| dragging.dropped(&event)
            on:dragend=move |_| dragging.end()>
            {tile_face(&image, format!("?view={}", image.slug))}
            <When
                when=move || arranging.on.get()
                fallback=move || view! {
                    <label class="tile-select">
                        <input
                            type="checkbox"
                            prop:checked=move || selection.has(id)
                            on:change=move |_| selection.toggle(&chosen.get_value())
                            aria-label=tr!(i18n, images.select, name = name.get_value())
                        />
                    </label>
                }
            >
                <div class="row move"><Arrows arranging=arranging key=id name=name.get_value() /></div>
            </When>
        </li>
    }
}

/// What can be done with a selection here: taken out of the album, and one of them stand for it.
fn actions(contents: Contents) -> Callback<Memo<Vec<Image>>, AnyView> {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let Contents { id, asking, .. } = contents;
    Callback::new(move |selected: Memo<Vec<Image>>| {
        let remove = move |_| {
            let ids = selected.with_untracked(|images| images.iter().map(|image| image.id).collect());
            asking.run(api::remove_from_album(id, ids), move |answer| match answer {
                Ok(gone) => {
                    contents.take_out(&gone);
                    contents.again.run(());
                    toasts.tell(tu_string!(i18n, albums.removed, count = gone.len().to_string()).to_string());
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            });
        };
        let cover = move |_| {
            let cover = selected.with_untracked(|images| images.first().map(|image| image.id));
            let change = AlbumChange { cover: Some(cover), ..AlbumChange::default() };
            asking.run(api::change_album(id, change), move |answer| match answer {
                Ok(_) => {
                    toasts.tell(tu_string!(i18n, albums.cover_set));
                    contents.again.run(());
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            });
        };
        view! {
            <When when=move || selected.with(Vec::len) == 1>
                <button type="button" class="button" on:click=cover>{tr!(i18n, albums.cover)}</button>
            </When>
            <button type="button" class="button button-danger" on:click=remove>{tr!(i18n, albums.remove)}</button>
        }
        .into_any()
    })
}
