//! A band that is drawn around pictures with the mouse, from a place where there is none. Near the window's edges
//! the page scrolls along.

use std::collections::{BTreeMap, HashSet};

use leptos::{leptos_dom::helpers::request_animation_frame, prelude::*};
use model::types::{Image, ImageId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent, PointerEvent};

use super::{Picking, id_of, is_in, on_document};
use crate::components::timeline::dom;

/// How far the mouse must move for a band, in CSS pixels.
const FAR: f64 = 5.0;
/// How near to the window's edge the page begins to scroll.
const EDGE: f64 = 60.0;
/// How far it scrolls in a frame, at most.
const SPEED: f64 = 24.0;

/// Left, top, right, bottom.
type Area = [f64; 4];

/// The band while it is drawn.
struct Band {
    element: HtmlElement,
    /// Where it began, from the page's top.
    start: (f64, f64),
    /// Where the mouse is, from the window's top.
    mouse: (f64, f64),
    /// What was selected before, and stays so.
    before: Vec<Image>,
    /// What the band has met, and whether it still does. Pictures that leave the page are as they were then.
    met: BTreeMap<ImageId, (Image, bool)>,
    /// A tile, and where it was from the page's top: room above changes when more is loaded.
    landmark: Option<(String, f64)>,
}

/// Nothing, a button that is held, or a band.
#[derive(Default)]
enum State {
    #[default]
    Idle,
    Held(f64, f64),
    Drawn(Band),
}

pub(super) fn follow(picking: Picking) {
    let state = StoredValue::new_local(State::default());
    // Else the browser would select text.
    on_document("mousedown", move |event: MouseEvent| {
        if begins(&event) {
            event.prevent_default();
        }
    });
    on_document("pointerdown", move |event: PointerEvent| {
        if event.pointer_type() == "mouse" && begins(&event) {
            state.set_value(State::Held(f64::from(event.client_x()), f64::from(event.client_y())));
        }
    });
    on_document("pointermove", move |event: PointerEvent| {
        let mouse = (f64::from(event.client_x()), f64::from(event.client_y()));
        let has_begun = state.try_update_value(|state| match state {
            State::Idle => false,
            State::Held(x, y) => {
                let is_far = (mouse.0 - *x).abs().max((mouse.1 - *y).abs()) > FAR;
                if let Some(band) = is_far.then(|| Band::new((*x, *y), mouse, picking, &event)).flatten() {
                    *state = State::Drawn(band);
                }
                is_far
            }
            State::Drawn(band) => {
                band.mouse = mouse;
                false
            }
        });
        if has_begun == Some(true) {
            draw(picking, state);
        }
    });
    let end = move || {
        if let Some(State::Drawn(band)) = state.try_update_value(std::mem::take) {
            band.element.remove();
        }
    };
    for name in ["pointerup", "pointercancel"] {
        on_document(name, move |_: PointerEvent| end());
    }
    on_cleanup(end);
}

/// Whether the button was pressed where there is nothing.
fn begins(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    event.button() == 0
        && target.is_some_and(|target| {
            let is_something =
                "a, button, input, label, select, dialog, form, .tile, .scrubber, .selection-bar, .empty";
            is_in(&target, "main") && !is_in(&target, is_something)
        })
}

/// Once a frame, as long as there is a band.
fn draw(picking: Picking, state: StoredValue<State, LocalStorage>) {
    let selected = state.try_update_value(|state| match state {
        State::Drawn(band) => {
            band.scroll();
            Some(band.update(picking))
        }
        State::Idle | State::Held(..) => None,
    });
    let Some(Some(selected)) = selected else { return };
    if let Some(selected) = selected {
        picking.selection.images.set(selected);
    }
    request_animation_frame(move || draw(picking, state));
}

impl Band {
    fn new(start: (f64, f64), mouse: (f64, f64), picking: Picking, event: &MouseEvent) -> Option<Self> {
        let element: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
        element.set_class_name("band");
        document().body()?.append_child(&element).ok()?;
        let adds = event.shift_key() || event.ctrl_key() || event.meta_key();
        let before = if adds { picking.selection.images.get_untracked() } else { Vec::new() };
        let start = (start.0, start.1 + dom::scrolled());
        Some(Self { element, start, mouse, before, met: BTreeMap::new(), landmark: None })
    }

    fn scroll(&self) {
        let (top, bottom) = (dom::bar() + EDGE, dom::screen() - EDGE);
        let beyond = (self.mouse.1 - bottom).max(0.0) - (top - self.mouse.1).max(0.0);
        if beyond != 0.0 {
            dom::scroll_to(dom::scrolled() + (beyond / EDGE * SPEED).clamp(-SPEED, SPEED));
        }
    }

    /// Draws it, and answers what is selected by it, if that has changed.
    fn update(&mut self, picking: Picking) -> Option<Vec<Image>> {
        let tiles = dom::grid().map(|grid| dom::tiles(&grid)).unwrap_or_default();
        let scrolled = dom::scrolled();
        if let Some((id, before)) = &self.landmark
            && let Some(tile) = dom::tile(id)
        {
            self.start.1 += dom::span(&tile).0 + scrolled - before;
        }
        self.landmark = tiles
            .first()
            .and_then(|tile| Some((tile.get_attribute("data-id")?, dom::span(tile).0 + scrolled)));
        let (x, y) = (self.start.0, self.start.1 - scrolled);
        let area = [x.min(self.mouse.0), y.min(self.mouse.1), x.max(self.mouse.0), y.max(self.mouse.1)];
        self.show(area);
        let mut has_changed = false;
        for tile in tiles {
            let Some(id) = id_of(&tile) else { continue };
            let is_met = meets(&tile, area);
            match self.met.get_mut(&id) {
                Some((_, was)) if *was != is_met => *was = is_met,
                None if is_met => match picking.image(id) {
                    Some(image) => drop(self.met.insert(id, (image, true))),
                    None => continue,
                },
                _ => continue,
            }
            has_changed = true;
        }
        has_changed.then(|| self.selected())
    }

    /// What was selected before, and what the band meets, the newest first.
    fn selected(&self) -> Vec<Image> {
        let known: HashSet<ImageId> = self.before.iter().map(|image| image.id).collect();
        let met = self.met.values().rev().filter(|(image, is_met)| *is_met && !known.contains(&image.id));
        self.before.iter().chain(met.map(|(image, _)| image)).cloned().collect()
    }

    fn show(&self, [left, top, right, bottom]: Area) {
        let style = self.element.style();
        for (name, value) in [("left", left), ("top", top), ("width", right - left), ("height", bottom - top)]
        {
            let _ = style.set_property(name, &format!("{value:.0}px"));
        }
    }
}

fn meets(tile: &Element, [left, top, right, bottom]: Area) -> bool {
    let place = tile.get_bounding_client_rect();
    place.left() < right && place.right() > left && place.top() < bottom && place.bottom() > top
}
