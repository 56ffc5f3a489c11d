//! All albums that lie in none.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    Albums,
    arranging::ArrangeButton,
    card::{CardList, Cards},
    form::{About, AlbumDialog},
};
use crate::{
    components::{Glyph, Icon, When},
    i18n::{t_string, use_i18n},
    text::{heading, tr},
};

#[component]
pub(super) fn Shelf(albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let arranging = RwSignal::new(false);
    let cards = Cards::new(albums, None, arranging);
    let about = RwSignal::new(None::<About>);
    let new_button = move || {
        view! {
            <button type="button" class="button button-primary" on:click=move |_| about.set(Some(About::New(None)))>
                {tr!(i18n, albums.make)}
            </button>
        }
    };
    view! {
        <Title text=heading(move || t_string!(i18n, albums.title).to_owned()) />
        <header class="page-head">
            <div>
                <h1>{tr!(i18n, albums.title)}</h1>
                <p class="hint">{tr!(i18n, albums.text)}</p>
            </div>
            <div class="row">
                <When when=move || cards.are_several()><ArrangeButton on=arranging /></When>
                <When when=move || !cards.is_empty()>{new_button()}</When>
            </div>
        </header>
        <When when=move || arranging.get()><p class="hint">{tr!(i18n, albums.arrange_hint)}</p></When>
        <When
            when=move || !cards.is_empty()
            fallback=move || view! {
                <section class="empty">
                    <Icon glyph=Glyph::Album />
                    <h2>{tr!(i18n, albums.none_title)}</h2>
                    <p>{tr!(i18n, albums.none_text)}</p>
                    {new_button()}
                </section>
            }
        >
            <CardList cards=cards />
        </When>
        <AlbumDialog about=about albums=albums />
    }
}
