//! The gallery from end to end: scrolled without bounds, with the months at its edge. All of it comes after
//! the first rows.

mod dom;
mod months;
mod picking;
mod scroll;
mod scrubber;

use std::time::Duration;

use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use model::types::Image;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, MouseEvent, ScrollRestoration};

use self::{months::Months, scroll::Scroll, scrubber::Scrubber};
use super::{Selection, Shown, problem_text, when::When};
use crate::{
    api,
    i18n::{t_string, use_i18n},
    later::later,
    toasts::use_toasts,
    uploads::UploadQueue,
};

/// How long the page stands still before its address says where: browsers refuse more than a few changes a
/// second.
const REST: Duration = Duration::from_millis(400);
/// The page's own address.
const GALLERY: &str = "/gallery";

/// What follows the scrolling of `shown`, once somebody may scroll and its code is there: the server renders the
/// first rows.
#[component]
pub(crate) fn Timeline(
    /// What of the gallery is in the page.
    shown: Shown,
    /// What was searched for.
    search: StoredValue<String>,
    /// What the viewer shows.
    viewed: Memo<Option<Image>>,
    /// Asked to show an image in the viewer.
    go: Callback<Option<Image>>,
) -> impl IntoView {
    let queue = expect_context::<UploadQueue>();
    let is_wanted = RwSignal::new(false);
    // Elsewhere than at the top, rows come in above.
    Effect::new(move |_| {
        if queue.in_use.get() || shown.newer.get().is_some() {
            is_wanted.set(true);
        }
    });
    view! { <When when=is_wanted>{later!(whole_gallery(shown, search, viewed, go))}</When> }
}

#[lazy]
fn whole_gallery(
    shown: Shown,
    search: StoredValue<String>,
    viewed: Memo<Option<Image>>,
    go: Callback<Option<Image>>,
) -> AnyView {
    view! { <Whole shown=shown search=search viewed=viewed go=go /> }.into_any()
}

#[component]
fn Whole(
    shown: Shown,
    search: StoredValue<String>,
    viewed: Memo<Option<Image>>,
    go: Callback<Option<Image>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let fail = Callback::new(move |problem| toasts.fail(untrack(|| problem_text(i18n, &problem))));
    let scroll = Scroll::new(shown, search, viewed, fail);
    shown.hold_by(Callback::new(move |()| scroll.hold()));
    let is_search = search.with_value(|search| !search.trim().is_empty());
    keep_own_place();
    follow(scroll);
    let selection = expect_context::<Selection>();
    picking::listen(shown, selection, search, fail);
    open_in_place(shown, go);
    write_address(scroll, viewed);

    // What is looked at in the viewer is what the page behind shows.
    Effect::new(move |_| {
        if let Some(image) = viewed.get() {
            scroll.after_render(move || bring(&image));
        }
    });

    let has_more = Memo::new(move |_| shown.newer.with(Option::is_some) || shown.older.with(Option::is_some));
    Effect::new(move |before: Option<bool>| {
        let is_known = before.unwrap_or(is_search);
        if !is_known && has_more.get() {
            spawn_local(load_months(scroll));
            return true;
        }
        is_known
    });
    // Whatever comes or goes, here or by uploads, undo and the like.
    Effect::new(move |_| {
        shown.images.track();
        scroll.after_render(move || scroll.check());
    });
    let said = move || match selection.images.with(Vec::len) {
        0 => String::new(),
        count => t_string!(i18n, images.selected, count = count.to_string()).to_string(),
    };
    view! {
        <Scrubber scroll=scroll />
        // Its own, which is there before the first number: else nothing is read out.
        <p class="visually-hidden" role="status">{said}</p>
    }
}

async fn load_months(scroll: Scroll) {
    let found = api::timeline().await;
    if scroll.is_gone() {
        return;
    }
    if let (Ok(found), Some(grid)) = (found, dom::grid()) {
        scroll.months.set(Months::new(found, dom::measure(&grid)));
        scroll.begin();
    }
    scroll.start();
}

/// The browser would scroll to a number of pixels, where there is something else by now.
fn keep_own_place() {
    let set = |value| drop(window().history().and_then(|history| history.set_scroll_restoration(value)));
    set(ScrollRestoration::Manual);
    on_cleanup(move || set(ScrollRestoration::Auto));
}

/// Looks what is seen whenever the page is scrolled or gets another size, once a frame.
fn follow(scroll: Scroll) {
    let is_due = StoredValue::new(false);
    let scrolled = window_event_listener(ev::scroll, move |_| {
        if !is_due.get_value() {
            is_due.set_value(true);
            scroll.after_render(move || {
                is_due.set_value(false);
                scroll.check();
            });
        }
    });
    let resized = window_event_listener(ev::resize, move |_| {
        scroll.rearrange(move || {
            if let Some(grid) = dom::grid() {
                scroll.months.update(|months| *months = std::mem::take(months).measured(dom::measure(&grid)));
            }
        });
        scroll.after_render(move || scroll.check());
    });
    // To where the page ends, which isn't where all that is there ends.
    let keys = window_event_listener(ev::keydown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_elsewhere = target.is_some_and(|target| {
            matches!(
                target.closest(
                    "input:not([type=checkbox]), textarea, select, dialog, [role=slider], [contenteditable]"
                ),
                Ok(Some(_))
            )
        });
        let is_plain = !(is_elsewhere || event.default_prevented() || event.alt_key() || event.shift_key());
        if is_plain && scroll.go_to_end(&event.key()) {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
        keys.remove();
    });
}

/// Opens a picture without leaving the search and the place where it was found. New tabs and windows are the
/// browser's.
fn open_in_place(shown: Shown, go: Callback<Option<Image>>) {
    let open = move |event: MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let tile = target
            .filter(|_| is_plain)
            .and_then(|target| target.closest(".tile-link").ok()??.closest("[data-id]").ok()?);
        let id = tile.and_then(|tile| tile.get_attribute("data-id"));
        let image = shown.images.try_with_untracked(|images| {
            images.iter().find(|image| id.as_ref().is_some_and(|id| image.id.to_string() == *id)).cloned()
        });
        if let Some(image) = image.flatten() {
            event.prevent_default();
            go.run(Some(image));
        }
    };
    let open = Closure::<dyn Fn(MouseEvent)>::new(open);
    // Before the router's, which is the window's.
    let _ = document().add_event_listener_with_callback("click", open.as_ref().unchecked_ref());
    let kept = StoredValue::new_local(open);
    on_cleanup(move || {
        let _ = kept.try_with_value(|open| {
            document().remove_event_listener_with_callback("click", open.as_ref().unchecked_ref())
        });
    });
}

/// Has the address name what is seen, so that reloading, going back and a copied link lead there.
fn write_address(scroll: Scroll, viewed: Memo<Option<Image>>) {
    let query = use_query_map();
    let path = use_location().pathname;
    let navigate = use_navigate();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let write = Callback::new(move |()| {
        // Where somebody is on the way elsewhere, this would call them back.
        let is_left = path.with_untracked(|path| path != GALLERY);
        if is_left || scroll.is_gone() || viewed.with_untracked(Option::is_some) {
            return;
        }
        let is_top = scroll.shown.newer.with_untracked(Option::is_none) && dom::scrolled() < 40.0;
        let here = scroll.here.get_untracked().filter(|_| !is_top).map(|moment| moment.as_str().to_owned());
        let mut next = query.get_untracked();
        if next.get("at") == here {
            return;
        }
        next.remove("at");
        if let Some(here) = here {
            next.insert("at", here);
        }
        let options = NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() };
        navigate(&(GALLERY.to_owned() + &next.to_query_string()), options);
    });
    let stop = move || {
        if let Some(timeout) = waiting.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
    };
    let wait = move || {
        stop();
        waiting.set_value(set_timeout_with_handle(move || write.run(()), REST).ok());
    };
    let scrolled = window_event_listener(ev::scroll, move |_| wait());
    // Who searches may be on the way there, below the same path.
    let submitted = window_event_listener(ev::submit, move |_| wait());
    // What was scrolled to may come later.
    Effect::new(move |_| {
        scroll.here.track();
        viewed.track();
        wait();
    });
    on_cleanup(move || {
        scrolled.remove();
        submitted.remove();
        stop();
    });
}

/// Scrolls the image's tile into the window, if it isn't there.
fn bring(image: &Image) {
    let Some(tile) = dom::tile(&image.id.to_string()) else { return };
    let ((top, bottom), bar) = (dom::span(&tile), dom::bar());
    if top < bar || bottom > dom::screen() {
        dom::scroll_to(dom::scrolled() + top - bar - (dom::screen() - bar - (bottom - top)).max(0.0) / 2.0);
    }
}
