//! One picture as large as it fits, with its neighbours a key or a swipe away.

mod details;
mod editing;

use leptos::{ev, prelude::*};
use model::types::{Image, VariantWidth};

use self::details::Details;
use super::{
    icons::{Glyph, Icon},
    link_panel::LinkPanel,
    when::When,
};
use crate::{
    components::{AddToAlbum, Modal},
    dates,
    i18n::{t_string, use_i18n},
    later::later,
    rules::links,
    text::{text, tr},
};

/// How far a finger must move for a swipe, in CSS pixels.
const SWIPE: i32 = 48;

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
    /// Asked to show another one, or none.
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
            {later!(open_viewer(images, current, go, delete))}
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
    go: Callback<Option<Image>>,
    delete: Callback<Image>,
) -> AnyView {
    view! { <OpenViewer images=images current=current go=go delete=delete /> }.into_any()
}

#[component]
fn OpenViewer(
    images: RwSignal<Vec<Image>>,
    current: Signal<Option<Image>>,
    go: Callback<Option<Image>>,
    delete: Callback<Image>,
) -> impl IntoView {
    let i18n = use_i18n();
    // What is typed about an image stays as long as it is the one that is shown, whatever changes about it.
    let shown = Memo::new(move |_| current.with(|current| current.as_ref().map(|image| image.id)));
    let neighbour = move |step: isize| {
        let shown = current.get()?;
        images.with(|images| {
            let place = images.iter().position(|image| image.id == shown.id)?;
            images.get(place.checked_add_signed(step)?).cloned()
        })
    };
    let turn = move |step: isize| {
        if let Some(image) = untrack(|| neighbour(step)) {
            go.run(Some(image));
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        let Some(shown) = current.get_untracked() else { return };
        let typing = event_target_is_field(&event);
        match event.key().as_str() {
            "ArrowLeft" if !typing => turn(-1),
            "ArrowRight" if !typing => turn(1),
            "Delete" if !typing => delete.run(shown),
            _ => {}
        }
    });
    on_cleanup(move || keys.remove());
    let touched = StoredValue::new(None::<i32>);
    view! {
                <div
                    class="viewer-stage"
                    on:touchstart=move |event| touched.set_value(event.touches().get(0).map(|t| t.client_x()))
                    on:touchend=move |event| {
                        let end = event.changed_touches().get(0).map(|t| t.client_x());
                        if let (Some(start), Some(end)) = (touched.get_value(), end) {
                            if end - start > SWIPE { turn(-1) } else if start - end > SWIPE { turn(1) }
                        }
                    }
                >
                    {move || current.get().map(|image| view! { <Picture image=image /> })}
                    <button type="button" class="viewer-button viewer-previous" disabled=move || neighbour(-1).is_none()
                        aria-label=tr!(i18n, images.previous) on:click=move |_| turn(-1)>
                        <Icon glyph=Glyph::ChevronLeft />
                    </button>
                    <button type="button" class="viewer-button viewer-next" disabled=move || neighbour(1).is_none()
                        aria-label=tr!(i18n, images.next) on:click=move |_| turn(1)>
                        <Icon glyph=Glyph::ChevronRight />
                    </button>
                </div>
                <button type="button" class="viewer-button viewer-close"
                    aria-label=tr!(i18n, common.close) on:click=move |_| go.run(None)>
                    <Icon glyph=Glyph::Close />
                </button>
                <aside class="viewer-side">
                    {move || current.get().map(|image| {
                        let page = links::page_path(&image);
                        let deleted = image.clone();
                        view! {
                            <h2 class="viewer-name">{image.filename.clone()}</h2>
                            <Facts image=image.clone() />
                            <div class="row">
                                <a class="button button-quiet" href=page rel="external">
                                    <Icon glyph=Glyph::External /><span>{tr!(i18n, images.public_page)}</span>
                                </a>
                                <button type="button" class="button button-quiet button-danger" on:click=move |_| delete.run(deleted.clone())>
                                    <Icon glyph=Glyph::Bin /><span>{tr!(i18n, images.delete)}</span>
                                </button>
                            </div>
                            <LinkPanel images=vec![image] />
                        }
                    })}
                    {move || shown.get().map(|id| view! {
                        <AddToAlbum images=Signal::stored(vec![id]) />
                        <Details images=images id=id />
                    })}
                </aside>
                <div class="visually-hidden" aria-hidden="true">
                    {move || [neighbour(-1), neighbour(1)].into_iter().flatten().map(|image| view! { <Picture image=image /> }).collect_view()}
                </div>
    }
}

/// An image at a width that suits the screen.
#[component]
pub fn Picture(
    /// The image.
    image: Image,
    /// Where it is loaded from; nothing is the site itself.
    #[prop(optional)]
    origin: String,
) -> impl IntoView {
    let src = |path: String| format!("{origin}{path}");
    let original = src(links::image_path(&image));
    // Animations and small pictures are shown as they are.
    let set = (image.frames == 1 && image.width > 640).then(|| {
        let widths = [1280_u32, 1920, 2560].into_iter().filter(|w| *w < image.width);
        let variants = widths.filter_map(|w| VariantWidth::try_from(w).ok());
        let mut set: Vec<String> =
            variants.map(|w| format!("{} {}w", src(links::variant_path(&image, w)), w.pixels())).collect();
        set.push(format!("{original} {}w", image.width));
        set.join(", ")
    });
    view! {
        <img class="picture" src=original.clone() srcset=set sizes="100vw"
            width=image.width height=image.height alt=image.alt decoding="async" />
    }
}

/// Whether a key was pressed in a field, where arrows and Delete mean something else.
fn event_target_is_field(event: &ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}
