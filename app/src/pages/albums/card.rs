//! Albums as cards: cover, name, how much is in them.

use leptos::prelude::*;
use leptos_router::components::A;
use model::types::{Album, AlbumChange, AlbumId, VariantWidth};

use super::{
    Albums,
    arranging::{Arranging, Arrows, moved},
};
use crate::{
    api,
    components::{When, problem_text},
    i18n::{t_string, tu_string, use_i18n},
    pages::asking::Asking,
    rules::links,
    text::text,
    toasts::use_toasts,
};

/// The albums that lie in `parent`, or in none, in an order that can be changed.
#[derive(Clone, Copy)]
pub(super) struct Cards {
    albums: Albums,
    shown: Memo<Vec<Album>>,
    arranging: Arranging<AlbumId>,
    said: RwSignal<String>,
}

impl Cards {
    pub(super) fn new(albums: Albums, parent: Option<AlbumId>, on: RwSignal<bool>) -> Self {
        let i18n = use_i18n();
        let toasts = use_toasts();
        let asking = Asking::new();
        let said = RwSignal::new(String::new());
        let shown = Memo::new(move |_| albums.within(parent));
        let keys = Signal::derive(move || {
            shown.with(|shown| shown.iter().map(|album| album.id).collect::<Vec<_>>())
        });
        let place = Callback::new(move |(id, to): (AlbumId, usize)| {
            let (_, before) = moved(keys.get_untracked(), id, to);
            let change = AlbumChange { before: Some(before), ..AlbumChange::default() };
            asking.run(api::change_album(id, change), move |answer| match answer {
                Ok(album) => {
                    let (name, place) = (String::from(album.name), (to + 1).to_string());
                    said.set(tu_string!(i18n, albums.moved, name = name, place = place).to_string());
                    albums.again.run(());
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            });
        });
        Self { albums, shown, arranging: Arranging::new(on, keys, place), said }
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.shown.with(Vec::is_empty)
    }

    /// Whether there is an order to change.
    pub(super) fn are_several(self) -> bool {
        self.shown.with(Vec::len) > 1
    }
}

/// The cards.
#[component]
pub(super) fn CardList(cards: Cards) -> impl IntoView {
    let Cards { albums, shown, arranging, said } = cards;
    view! {
        <ul class="albums">
            <For each=move || shown.get() key=|album| album.id let:album>
                <Card id=album.id albums=albums arranging=arranging />
            </For>
        </ul>
        <p class="visually-hidden" role="status">{move || said.get()}</p>
    }
}

#[component]
fn Card(id: AlbumId, albums: Albums, arranging: Arranging<AlbumId>) -> impl IntoView {
    let i18n = use_i18n();
    let album = Memo::new(move |_| albums.find(id));
    let dragging = arranging.draggable(id);
    let name = move || {
        album.with(|album| album.as_ref().map(|album| String::from(album.name.clone()))).unwrap_or_default()
    };
    let held = move || {
        let images = album.with(|album| album.as_ref().map_or(0, |album| album.count));
        let images = t_string!(i18n, albums.images, count = images.to_string()).to_string();
        match albums.within(Some(id)).len() {
            0 => images,
            nested => format!("{images} · {}", t_string!(i18n, albums.nested, count = nested.to_string())),
        }
    };
    let cover = move || {
        let cover = album.with(|album| album.as_ref().and_then(|album| album.cover.clone()));
        let Some(image) = cover else {
            return view! { <svg viewBox="0 0 1 1" aria-hidden="true"></svg> }.into_any();
        };
        let width = VariantWidth::THUMBNAIL;
        let (w, h) = links::variant_size(image.width, image.height, width);
        view! { <img src=links::variant_path(&image, width) width=w height=h alt="" loading="lazy" draggable="false" /> }.into_any()
    };
    view! {
        <li class="album" data-id=id.to_string() draggable=move || dragging.attribute()
            on:dragstart=move |_| dragging.start()
            on:dragover=move |event| dragging.over(&event)
            on:drop=move |event| dragging.dropped(&event)
            on:dragend=move |_| dragging.end()>
            <A href=format!("/albums/{id}") attr:class="thing-facts" attr:draggable="false">
                {cover}
                <strong>{text(name)}</strong>
                <span class="hint">{text(held)}</span>
            </A>
            <When when=move || arranging.on.get()>
                <div class="row"><Arrows arranging=arranging key=id name=untrack(name) /></div>
            </When>
        </li>
    }
}
