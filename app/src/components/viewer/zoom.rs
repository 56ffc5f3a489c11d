//! The enlarged picture: what of it is seen is kept here and written into the page once a frame.

use leptos::{html, leptos_dom::helpers::request_animation_frame, prelude::*, task::spawn_local};
use model::types::{Image, ImageId};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{
    geometry::{Frame, Point, View, sharp},
    js, widths,
};

/// CSS pixels for one of the picture's, from which on these are seen as what they are.
const PIXELATED: f64 = 3.0;

/// What the page shows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Nothing until it is known.
    pub(super) percent: Option<u32>,
    pub(super) is_enlarged: bool,
    pub(super) is_largest: bool,
    pub(super) is_pixelated: bool,
}

/// Before it is measured, a stage as large as the picture.
#[derive(Clone, Debug)]
struct State {
    /// With its version.
    id: Option<(ImageId, u32)>,
    frame: Frame,
    view: View,
    /// Where the stage's centre is in the window.
    centre: Point,
    /// Whether the next frame writes it.
    is_due: bool,
    /// The widths in which there is the picture, and how much of that is loaded.
    widths: Vec<u32>,
    loaded: u32,
}

/// What the picture on the stage is looked at through. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Zoom {
    pub(super) stage: NodeRef<html::Div>,
    pub(super) seen: RwSignal<Seen>,
    /// Whether it follows a hand, and so mustn't lag.
    pub(super) is_held: RwSignal<bool>,
    state: StoredValue<State>,
}

impl Zoom {
    pub(super) fn new() -> Self {
        let frame = Frame { stage: (1.0, 1.0), picture: (1.0, 1.0), ratio: 1.0 };
        let zoom = Self {
            stage: NodeRef::new(),
            seen: RwSignal::default(),
            is_held: RwSignal::new(false),
            state: StoredValue::new(State {
                id: None,
                frame,
                view: frame.whole(),
                centre: Point::default(),
                is_due: false,
                widths: Vec::new(),
                loaded: 0,
            }),
        };
        let resized = window_event_listener(leptos::ev::resize, move |_| zoom.change(true, |_, view| view));
        on_cleanup(move || resized.remove());
        zoom
    }

    /// Has it show a picture: all of it, unless it is the one that it shows, as it is.
    pub(super) fn show(self, image: &Image) {
        self.state.update_value(|state| {
            let is_other = state.id.replace((image.id, image.version)) != Some((image.id, image.version));
            state.frame.picture = (f64::from(image.width.max(1)), f64::from(image.height.max(1)));
            state.widths = widths(image);
            state.loaded = 0;
            if is_other {
                state.view = state.frame.whole();
            }
        });
        self.draw();
    }

    pub(super) fn is_enlarged(self) -> bool {
        self.state.with_value(|state| !state.frame.is_whole(state.view))
    }

    pub(super) fn percent(self) -> u32 {
        self.state.with_value(|state| state.frame.percent(state.view))
    }

    /// A place in the window, from the stage's centre.
    pub(super) fn place(self, x: i32, y: i32) -> Point {
        let centre = self.state.with_value(|state| state.centre);
        Point { x: f64::from(x), y: f64::from(y) }.from(centre)
    }

    /// Looks how large the stage is, and where.
    pub(super) fn measure(self) {
        let Some(stage) = self.stage.get_untracked() else { return };
        let place = stage.get_bounding_client_rect();
        let (width, height) = (place.width(), place.bottom() - place.top());
        // It isn't shown.
        if width < 1.0 || height < 1.0 {
            return;
        }
        self.state.update_value(|state| {
            let ratio = js::number(&window(), "devicePixelRatio").max(0.1);
            let frame = Frame { stage: (width, height), ratio, ..state.frame };
            state.view = frame.taken_over(state.view, state.frame);
            state.frame = frame;
            state.centre = Point { x: place.left() + width / 2.0, y: place.top() + height / 2.0 };
        });
    }

    /// Changes what is seen by one of the steps that a person takes.
    pub(super) fn change(self, is_held: bool, change: impl FnOnce(Frame, View) -> View) {
        self.measure();
        self.follow(is_held, change);
    }

    /// The same by one of many small ones, between which the stage stays.
    pub(super) fn follow(self, is_held: bool, change: impl FnOnce(Frame, View) -> View) {
        if self.is_held.get_untracked() != is_held {
            self.is_held.set(is_held);
        }
        self.state.update_value(|state| state.view = change(state.frame, state.view));
        self.draw();
    }

    pub(super) fn step(self, is_up: bool) {
        self.change(false, |frame, view| frame.stepped(view, is_up));
    }

    pub(super) fn fit(self) {
        self.change(false, |frame, _| frame.whole());
    }

    /// Shows what lies so many fifths of the stage further on.
    pub(super) fn look(self, right: f64, down: f64) {
        self.change(false, |frame, view| {
            let (width, height) = frame.stage;
            frame.moved(view, Point { x: -right * width / 5.0, y: -down * height / 5.0 })
        });
    }

    fn draw(self) {
        let is_due = self.state.try_update_value(|state| std::mem::replace(&mut state.is_due, true));
        if is_due == Some(false) {
            request_animation_frame(move || self.write());
        }
    }

    fn write(self) {
        // The viewer may be closed by then.
        if self.state.try_update_value(|state| state.is_due = false).is_none() {
            return;
        }
        if self.seen.with_untracked(|seen| seen.percent.is_none()) {
            self.measure();
        }
        let Some(picture) = self.picture() else { return };
        let (frame, view) = self.state.with_value(|state| (state.frame, state.view));
        let is_enlarged = !frame.is_whole(view);
        let style = picture.style();
        let _ = if is_enlarged {
            let Point { x, y } = view.centre;
            let grown = view.scale / frame.fit();
            style.set_property("transform", &format!("translate({x:.2}px,{y:.2}px) scale({grown:.5})"))
        } else {
            style.remove_property("transform").map(drop)
        };
        let seen = Seen {
            percent: Some(frame.percent(view)),
            is_enlarged,
            is_largest: view.scale >= frame.most(),
            is_pixelated: is_enlarged && view.scale >= PIXELATED,
        };
        if self.seen.get_untracked() != seen {
            self.seen.set(seen);
        }
        self.sharpen(&picture);
    }

    /// Has the picture drawn from as many pixels as are seen.
    fn sharpen(self, picture: &HtmlElement) {
        let wanted = self.state.try_update_value(|state| {
            let State { frame, view, .. } = *state;
            // What all of it is drawn from was chosen by the browser.
            let loaded = state.loaded.max((js::number(&window(), "innerWidth") * frame.ratio) as u32);
            let drawn = frame.picture.0 * view.scale * frame.ratio;
            let wanted =
                sharp(&state.widths, drawn).filter(|wanted| drawn > f64::from(loaded) && *wanted > loaded)?;
            state.loaded = wanted;
            Some((wanted, f64::from(wanted) / frame.ratio))
        });
        let Some((wanted, width)) = wanted.flatten() else { return };
        let (picture, sizes) = (picture.clone(), format!("{width:.2}px"));
        spawn_local(async move {
            let [src, set] = ["src", "srcset"].map(|name| picture.get_attribute(name).unwrap_or_default());
            // Not before it can be drawn, or there would be nothing for a moment.
            decoded(&src, &set, &sizes).await;
            if self.state.try_with_value(|state| state.loaded == wanted) == Some(true) {
                let _ = picture.set_attribute("decoding", "sync");
                let _ = picture.set_attribute("sizes", &sizes);
            }
        });
    }

    fn picture(self) -> Option<HtmlElement> {
        Some(self.stage.get_untracked()?.query_selector(".picture").ok()??.unchecked_into())
    }
}

/// Returns once an image is there and decoded, or can't be.
pub(super) async fn decoded(src: &str, set: &str, sizes: &str) {
    let Ok(image) = document().create_element("img") else { return };
    for (name, value) in [("sizes", sizes), ("srcset", set), ("src", src)] {
        let _ = image.set_attribute(name, value);
    }
    js::done(&image, "decode").await;
}
