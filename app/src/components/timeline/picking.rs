//! Selecting as in a file manager: by clicks with keys held, by a band around pictures, by keys, and by fingers.
//! All of it listens to the page, so that the tiles, of which there are many, need not.

mod band;
mod keys;

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{Image, ImageId},
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, MouseEvent, PointerEvent};

use crate::{
    api,
    components::{Selection, Shown},
};

/// How long a finger rests on a picture to select it.
const HOLD: Duration = Duration::from_millis(500);
/// How far it may move meanwhile, in CSS pixels.
const STILL: i32 = 10;

/// What selecting knows. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Picking {
    shown: Shown,
    selection: Selection,
    search: StoredValue<String>,
    /// The image from which a range goes.
    anchor: StoredValue<Option<ImageId>>,
    /// Whether a finger was the last that touched the page.
    is_touch: StoredValue<bool>,
    /// Whether a finger has selected by resting: its click, which follows, does nothing more.
    is_held: StoredValue<bool>,
    fail: Callback<Problem>,
}

/// Listens as long as the gallery is there.
pub(super) fn listen(
    shown: Shown,
    selection: Selection,
    search: StoredValue<String>,
    fail: Callback<Problem>,
) {
    let picking = Picking {
        shown,
        selection,
        search,
        anchor: StoredValue::default(),
        is_touch: StoredValue::default(),
        is_held: StoredValue::default(),
        fail,
    };
    picking.follow_clicks();
    picking.follow_fingers();
    band::follow(picking);
    keys::follow(picking);
}

/// The tile in which something happened.
fn tile_at(event: &Event) -> Option<(Element, Element)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let tile = target.closest("main > .grid > .tile[data-id]").ok()??;
    Some((target, tile))
}

fn id_of(tile: &Element) -> Option<ImageId> {
    tile.get_attribute("data-id")?.parse().ok()
}

fn is_in(target: &Element, selector: &str) -> bool {
    matches!(target.closest(selector), Ok(Some(_)))
}

/// Has nobody else hear of the event, the browser included.
fn take(event: &Event) {
    event.prevent_default();
    event.stop_propagation();
}

impl Picking {
    fn image(self, id: ImageId) -> Option<Image> {
        self.shown.images.with_untracked(|images| images.iter().find(|image| image.id == id).cloned())
    }

    fn is_selecting(self) -> bool {
        self.selection.images.with_untracked(|images| !images.is_empty())
    }

    /// Selects an image, or no longer.
    fn toggle(self, id: ImageId) {
        self.anchor.set_value(Some(id));
        if let Some(image) = self.image(id) {
            self.selection.toggle(&image);
        }
    }

    /// Selects all from where the last one was selected to here, whether the page has them or not.
    fn extend_to(self, id: ImageId) {
        let from = self.anchor.get_value().unwrap_or(id);
        self.anchor.set_value(Some(from));
        let here = self.shown.images.with_untracked(|images| {
            let place = |id| images.iter().position(|image| image.id == id);
            let (one, other) = (place(from)?, place(id)?);
            images.get(one.min(other)..=one.max(other)).map(<[Image]>::to_vec)
        });
        match here {
            Some(found) => self.selection.add(found),
            None => self.ask(Some((from, id))),
        }
    }

    /// Selects all that the search finds.
    fn select_all(self) {
        self.ask(None);
    }

    fn ask(self, ends: Option<(ImageId, ImageId)>) {
        let search = self.search.get_value();
        spawn_local(async move {
            let found = api::image_range(search, ends).await;
            // The gallery may be left by now; what was selected stays all the same.
            match found {
                Ok(found) => self.selection.add(found),
                Err(error) => {
                    self.fail.try_run(error.0);
                }
            }
        });
    }

    fn follow_clicks(self) {
        on_document("click", move |event: MouseEvent| {
            let Some((target, tile)) = tile_at(&event) else { return };
            let Some(id) = id_of(&tile) else { return };
            if self.is_held.get_value() {
                return take(&event);
            }
            let (on_check, on_link) = (is_in(&target, ".tile-select"), is_in(&target, ".tile-link"));
            let is_toggling =
                event.ctrl_key() || event.meta_key() || (self.is_touch.get_value() && self.is_selecting());
            if event.shift_key() && (on_check || on_link) {
                take(&event);
                // The browser takes back what a click does to a check mark when all have heard of it.
                set_timeout(move || self.extend_to(id), Duration::ZERO);
            } else if on_link && is_toggling {
                take(&event);
                self.toggle(id);
            } else if on_check {
                self.anchor.set_value(Some(id));
            }
        });
    }

    fn follow_fingers(self) {
        let waiting = StoredValue::new(None::<(TimeoutHandle, i32, i32)>);
        let stop = move || {
            if let Some((timeout, ..)) = waiting.try_update_value(Option::take).flatten() {
                timeout.clear();
            }
        };
        let hold = move |id: ImageId| {
            stop();
            if !self.is_held.get_value() {
                self.is_held.set_value(true);
                self.toggle(id);
            }
        };
        on_document("pointerdown", move |event: PointerEvent| {
            stop();
            self.is_held.set_value(false);
            self.is_touch.set_value(event.pointer_type() == "touch");
            let tile = tile_at(&event).filter(|(target, _)| is_in(target, ".tile-link"));
            if let Some(id) = tile.and_then(|(_, tile)| id_of(&tile)).filter(|_| self.is_touch.get_value()) {
                let timeout = set_timeout_with_handle(move || hold(id), HOLD).ok();
                waiting.set_value(timeout.map(|timeout| (timeout, event.client_x(), event.client_y())));
            }
        });
        on_document("pointermove", move |event: PointerEvent| {
            let has_moved = waiting.with_value(|waiting| {
                waiting.as_ref().is_some_and(|(_, x, y)| {
                    (event.client_x() - x).abs() > STILL || (event.client_y() - y).abs() > STILL
                })
            });
            if has_moved {
                stop();
            }
        });
        for name in ["pointerup", "pointercancel"] {
            on_document(name, move |_: PointerEvent| stop());
        }
        // What the browser offers for a link on which a finger rests.
        on_document("contextmenu", move |event: MouseEvent| {
            let tile = tile_at(&event).filter(|_| self.is_touch.get_value());
            if let Some(id) = tile.and_then(|(_, tile)| id_of(&tile)) {
                take(&event);
                hold(id);
            }
        });
        on_cleanup(stop);
    }
}

/// Hears of events before anything in the page does, as long as the gallery is there.
fn on_document<E: JsCast + 'static>(name: &'static str, act: impl Fn(E) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Ok(event) = event.dyn_into() {
            act(event);
        }
    });
    let function = listener.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback_and_bool(name, function, true);
    let kept = StoredValue::new_local(listener);
    on_cleanup(move || {
        let _ = kept.try_with_value(|listener| {
            let function = listener.as_ref().unchecked_ref();
            document().remove_event_listener_with_callback_and_bool(name, function, true)
        });
    });
}
