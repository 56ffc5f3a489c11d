//! One picture as large as it fits, with its neighbours a key or a swipe away.

mod changing;
mod cropping;
mod details;
mod editing;
mod full;
mod geometry;
mod gestures;
mod js;
mod keys;
mod moving;
mod show;
mod tools;
mod views;
mod zoom;

use leptos::prelude::*;
use model::types::{Image, ImageId, VariantWidth};

use self::{
    changing::Changing,
    details::Details,
    full::Full,
    gestures::{Gestures, is_in},
    keys::Keys,
    moving::Moving,
    show::Show,
    tools::Tools,
    views::Views,
    zoom::Zoom,
};
use super::{
    icons::{Glyph, Icon},
    link_panel::LinkPanel,
    when::When,
};
use crate::{
    components::{AddToAlbum, Modal, similar_path},
    dates,
    i18n::{t_string, use_i18n},
    later::later,
    rules::links,
    text::{text, tr},
};

/// Type, size, dimensions and day of an image.
#[component]
pub fn Facts(
    /// The image.
    #[prop(into)]
    image: Signal<Image>,
) -> impl IntoView {
    let i18n = use_i18n();
    let fact = move |read: fn(&Image) -> String| move || image.with(read);
    view! {
        <dl class="facts">
            <div><dt>{tr!(i18n, images.dimensions)}</dt><dd>{fact(|i| format!("{} × {}", i.width, i.height))}</dd></div>
            <div><dt>{tr!(i18n, images.size)}</dt><dd>{fact(|i| i.byte_size.to_string())}</dd></div>
            <div><dt>{tr!(i18n, images.kind)}</dt><dd>{fact(|i| i.media_type.extension().to_uppercase())}</dd></div>
            <div><dt>{tr!(i18n, images.uploaded)}</dt><dd>{text(move || image.with(|i| dates::day(i18n.get_locale(), i.created_at.date())))}</dd></div>
            <When when=move || image.with(|i| i.frames > 1)>
                <div>
                    <dt>{tr!(i18n, images.frames)}</dt>
                    <dd>{tr!(i18n, images.frame_count, count = image.with(|i| i.frames.to_string()))}</dd>
                </div>
            </When>
        </dl>
    }
}

/// The viewer. It is open while `image` is one of `images`.
#[component]
pub fn Viewer(
    /// The images that it moves through.
    images: RwSignal<Vec<Image>>,
    /// The one shown.
    current: Signal<Option<Image>>,
    /// The one moved on to; nothing when it is opened.
    moved: RwSignal<Option<ImageId>>,
    /// Asked to show another one, or none, and to have the address say so.
    go: Callback<Option<Image>>,
    /// Asked to delete the one shown.
    delete: Callback<Image>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Modal
            open=Signal::derive(move || current.with(Option::is_some))
            class="viewer"
            label=Signal::derive(move || t_string!(i18n, images.viewer).to_owned())
            on_close=Callback::new(move |()| go.run(None))
        >
            {later!(open_viewer(images, current, moved, go, delete))}
        </Modal>
    }
}

/// Loads the viewer's code.
pub async fn load_viewer() {
    #[cfg(target_arch = "wasm32")]
    __preload_open_viewer().await;
}

#[lazy]
fn open_viewer(
    images: RwSignal<Vec<Image>>,
    current: Signal<Option<Image>>,
    moved: RwSignal<Option<ImageId>>,
    go: Callback<Option<Image>>,
    delete: Callback<Image>,
) -> AnyView {
    let first = current.get_untracked();
    first
        .map(|first| {
            // While it is closed it shows what it showed.
            let image = Memo::new(move |before: Option<&Image>| {
                current.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
            });
            let moving = Moving { images, image, moved, go };
            view! { <OpenViewer moving=moving delete=delete /> }
        })
        .into_any()
}

#[component]
fn OpenViewer(moving: Moving, delete: Callback<Image>) -> impl IntoView {
    let i18n = use_i18n();
    let Moving { images, image, go, .. } = moving;
    // What is typed about an image stays as long as it is the one that is shown, whatever changes about it.
    let shown = Memo::new(move |_| image.with(|image| image.id));
    let rested = moving.follow(shown);
    let (zoom, show) = (Zoom::new(), Show::new(moving, shown));
    let full = Full::new(move || show.stop());
    let hands = Gestures::new(zoom, show);
    keys::follow(Keys { image, show, zoom, full, delete });
    float();
    Effect::new(move |_| image.with(|image| zoom.show(image)));
    // The stage grows with it, also where the window doesn't.
    Effect::new(move |_| {
        full.is_on.track();
        zoom.change(true, |_, view| view);
    });
    let around = move || [moving.neighbour(-1), moving.neighbour(1)].into_iter().flatten();
    let is_end = move |step| moving.neighbour(step).is_none().then_some("true");
    view! {
        <div
            class="viewer-stage"
            class:is-enlarged=move || zoom.seen.with(|seen| seen.is_enlarged)
            class:is-pixelated=move || zoom.seen.with(|seen| seen.is_pixelated)
            class:is-held=zoom.is_held
            class:is-magnified=hands.is_magnified
            class:is-resting=full.rests
            node_ref=zoom.stage
            on:pointerdown=move |event| hands.down(&event)
            on:pointermove=move |event| hands.moved(&event)
            on:pointerup=move |event| hands.up(&event)
            on:pointercancel=move |event| hands.forget(&event)
            on:touchmove=move |event| hands.hold(&event)
            on:dblclick=move |event| hands.double_click(&event)
            on:wheel=move |event| hands.wheel(&event)
            on:dragstart=move |event| hands.keep(&event)
        >
            {move || {
                // One that turns by itself isn't shown before it can be seen.
                let at_once = show.is_on.get_untracked();
                view! { <Picture image=image.get() at_once=at_once /> }
            }}
            <button type="button" class="viewer-button viewer-previous" aria-disabled=move || is_end(-1)
                aria-keyshortcuts="ArrowLeft" aria-label=tr!(i18n, images.previous) on:click=move |_| show.turn(-1)>
                <Icon glyph=Glyph::ChevronLeft />
            </button>
            <button type="button" class="viewer-button viewer-next" aria-disabled=move || is_end(1)
                aria-keyshortcuts="ArrowRight" aria-label=tr!(i18n, images.next) on:click=move |_| show.turn(1)>
                <Icon glyph=Glyph::ChevronRight />
            </button>
            <Tools zoom=zoom show=show full=full />
        </div>
        <button type="button" class="viewer-button viewer-close" aria-keyshortcuts="Escape"
            aria-label=tr!(i18n, common.close) on:click=move |_| go.run(None)>
            <Icon glyph=Glyph::Close />
        </button>
        // Whoever follows a link comes back to what they left.
        <aside class="viewer-side" on:click=move |event| if is_in(&event, "a") { moving.settle() }>
            <h2 class="viewer-name">{move || image.with(|image| image.filename.clone())}</h2>
            <Facts image=image />
            <div class="row">
                <a class="button button-quiet" href=move || image.with(links::page_path)>
                    <Icon glyph=Glyph::External /><span>{tr!(i18n, images.public_page)}</span>
                </a>
                <a class="button button-quiet" href=move || image.with(|image| similar_path(&image.slug))>
                    <Icon glyph=Glyph::Gallery /><span>{tr!(i18n, images.similar)}</span>
                </a>
                <button type="button" class="button button-quiet button-danger" aria-keyshortcuts="Delete"
                    on:click=move |_| delete.run(image.get_untracked())>
                    <Icon glyph=Glyph::Bin /><span>{tr!(i18n, images.delete)}</span>
                </button>
            </div>
            <LinkPanel name="viewer" images=Signal::derive(move || vec![image.get()]) />
            {move || {
                let id = shown.get();
                view! {
                    <AddToAlbum images=Signal::stored(vec![id]) />
                    <Changing images=images image=image id=id />
                    <Details images=images id=id />
                    <Views id=id />
                }
            }}
        </aside>
        <div class="visually-hidden" aria-hidden="true">
            {move || (rested.get() == Some(shown.get())).then(|| {
                around().map(|image| view! { <Picture image=image /> }).collect_view()
            })}
        </div>
    }
}

/// Takes what floats over every page into the viewer while that is open: nothing outside it is seen or can be used.
fn float() {
    Effect::new(move |_| {
        let find = |selector| document().query_selector(selector).ok().flatten();
        let (Some(floating), Some(viewer)) = (find(".floating"), find("dialog.viewer")) else { return };
        let _ = viewer.append_child(&floating);
        // The viewer may be out of the page by then. On the server, whose threads differ, nothing of this is kept.
        let floating = StoredValue::new_local(floating);
        on_cleanup(move || {
            if let Some(body) = document().body() {
                let _ = floating.try_with_value(|floating| body.append_child(floating));
            }
        });
    });
}

/// An image at a width that suits the screen.
#[component]
pub fn Picture(
    /// The image.
    image: Image,
    /// Where it is loaded from; nothing is the site itself.
    #[prop(optional)]
    origin: String,
    /// Whether the page is for others, who are told apart by a referrer: what they see is counted as a view.
    #[prop(optional)]
    for_others: bool,
    /// Whether it has been decoded, and is drawn with what is around it rather than a moment later.
    #[prop(optional)]
    at_once: bool,
) -> impl IntoView {
    let (original, set) = sources(&origin, &image);
    let decoding = if at_once { "sync" } else { "async" };
    view! {
        <img class="picture" src=original srcset=set sizes="100vw"
            width=image.width height=image.height alt=image.alt decoding=decoding
            referrerpolicy=for_others.then_some("same-origin") />
    }
}

/// The widths that an image is drawn from, ascending up to its own. Animations and small pictures are shown as they
/// are.
fn widths(image: &Image) -> Vec<u32> {
    if image.frames != 1 || image.width <= 640 {
        return Vec::new();
    }
    let variants = [1280, 1920, 2560].into_iter().filter(|width| *width < image.width);
    variants.chain([image.width]).collect()
}

/// The addresses of an image: `src`, and `srcset` if there is it in other widths.
fn sources(origin: &str, image: &Image) -> (String, Option<String>) {
    let original = format!("{origin}{}", links::image_path(image));
    let sources = widths(image).into_iter().map(|width| match VariantWidth::try_from(width) {
        Ok(variant) if width < image.width => {
            format!("{origin}{} {width}w", links::variant_path(image, variant))
        }
        _ => format!("{original} {width}w"),
    });
    let set = sources.collect::<Vec<_>>().join(", ");
    (original, (!set.is_empty()).then_some(set))
}
