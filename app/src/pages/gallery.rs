//! A person's images: rows, viewer, selection.

use std::collections::HashMap;

use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use model::types::{Image, ImageId, Page};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, js_sys::Array};

use super::SignInPrompt;
use crate::{
    api,
    components::{
        Glyph, Icon, ImageGrid, LinkPanel, ProblemNotice, Selection, UploadButton, Viewer, When, problem_text,
    },
    i18n::{t_string, use_i18n},
    later::later,
    session::use_session,
    text::{heading, tr},
    toasts::use_toasts,
    uploads::UploadQueue,
};

/// `/gallery`, with `?q=` for a search and `?view=` for the image in the viewer.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let session = use_session();
    view! { <When when=move || session.signed_in() fallback=move || view! { <SignInPrompt /> }><Gallery /></When> }
}

#[component]
fn Gallery() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
    let first = api::page_resource(move || search.get(), |search| api::list_images(None, search));
    view! {
        <Title text=heading(move || t_string!(i18n, images.gallery_title).to_owned()) />
        <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Library page=page search=search.get_untracked() /> }.into_any(),
                    Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Library(page: Page<Image>, search: String) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let queue = expect_context::<UploadQueue>();
    let images = RwSignal::new(page.items);
    let cursor = RwSignal::new(page.next_cursor);
    let selection = Selection::new();
    let search = StoredValue::new(search);
    let is_search = search.with_value(|search| !search.trim().is_empty());

    // Uploads appear at the top as they are acknowledged; a search shows only what it asked for.
    if !is_search {
        Effect::new(move |_| {
            let finished = queue.finished.get();
            let known = images.with_untracked(|images| images.iter().map(|i| i.id).collect::<Vec<_>>());
            let fresh: Vec<_> = finished.into_iter().filter(|image| !known.contains(&image.id)).collect();
            if !fresh.is_empty() {
                images.update(|images| {
                    images.splice(0..0, fresh);
                });
            }
        });
    }

    let more = Action::new(move |from: &String| {
        let from = from.clone();
        async move {
            match api::list_images(Some(from), search.get_value()).await {
                Ok(page) => {
                    images.update(|images| {
                        let known: Vec<_> = images.iter().map(|image| image.id).collect();
                        images.extend(page.items.into_iter().filter(|image| !known.contains(&image.id)));
                    });
                    cursor.set(page.next_cursor);
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        }
    });
    let load_more = move || {
        if let Some(from) = cursor.get_untracked()
            && !more.pending().get_untracked()
        {
            more.dispatch(from);
        }
    };
    let end = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(end) = end.get() {
            when_seen(&end, load_more);
        }
    });

    let restore = move |gone: Vec<Image>| {
        leptos::task::spawn_local(async move {
            match api::restore_images(gone.iter().map(|image| image.id).collect()).await {
                Ok(back) => {
                    images.update(|images| {
                        images.extend(gone.into_iter().filter(|image| back.contains(&image.id)));
                        images.sort_by_key(|image| std::cmp::Reverse(image.id));
                    });
                    toasts.tell(t_string!(i18n, images.restored));
                    session.refresh();
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        });
    };
    let delete = Callback::new(move |doomed: Vec<Image>| {
        leptos::task::spawn_local(async move {
            match api::delete_images(doomed.iter().map(|image| image.id).collect()).await {
                Ok(gone) => {
                    images.update(|images| images.retain(|image| !gone.contains(&image.id)));
                    queue.finished.update(|images| images.retain(|image| !gone.contains(&image.id)));
                    selection.ids.update(|ids| ids.retain(|id| !gone.contains(id)));
                    let text = match doomed.as_slice() {
                        [one] => t_string!(i18n, images.deleted_one, name = one.filename.clone()).to_string(),
                        many => {
                            t_string!(i18n, images.deleted_many, count = many.len().to_string()).to_string()
                        }
                    };
                    let undone = doomed.clone();
                    toasts.tell_with_undo(text, move || restore(undone.clone()));
                    session.refresh();
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        });
    });

    view! {
        <h1 class="visually-hidden">{tr!(i18n, images.gallery_title)}</h1>
        <When
            when=move || images.with(|images| !images.is_empty())
            fallback=move || view! { <Empty is_search=is_search search=search.get_value() /> }
        >
            <ImageGrid images=images selection=selection />
            <div node_ref=end class="grid-end">
                <When when=move || cursor.with(Option::is_some)>
                    <button type="button" class="button" disabled=move || more.pending().get() on:click=move |_| load_more()>
                        {tr!(i18n, images.load_more)}
                    </button>
                </When>
            </div>
        </When>
        <SelectionBar images=images selection=selection delete=delete />
        <OpenViewer images=images delete=delete />
    }
}

/// Calls `act` whenever the element comes into view, until the present owner is cleaned up.
fn when_seen(element: &Element, act: impl Fn() + 'static) {
    let seen = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        let mut entries = entries.iter().map(JsCast::unchecked_into::<IntersectionObserverEntry>);
        if entries.any(|entry| entry.is_intersecting()) {
            act();
        }
    });
    let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let kept = StoredValue::new_local((observer, seen));
    on_cleanup(move || {
        let _ = kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}

#[component]
fn Empty(is_search: bool, search: String) -> impl IntoView {
    let i18n = use_i18n();
    if is_search {
        let search = StoredValue::new(search);
        view! {
            <section class="empty">
                <h2>{tr!(i18n, images.none_found, query = search.get_value())}</h2>
                <p>{tr!(i18n, images.none_found_text)}</p>
                <A href="/gallery" attr:class="button">{tr!(i18n, common.clear_search)}</A>
            </section>
        }
        .into_any()
    } else {
        view! {
            <section class="empty">
                <Icon glyph=Glyph::Gallery />
                <h2>{tr!(i18n, images.empty_title)}</h2>
                <p>{tr!(i18n, images.empty_text)}</p>
                <UploadButton />
            </section>
        }
        .into_any()
    }
}

/// The bar that a selection turns up, once its code is there.
#[component]
fn SelectionBar(
    images: RwSignal<Vec<Image>>,
    selection: Selection,
    delete: Callback<Vec<Image>>,
) -> impl IntoView {
    view! {
        <When when=move || selection.ids.with(|ids| !ids.is_empty())>
            {later!(selection_bar(images, selection, delete))}
        </When>
    }
}

#[lazy]
fn selection_bar(
    images: RwSignal<Vec<Image>>,
    selection: Selection,
    delete: Callback<Vec<Image>>,
) -> AnyView {
    view! { <Bar images=images selection=selection delete=delete /> }.into_any()
}

/// The bar: count, links, delete.
#[component]
fn Bar(images: RwSignal<Vec<Image>>, selection: Selection, delete: Callback<Vec<Image>>) -> impl IntoView {
    let i18n = use_i18n();
    let selected = Memo::new(move |_| {
        let by_id: HashMap<ImageId, Image> =
            images.with(|images| images.iter().map(|image| (image.id, image.clone())).collect());
        selection.ids.with(|ids| ids.iter().filter_map(|id| by_id.get(id).cloned()).collect::<Vec<_>>())
    });
    let count = move || selected.with(Vec::len);
    let links_open = RwSignal::new(false);
    view! {
        <section class="selection-bar" aria-label=tr!(i18n, images.selected, count = count().to_string())>
            <div class="row">
                <strong role="status">{tr!(i18n, images.selected, count = count().to_string())}</strong>
                <button type="button" class="button" aria-expanded=move || links_open.get().to_string()
                    on:click=move |_| links_open.update(|open| *open = !*open)>
                    <Icon glyph=Glyph::Link /><span>{tr!(i18n, images.copy_links)}</span>
                </button>
                <button type="button" class="button button-danger" on:click=move |_| delete.run(selected.get_untracked())>
                    <Icon glyph=Glyph::Bin /><span>{tr!(i18n, images.delete)}</span>
                </button>
                <button type="button" class="button button-quiet" on:click=move |_| selection.ids.set(Vec::new())>
                    {tr!(i18n, images.select_none)}
                </button>
            </div>
            <When when=move || links_open.get()>
                <LinkPanel images=selected />
            </When>
        </section>
    }
}

/// The viewer, driven by `?view=` so that "back" closes it.
#[component]
fn OpenViewer(images: RwSignal<Vec<Image>>, delete: Callback<Vec<Image>>) -> impl IntoView {
    let query = use_query_map();
    let navigate = use_navigate();
    let current = Memo::new(move |_| {
        let slug = query.with(|query| query.get("view"))?;
        images.with(|images| images.iter().find(|image| image.slug.as_str() == slug).cloned())
    });
    let go = Callback::new(move |target: Option<Image>| {
        let mut next = query.get_untracked();
        next.remove("view");
        let was_open = current.with_untracked(Option::is_some);
        if let Some(image) = &target {
            next.insert("view", image.slug.to_string());
        }
        // Moving on replaces, so that "back" leaves the viewer and not the picture.
        let options = NavigateOptions { scroll: false, replace: was_open, ..NavigateOptions::default() };
        navigate(&format!("/gallery{}", next.to_query_string()), options);
    });
    let delete_one = Callback::new(move |image: Image| {
        let next = images.with_untracked(|images| {
            let place = images.iter().position(|other| other.id == image.id)?;
            images.get(place + 1).or_else(|| images.get(place.checked_sub(1)?)).cloned()
        });
        go.run(next);
        delete.run(vec![image]);
    });
    view! { <Viewer images=images current=current.into() go=go delete=delete_one /> }
}
