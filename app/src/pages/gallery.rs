//! A person's images: rows, viewer, selection.

use std::collections::HashSet;

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_location, use_navigate, use_query_map},
};
use model::types::{BulkAction, BulkOutcome, Image, ImageId, Place, Slug, Stretch};

use super::{SignInPrompt, selecting::SelectedBar};
use crate::{
    api,
    components::{
        Filters, Glyph, Icon, ImageGrid, ProblemNotice, Selection, Shown, Timeline, UploadButton, Viewer,
        When, narrowing, problem_text,
    },
    i18n::{Locale, t_string, tu_string, use_i18n},
    later::later,
    session::{Session, use_session},
    text::{heading, tr},
    toasts::{Toasts, use_toasts},
    uploads::UploadQueue,
};

/// `/gallery`, with `?q=` for a search and `?view=` for the image in the viewer.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let session = use_session();
    view! { <When when=move || session.signed_in() fallback=SignInPrompt><Gallery /></When> }
}

#[component]
fn Gallery() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    // What of the address finds less than everything.
    let search = Memo::new(move |_| query.with(narrowing).to_query_string());
    // Where the address says when the page is opened. Later the address follows what is looked at.
    let place = move || {
        let viewed = |slug: &String| slug.parse::<Slug>().is_ok();
        let named =
            query.with_untracked(|query| query.get("view").filter(viewed).or_else(|| query.get("at")));
        named.filter(|name| !name.is_empty()).map_or(Place::Newest, Place::At)
    };
    let first = api::page_resource(move || search.get(), move |search| api::list_images(place(), search));
    view! {
        <Title text=heading(move || t_string!(i18n, images.gallery_title).to_owned()) />
        <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(stretch) => view! { <Library stretch=stretch search=search.get_untracked() /> }.into_any(),
                    Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Library(stretch: Stretch, search: String) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let queue = expect_context::<UploadQueue>();
    let shown = Shown::new(stretch);
    let images = shown.images;
    let selection = expect_context::<Selection>();
    let search = StoredValue::new(search);
    let is_search = search.with_value(|search| !search.trim().is_empty());

    // Uploads appear at the top as they are acknowledged; a search shows only what it asked for.
    if !is_search {
        Effect::new(move |_| {
            // What came while the top wasn't here belongs there once it is.
            shown.newer.track();
            shown.insert(queue.finished.get());
        });
    }

    let here = Here { i18n, session, toasts, queue, shown, selection };
    let delete =
        Callback::new(move |doomed: Vec<Image>| leptos::task::spawn_local(delete_from(here, doomed)));

    view! {
        <h1 class="visually-hidden">{tr!(i18n, images.gallery_title)}</h1>
        <Filters is_search=is_search is_empty=Signal::derive(move || shown.is_empty()) />
        <When
            when=move || !shown.is_empty()
            fallback=move || view! { <Empty is_search=is_search /> }
        >
            <ImageGrid images=images seams=shown.seams selection=selection />
        </When>
        <SelectionBar images=images selection=selection delete=delete search=search />
        <OpenViewer images=images delete=delete gallery=(shown, search) />
    }
}

/// What deleting and undoing it touch.
#[derive(Clone, Copy)]
struct Here {
    i18n: I18nContext<Locale>,
    session: Session,
    toasts: Toasts,
    queue: UploadQueue,
    shown: Shown,
    selection: Selection,
}

impl Here {
    /// Takes images out of what is shown at once, so that nobody comes back to one that is being deleted. Answers
    /// those that were selected.
    fn forget(self, gone: &[Image]) -> Vec<Image> {
        let ids: HashSet<ImageId> = gone.iter().map(|image| image.id).collect();
        self.shown.take_away(&ids);
        self.queue.forget(&ids);
        let mut selected = Vec::new();
        self.selection.images.update(|images| {
            selected = images.extract_if(.., |image| ids.contains(&image.id)).collect();
        });
        selected
    }
}

/// Moves images to the bin, which can be undone. They go from what is shown at once.
#[lazy]
async fn delete_from(here: Here, doomed: Vec<Image>) {
    let selected = here.forget(&doomed);
    let Here { i18n, session, toasts, shown, selection, .. } = here;
    let ids = doomed.iter().map(|image| image.id).collect();
    match api::bulk(ids, BulkAction::Delete).await {
        Ok(BulkOutcome { done, .. }) => {
            // What isn't done is gone already.
            let text = match doomed.as_slice() {
                [one] => tu_string!(i18n, images.deleted_one, name = one.filename.clone()).to_string(),
                _ => tu_string!(i18n, images.deleted_many, count = done.len().to_string()).to_string(),
            };
            let done: HashSet<ImageId> = done.into_iter().collect();
            let undone: Vec<Image> = doomed.into_iter().filter(|image| done.contains(&image.id)).collect();
            toasts.tell_with_undo(text, move || leptos::task::spawn_local(restore(here, undone.clone())));
            session.refresh();
        }
        Err(error) => {
            toasts.fail(untrack(|| problem_text(i18n, &error.0)));
            // The gallery may have been left by now.
            if shown.newer.try_get_untracked().is_some() {
                shown.insert(doomed);
                selection.images.update(|images| images.extend(selected));
            }
        }
    }
}

/// Loads the code that deletes, before anybody does: until it is there, a picture could be come back to.
async fn load_delete() {
    #[cfg(target_arch = "wasm32")]
    __preload_delete_from().await;
}

/// Takes them out of it again.
async fn restore(here: Here, gone: Vec<Image>) {
    let Here { i18n, session, toasts, shown, .. } = here;
    let ids = gone.iter().map(|image| image.id).collect();
    match api::bulk(ids, BulkAction::Restore).await {
        Ok(BulkOutcome { done, .. }) => {
            let done: HashSet<ImageId> = done.into_iter().collect();
            if shown.newer.try_get_untracked().is_some() {
                shown.insert(gone.into_iter().filter(|image| done.contains(&image.id)).collect());
            }
            toasts.tell(tu_string!(i18n, images.restored));
            session.refresh();
        }
        Err(error) => toasts.fail(untrack(|| problem_text(i18n, &error.0))),
    }
}

#[component]
fn Empty(is_search: bool) -> impl IntoView {
    let i18n = use_i18n();
    if is_search {
        view! {
            <section class="empty">
                <h2>{tr!(i18n, images.none_found)}</h2>
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
    search: StoredValue<String>,
) -> impl IntoView {
    view! {
        <When when=move || selection.images.with(|images| !images.is_empty())>
            {later!(selection_bar(images, selection, delete, search))}
        </When>
    }
}

#[lazy]
fn selection_bar(
    images: RwSignal<Vec<Image>>,
    selection: Selection,
    delete: Callback<Vec<Image>>,
    search: StoredValue<String>,
) -> AnyView {
    let i18n = use_i18n();
    let actions = Callback::new(move |selected: Memo<Vec<Image>>| {
        view! {
            <button type="button" class="button button-danger" on:click=move |_| delete.run(selected.get_untracked())>
                <Icon glyph=Glyph::Bin /><span>{tr!(i18n, images.delete)}</span>
            </button>
        }
        .into_any()
    });
    view! { <SelectedBar images=images selection=selection actions=actions search=search /> }.into_any()
}

/// Whether the page before the viewer is the same without it.
#[derive(Clone, Copy)]
enum WayBack {
    None,
    Open,
    Taken,
}

/// The viewer, driven by `?view=` so that "back" closes it, and what follows it and the scrolling.
#[component]
pub(super) fn OpenViewer(
    images: RwSignal<Vec<Image>>,
    delete: Callback<Vec<Image>>,
    /// The gallery, whose address follows the scrolling, and what it was searched for.
    #[prop(optional)]
    gallery: Option<(Shown, StoredValue<String>)>,
) -> impl IntoView {
    let query = use_query_map();
    let path = use_location().pathname;
    let navigate = use_navigate();
    // What the viewer has moved on to: the address follows when it rests.
    let moved = RwSignal::new(None::<ImageId>);
    let current = Memo::new(move |_| {
        let slug = query.with(|query| query.get("view"))?;
        let moved = moved.get();
        let is_it = |image: &&Image| moved.map_or(image.slug.as_str() == slug, |id| image.id == id);
        images.with(|images| images.iter().find(is_it).cloned())
    });
    // Opened on this page, the viewer is closed by going back, or each closing would leave this page in the history
    // once more. That takes a moment.
    let way_back = StoredValue::new(WayBack::None);
    Effect::new(move |was_named: Option<bool>| {
        // By the address: what it names may come later.
        let is_named = query.with(|query| query.get("view").is_some());
        if is_named {
            leptos::task::spawn_local(load_delete());
            if was_named == Some(false) {
                way_back.set_value(WayBack::Open);
            }
        } else {
            way_back.set_value(WayBack::None);
        }
        is_named
    });
    let go = Callback::new(move |target: Option<Image>| {
        match way_back.get_value() {
            WayBack::None => {}
            WayBack::Taken => return,
            WayBack::Open if target.is_some() => {}
            WayBack::Open => {
                if window().history().and_then(|history| history.back()).is_ok() {
                    return way_back.set_value(WayBack::Taken);
                }
            }
        }
        let mut next = query.get_untracked();
        next.remove("view");
        let was_open = current.with_untracked(Option::is_some);
        if let Some(image) = &target {
            next.insert("view", image.slug.to_string());
            if was_open {
                moved.set(Some(image.id));
            }
        }
        // Moving on replaces, so that "back" leaves the viewer and not the picture.
        let options = NavigateOptions { scroll: false, replace: was_open, ..NavigateOptions::default() };
        navigate(&(path.get_untracked() + &next.to_query_string()), options);
    });
    let delete_one = Callback::new(move |image: Image| {
        let next = images.with_untracked(|images| {
            let place = images.iter().position(|other| other.id == image.id)?;
            images.get(place + 1).or_else(|| images.get(place.checked_sub(1)?)).cloned()
        });
        go.run(next);
        delete.run(vec![image]);
    });
    view! {
        <Viewer images=images current=current.into() moved=moved go=go delete=delete_one />
        {gallery.map(|(shown, search)| view! { <Timeline shown=shown search=search viewed=current go=go /> })}
    }
}
