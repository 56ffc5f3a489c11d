//! A person's albums: all of them, and what is in one.

mod arranging;
mod card;
mod form;
mod guests;
mod one;
mod sharing;
mod shelf;
mod tiles;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::types::{Album, AlbumId};

use self::{one::OneAlbum, shelf::Shelf};
use super::{
    NotFoundPage, SignInPrompt,
    loaded::{Place, loaded},
};
use crate::{api, components::When, session::use_session};

/// The albums, and how they are asked for anew.
#[derive(Clone, Copy)]
struct Albums {
    all: Memo<Vec<Album>>,
    again: Callback<()>,
}

impl Albums {
    /// Those that lie in `parent`, or in none, read reactively.
    fn within(self, parent: Option<AlbumId>) -> Vec<Album> {
        self.all.with(|all| all.iter().filter(|album| album.parent == parent).cloned().collect())
    }

    /// The one with this key, read reactively.
    fn find(self, id: AlbumId) -> Option<Album> {
        self.all.with(|all| all.iter().find(|album| album.id == id).cloned())
    }
}

/// `/albums` and `/albums/{id}`
#[component]
pub fn AlbumsPage() -> impl IntoView {
    let session = use_session();
    view! { <When when=move || session.signed_in() fallback=SignInPrompt><Shown /></When> }
}

#[component]
fn Shown() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")));
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::albums());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    loaded(found, again, Place::Page, move |all| {
        let albums = Albums { all, again };
        let page = move || match id.get().map(|id| id.parse::<AlbumId>()) {
            None => view! { <Shelf albums=albums /> }.into_any(),
            Some(Ok(id)) => view! { <OneAlbum id=id albums=albums /> }.into_any(),
            Some(Err(_)) => view! { <NotFoundPage /> }.into_any(),
        };
        page.into_any()
    })
}
