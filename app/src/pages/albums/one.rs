//! One album: what is said of it, the albums and images in it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate};
use model::{
    Problem,
    types::{Album, AlbumId, Image, Page},
};

use super::{
    Albums,
    arranging::ArrangeButton,
    card::{CardList, Cards},
    form::{About, AlbumDialog},
    guests::GuestDialog,
    sharing::SharingDialog,
    tiles::{Contents, Tiles},
};
use crate::{
    api,
    components::{ProblemNotice, When, problem_text},
    i18n::{t_string, tu_string, use_i18n},
    pages::{NotFoundPage, asking::Asking, question::QuestionDialog},
    text::{heading, text, tr},
    toasts::use_toasts,
};

#[component]
pub(super) fn OneAlbum(id: AlbumId, albums: Albums) -> impl IntoView {
    let first = api::page_resource(|| (), move |()| api::album_images(id, None));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Shown id=id albums=albums page=page /> }.into_any(),
                    Err(crate::ApiError(Problem::NotFound)) => view! { <NotFoundPage /> }.into_any(),
                    Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(id: AlbumId, albums: Albums, page: Page<Image>) -> impl IntoView {
    let i18n = use_i18n();
    let album = Memo::new(move |_| albums.find(id));
    let name = Memo::new(move |_| {
        album.with(|album| album.as_ref().map(|album| String::from(album.name.clone())).unwrap_or_default())
    });
    let description = move || album.with(|album| album.as_ref()?.description.clone().map(String::from));
    let arranging = RwSignal::new(false);
    let cards = Cards::new(albums, Some(id), arranging);
    let contents = Contents::new(id, page, albums.again, arranging);
    let can_arrange = Signal::derive(move || cards.are_several() || contents.are_several());
    view! {
        <Title text=heading(move || name.get()) />
        <header class="page-head">
            <div>
                <Upwards album=album albums=albums />
                <h1>{text(move || name.get())}</h1>
                <When when=move || description().is_some()><p class="prose">{text(move || description().unwrap_or_default())}</p></When>
            </div>
            <div class="row">
                <When when=can_arrange><ArrangeButton on=arranging /></When>
                <Tools album=album albums=albums />
            </div>
        </header>
        <When when=move || arranging.get()><p class="hint">{tr!(i18n, albums.arrange_hint)}</p></When>
        <When when=move || !cards.is_empty()><CardList cards=cards /></When>
        <Tiles contents=contents />
    }
}

/// The way back to what it lies in.
#[component]
fn Upwards(album: Memo<Option<Album>>, albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let parent = move || albums.find(album.get()?.parent?);
    let address =
        move || parent().map_or_else(|| "/albums".to_owned(), |parent| format!("/albums/{}", parent.id));
    let name = move || {
        parent().map_or_else(|| t_string!(i18n, albums.title).to_owned(), |parent| parent.name.into())
    };
    view! { <A href=address>"← "{text(name)}</A> }
}

/// What can be done with it.
#[component]
fn Tools(album: Memo<Option<Album>>, albums: Albums) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let asking = Asking::new();
    let (sharing, inviting) = (RwSignal::new(false), RwSignal::new(false));
    let about = RwSignal::new(None::<About>);
    let doomed = RwSignal::new(None::<Album>);
    let named = move |album: Option<Album>| album.map(|album| String::from(album.name)).unwrap_or_default();
    let delete = Callback::new(move |album: Album| {
        let navigate = navigate.clone();
        asking.run(api::delete_album(album.id), move |answer| match answer {
            Ok(()) => {
                toasts.tell(tu_string!(i18n, albums.deleted, name = String::from(album.name)).to_string());
                navigate("/albums", NavigateOptions::default());
                albums.again.run(());
            }
            Err(error) => toasts.fail(problem_text(i18n, &error.0)),
        });
    });
    view! {
            <When when=move || album.with(|album| album.as_ref().is_some_and(|album| album.parent.is_none()))>
                <button type="button" class="button"
                    on:click=move |_| about.set(Some(About::New(album.get_untracked().map(|album| album.id))))>
                    {tr!(i18n, albums.make_inside)}
                </button>
            </When>
            <button type="button" class="button" on:click=move |_| sharing.set(true)>{tr!(i18n, albums.share)}</button>
            <button type="button" class="button" on:click=move |_| inviting.set(true)>{tr!(i18n, guests.links)}</button>
            <button type="button" class="button" on:click=move |_| about.set(album.get_untracked().map(Box::new).map(About::Old))>
                {tr!(i18n, albums.edit)}
            </button>
            <button type="button" class="button button-danger" on:click=move |_| doomed.set(album.get_untracked())>
                {tr!(i18n, albums.delete)}
            </button>
        <SharingDialog open=sharing album=album albums=albums />
        <GuestDialog open=inviting album=album />
        <AlbumDialog about=about albums=albums />
        <QuestionDialog
            about=doomed
            question=Signal::derive(move || t_string!(i18n, albums.delete_question, name = named(doomed.get())).to_string())
            text=Signal::derive(move || t_string!(i18n, albums.delete_text).to_owned())
            act=Signal::derive(move || t_string!(i18n, albums.delete).to_owned())
            on_yes=delete
        />
    }
}
