//! The picture under fingers and mouse: one moves what is enlarged or, across, turns the page; two enlarge.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, EventTarget, MouseEvent, PointerEvent, TouchEvent, WheelEvent};

use super::{
    geometry::{Frame, Point, swiped, turned},
    js,
    show::Show,
    zoom::Zoom,
};

/// How far a finger that taps may slip, and how far apart two taps are, in CSS pixels.
const SLIP: f64 = 24.0;
/// How long a tap and the wait for a second one may be, in milliseconds.
const SOON: f64 = 300.0;
/// What is pressed rather than looked at.
const CONTROLS: &str = ".viewer-tools, button";
/// Lines and pages of a wheel, in CSS pixels.
const LINE: f64 = 20.0;
const PAGE: f64 = 400.0;

/// A finger put down on its own.
#[derive(Clone, Copy)]
struct Touched {
    at: Point,
    when: f64,
    /// It turns pages only if all of the picture was seen.
    was_enlarged: bool,
    /// A tap there is the button's; a finger that goes on from there isn't.
    is_on_button: bool,
}

#[derive(Default)]
struct Hands {
    down: Vec<(i32, Point)>,
    /// Until a second finger comes.
    touched: Option<Touched>,
    /// When and where the last tap was.
    tapped: Option<(f64, Point)>,
    has_touched: bool,
}

/// What is done with the stage by hand. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Gestures {
    zoom: Zoom,
    show: Show,
    hands: StoredValue<Hands>,
    /// Whether the page itself is enlarged by two fingers: then they are the browser's here too.
    pub(super) is_magnified: RwSignal<bool>,
}

impl Gestures {
    pub(super) fn new(zoom: Zoom, show: Show) -> Self {
        let is_magnified = RwSignal::new(false);
        follow_magnification(is_magnified);
        Self { zoom, show, hands: StoredValue::new(Hands::default()), is_magnified }
    }

    pub(super) fn down(self, event: &PointerEvent) {
        let is_touch = event.pointer_type() != "mouse";
        let is_others = is_in(event, if is_touch { ".viewer-tools" } else { CONTROLS });
        if event.button() != 0 || is_others || self.is_magnified.get_untracked() {
            return;
        }
        self.zoom.measure();
        let is_on_button = is_in(event, CONTROLS);
        let was_enlarged = self.zoom.is_enlarged();
        let at = self.zoom.place(event.client_x(), event.client_y());
        // The mouse may leave the stage while it moves the picture.
        if let Some(stage) = self.zoom.stage.get_untracked().filter(|_| !is_touch && was_enlarged) {
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        self.hands.update_value(|hands| {
            hands.has_touched = is_touch;
            // The first finger is alone, whatever became of those before.
            if js::is(event, "isPrimary") {
                hands.down.clear();
            }
            hands.down.push((event.pointer_id(), at));
            let is_alone = is_touch && hands.down.len() == 1;
            let touched = Touched { at, when: when(event), was_enlarged, is_on_button };
            hands.touched = is_alone.then_some(touched);
        });
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        // Let go of outside the stage.
        if js::number(event, "buttons") == 0.0 {
            return self.forget(event);
        }
        let to = self.zoom.place(event.client_x(), event.client_y());
        let moved = self.hands.try_update_value(|hands| {
            let before: Vec<Point> = hands.down.iter().map(|(_, at)| *at).collect();
            hands.down.iter_mut().find(|(id, _)| *id == event.pointer_id())?.1 = to;
            let after: Vec<Point> = hands.down.iter().map(|(_, at)| *at).collect();
            Some((before, after))
        });
        match moved.flatten().as_ref().map(|(before, after)| (&**before, &**after)) {
            Some((&[before], &[after])) if self.zoom.is_enlarged() => {
                self.show.stop();
                self.zoom.follow(true, |frame, view| frame.moved(view, after.from(before)));
            }
            Some((&[one, other], &[to, another])) => {
                self.show.stop();
                self.zoom.follow(true, |frame, view| frame.pinched(view, [one, other], [to, another]));
            }
            _ => {}
        }
    }

    pub(super) fn up(self, event: &PointerEvent) {
        let to = self.zoom.place(event.client_x(), event.client_y());
        let touched = self.hands.try_update_value(|hands| hands.touched.take());
        self.lift(event);
        let Some(touched) = touched.flatten() else { return };
        let way = to.from(touched.at);
        if way.length() < SLIP {
            if !touched.is_on_button && when(event) - touched.when < SOON {
                self.tap(when(event), to);
            }
        } else if let Some(step) = swiped(way).filter(|_| !touched.was_enlarged) {
            self.show.turn(step);
        }
    }

    fn tap(self, when: f64, at: Point) {
        let is_second = self.hands.try_update_value(|hands| {
            let before = hands.tapped.replace((when, at));
            let is_second =
                before.is_some_and(|(then, there)| when - then < SOON && at.from(there).length() < SLIP);
            if is_second {
                hands.tapped = None;
            }
            is_second
        });
        if is_second == Some(true) {
            self.switch(at);
        }
    }

    /// The browser has taken the finger, or lost it.
    pub(super) fn forget(self, event: &PointerEvent) {
        self.hands.update_value(|hands| hands.touched = None);
        self.lift(event);
    }

    fn lift(self, event: &PointerEvent) {
        let were = self.hands.try_update_value(|hands| {
            let were = hands.down.len();
            hands.down.retain(|(id, _)| *id != event.pointer_id());
            were
        });
        // Two fingers that only trembled have enlarged nothing.
        if were > Some(1) {
            self.zoom.follow(true, Frame::settled);
        }
    }

    /// By mouse; browsers send it for fingers too, or not.
    pub(super) fn double_click(self, event: &MouseEvent) {
        if !self.hands.with_value(|hands| hands.has_touched) && !is_in(event, CONTROLS) {
            self.zoom.measure();
            self.switch(self.zoom.place(event.client_x(), event.client_y()));
        }
    }

    fn switch(self, at: Point) {
        self.show.stop();
        self.zoom.change(false, |frame, view| frame.switched(view, at));
    }

    /// Enlarges; in a window so narrow that the viewer scrolls, a wheel does that until something is enlarged.
    pub(super) fn wheel(self, event: &WheelEvent) {
        if !event.ctrl_key() && !self.zoom.is_enlarged() && self.is_scrolling() {
            return;
        }
        event.prevent_default();
        self.show.stop();
        let unit = match js::number(event, "deltaMode") as u32 {
            WheelEvent::DOM_DELTA_LINE => LINE,
            WheelEvent::DOM_DELTA_PAGE => PAGE,
            _ => 1.0,
        };
        let grown = turned(js::number(event, "deltaY") * unit, event.ctrl_key());
        self.zoom.measure();
        let at = self.zoom.place(event.client_x(), event.client_y());
        self.zoom.follow(true, |frame, view| frame.zoomed(view, at, view.scale * grown));
    }

    /// Whether there is more of the viewer below the stage.
    fn is_scrolling(self) -> bool {
        let stage = self.zoom.stage.get_untracked();
        stage.is_some_and(|stage| {
            // Where the display isn't scaled by whole numbers, the stage ends within the last pixel.
            stage.get_bounding_client_rect().bottom() < js::number(&window(), "innerHeight") - 1.0
        })
    }

    /// Two fingers are the picture's, although one scrolls.
    pub(super) fn hold(self, event: &TouchEvent) {
        if event.touches().length() > 1 && js::is(event, "cancelable") && !self.is_magnified.get_untracked() {
            event.prevent_default();
        }
    }

    /// What is enlarged is moved, and not dragged out of the window.
    pub(super) fn keep(self, event: &Event) {
        if self.zoom.is_enlarged() {
            event.prevent_default();
        }
    }
}

pub(super) fn is_in(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.closest(selector), Ok(Some(_))))
}

/// In milliseconds.
fn when(event: &Event) -> f64 {
    js::number(event, "timeStamp")
}

/// Has `is_magnified` say whether the page is enlarged.
fn follow_magnification(is_magnified: RwSignal<bool>) {
    Effect::new(move |_| {
        let viewport = js::get(&window(), "visualViewport");
        if !viewport.is_object() {
            return;
        }
        let viewport: EventTarget = viewport.unchecked_into();
        let scaled = viewport.clone();
        let look = move |_: Event| {
            let is_now = js::number(&scaled, "scale") > 1.01;
            if is_magnified.try_get_untracked() == Some(!is_now) {
                is_magnified.set(is_now);
            }
        };
        is_magnified.set(js::number(&viewport, "scale") > 1.01);
        let listener = Closure::<dyn FnMut(Event)>::new(look).into_js_value();
        let _ = viewport.add_event_listener_with_callback("resize", listener.unchecked_ref());
        let kept = StoredValue::new_local((viewport, listener));
        on_cleanup(move || {
            let _ = kept.try_with_value(|(viewport, listener)| {
                viewport.remove_event_listener_with_callback("resize", listener.unchecked_ref())
            });
        });
    });
}
