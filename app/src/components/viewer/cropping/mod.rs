//! Choosing the part of a picture that stays: by hand, or by numbers.

mod area;

use js_sys::Reflect;
use leptos::{ev, prelude::*, svg};
use model::types::{Area, Image, ImageEdit};

use self::area::{Grip, dragged, entered, grip, place, shaped, typed, whole};
use super::{changing::Changes, js};
use crate::{
    components::Modal,
    i18n::{t_string, use_i18n},
    rules::links,
    text::{Text, tr},
};

/// Shapes to choose from: width and height.
const SHAPES: [(&str, f64); 6] =
    [("1:1", 1.0), ("4:3", 4.0 / 3.0), ("3:2", 1.5), ("16:9", 16.0 / 9.0), ("3:4", 0.75), ("9:16", 0.5625)];
/// How far from a corner that is felt, in CSS pixels.
const REACH: f64 = 24.0;

/// The dialog, while `open`.
#[component]
pub(super) fn Cropping(changes: Changes, open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, viewer.crop).to_owned())
            on_close=Callback::new(move |()| open.set(false))
        >
            <Chooser changes=changes open=open />
        </Modal>
    }
}

/// A hand in the picture.
#[derive(Clone, Copy)]
struct Held {
    /// What was chosen when it came.
    area: Area,
    /// What of that it holds, if anything.
    grip: Option<Grip>,
    /// Where it came.
    start: (f64, f64),
}

/// What is chosen. Cheap to copy.
#[derive(Clone, Copy)]
struct Choice {
    size: (u32, u32),
    area: RwSignal<Area>,
    ratio: RwSignal<Option<f64>>,
    held: StoredValue<Option<Held>>,
    drawn: NodeRef<svg::Svg>,
}

impl Choice {
    /// Where in the picture the pointer is, and how many of its pixels one of the page's is.
    fn at(self, event: &ev::PointerEvent) -> Option<((f64, f64), f64)> {
        let sides = self.drawn.get_untracked()?.get_bounding_client_rect();
        let (width, height) = (sides.width(), sides.bottom() - sides.top());
        let (x, y) = (f64::from(event.client_x()) - sides.left(), f64::from(event.client_y()) - sides.top());
        let scale = (f64::from(self.size.0) / width).max(f64::from(self.size.1) / height);
        Some((place((x, y), (width, height), self.size), scale))
    }

    fn take(self, event: &ev::PointerEvent) {
        let Some((at, scale)) = self.at(event).filter(|_| event.button() == 0) else { return };
        event.prevent_default();
        let area = self.area.get_untracked();
        self.held.set_value(Some(Held { area, grip: grip(area, at, REACH * scale), start: at }));
        if let Some(drawn) = self.drawn.get_untracked() {
            let _ = drawn.set_pointer_capture(event.pointer_id());
        }
    }

    fn pull(self, event: &ev::PointerEvent) {
        let Some(Held { area, grip, start }) = self.held.get_value() else { return };
        let Some((at, _)) = self.at(event) else { return };
        let by = (at.0 - start.0, at.1 - start.1);
        let ratio = self.ratio.get_untracked();
        let now = match grip {
            Some(grip) => dragged(area, grip, by, self.size, ratio),
            // Outside of it another one is begun.
            None => {
                let corner = Grip::Corner { right: by.0 >= 0.0, bottom: by.1 >= 0.0 };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in the picture")]
                let point = Area { x: start.0 as u32, y: start.1 as u32, width: 1, height: 1 };
                dragged(typed(point, self.size), corner, by, self.size, ratio)
            }
        };
        self.area.set(now);
    }

    /// Takes a number that was typed.
    fn enter(self, text: &str, put: fn(&mut Area, u32)) {
        let mut area = self.area.get_untracked();
        if let Ok(number) = text.parse() {
            let before = area;
            put(&mut area, number);
            area = entered(before, area, self.size, self.ratio.get_untracked());
        }
        // Also where it is as before, and the field isn't.
        self.area.set(area);
    }

    fn shape(self, ratio: Option<f64>) {
        self.ratio.set(ratio);
        if let Some(ratio) = ratio {
            self.area.update(|area| *area = shaped(*area, ratio));
        }
    }
}

#[component]
fn Chooser(changes: Changes, open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let image: Image = changes.image.get_untracked();
    let (size, version) = ((image.width, image.height), image.version);
    let choice = Choice {
        size,
        area: RwSignal::new(whole(size)),
        ratio: RwSignal::new(None),
        held: StoredValue::new(None),
        drawn: NodeRef::new(),
    };
    let crop = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let area = choice.area.get_untracked();
        open.set(false);
        if area != whole(size) {
            changes.edit(
                version,
                ImageEdit { crop: Some(area), ..ImageEdit::default() },
                untrack(|| t_string!(i18n, viewer.did_crop)),
            );
        }
    };
    let original = f64::from(size.0) / f64::from(size.1.max(1));
    let shapes = move |event| {
        let chosen = event_target_value(&event);
        choice.shape(match chosen.as_str() {
            "" => None,
            "original" => Some(original),
            name => SHAPES.iter().find(|shape| shape.0 == name).map(|shape| shape.1),
        });
    };
    view! {
        // Keys mean something else to what is below.
        <form class="things" on:submit=crop on:keydown=|event| event.stop_propagation()>
            <h2>{tr!(i18n, viewer.crop)}</h2>
            <Drawing choice=choice image=image />
            <p class="hint">{tr!(i18n, viewer.crop_text)}</p>
            <label class="field">
                <span>{tr!(i18n, viewer.shape)}</span>
                <select on:change=shapes>
                    <option value="">{tr!(i18n, viewer.shape_free)}</option>
                    <option value="original">{tr!(i18n, viewer.shape_original)}</option>
                    {SHAPES.map(|(name, _)| view! { <option value=name>{name}</option> }).collect_view()}
                </select>
            </label>
            <div class="row">
                <Number choice=choice label=tr!(i18n, viewer.from_left) read=|area| area.x put=|area, n| area.x = n />
                <Number choice=choice label=tr!(i18n, viewer.from_top) read=|area| area.y put=|area, n| area.y = n />
            </div>
            <div class="row">
                <Number choice=choice label=tr!(i18n, viewer.width) read=|area| area.width put=|area, n| area.width = n />
                <Number choice=choice label=tr!(i18n, viewer.height) read=|area| area.height put=|area, n| area.height = n />
            </div>
            <div class="row">
                <button type="submit" class="button button-primary">{tr!(i18n, viewer.crop)}</button>
                <button type="button" class="button" on:click=move |_| open.set(false)>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}

/// The picture, darker where it goes.
#[component]
fn Drawing(choice: Choice, image: Image) -> impl IntoView {
    let (width, height) = choice.size;
    Effect::new(move |_| {
        if let Some(drawn) = choice.drawn.get() {
            // A finger doesn't scroll here. Styles in the document are forbidden, those by scripts aren't.
            let _ = Reflect::set(&js::get(&drawn, "style"), &"touchAction".into(), &"none".into());
        }
    });
    // As high as it is, unless that is too high for the window.
    let drawn_height = (width * 5 < height * 6).then_some("45vh");
    let side = f64::from(width.max(height)) / 40.0;
    let outline = move || {
        let Area { x, y, width: w, height: h } = choice.area.get();
        format!("M{x} {y}h{w}v{h}h-{w}z")
    };
    let corners = move || {
        let Area { x, y, width: w, height: h } = choice.area.get();
        [(x, y), (x + w, y), (x, y + h), (x + w, y + h)]
            .map(|(x, y)| {
                format!("M{} {}h{side}v{side}h-{side}z", f64::from(x) - side / 2.0, f64::from(y) - side / 2.0)
            })
            .concat()
    };
    view! {
        <svg viewBox=format!("0 0 {width} {height}") width="100%" height=drawn_height overflow="visible" aria-hidden="true" node_ref=choice.drawn
            on:pointerdown=move |event| choice.take(&event)
            on:pointermove=move |event| choice.pull(&event)
            on:pointerup=move |_| choice.held.set_value(None)
            on:pointercancel=move |_| choice.held.set_value(None)>
            <image href=links::image_path(&image) width=width height=height preserveAspectRatio="none" />
            <path fill="#000" fill-opacity="0.6" fill-rule="evenodd"
                d=move || format!("M0 0h{width}v{height}h-{width}z{}", outline()) />
            <path fill="none" stroke="#fff" stroke-width="2" vector-effect="non-scaling-stroke" d=outline />
            <path fill="#fff" stroke="#000" vector-effect="non-scaling-stroke" d=corners />
        </svg>
    }
}

/// One of the area's numbers.
#[component]
fn Number(choice: Choice, label: Text, read: fn(Area) -> u32, put: fn(&mut Area, u32)) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="number" min="0" max=choice.size.0.max(choice.size.1) inputmode="numeric"
                prop:value=move || read(choice.area.get()).to_string()
                on:change=move |event| choice.enter(&event_target_value(&event), put) />
        </label>
    }
}
