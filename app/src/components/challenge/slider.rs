//! A puzzle piece, moved by dragging it, or by a slider with mouse, finger or keys.

use leptos::{ev, html, prelude::*};
use model::types::{Picture, Solution};

use crate::{i18n::use_i18n, text::tr};

/// Pixels a key moves the piece.
const STEP: i32 = 2;

#[component]
pub(super) fn SliderTask(
    picture: Picture,
    piece: Picture,
    top: u32,
    busy: RwSignal<bool>,
    focus: bool,
    on_answer: Callback<Solution>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (width, height) = (picture.width, picture.height);
    let farthest = i32::try_from(width.saturating_sub(piece.width)).unwrap_or_default();
    let offset = RwSignal::new(0.0_f64);
    let rounded = move || offset.get().round() as i32;
    let slider = NodeRef::<html::Input>::new();
    let shown = NodeRef::<leptos::svg::Svg>::new();
    let send = move || on_answer.run(Solution::Offset(offset.get_untracked().round() as u32));
    Effect::new(move |_| {
        if let Some(slider) = slider.get().filter(|_| focus) {
            let _ = slider.focus();
        }
    });
    // Where the pointer was that drags the piece.
    let pointer = StoredValue::new(None::<f64>);
    let drag = move |event: ev::PointerEvent| {
        let (Some(before), Some(shown)) = (pointer.get_value(), shown.get_untracked()) else { return };
        let here = f64::from(event.client_x());
        pointer.set_value(Some(here));
        let enlarged = shown.get_bounding_client_rect().width() / f64::from(width);
        if enlarged > 0.0 && !busy.get_untracked() {
            offset.update(|offset| {
                *offset = (*offset + (here - before) / enlarged).clamp(0.0, f64::from(farthest));
            });
        }
    };
    view! {
        <p id="challenge-hint">{tr!(i18n, challenge.slider_text)}</p>
        <svg viewBox=format!("0 0 {width} {height}") width="100%" role="img" aria-label=tr!(i18n, challenge.slider_alt)
            style:touch-action="pan-y" style:cursor="grab" node_ref=shown
            on:pointerdown=move |event: ev::PointerEvent| {
                event.prevent_default();
                pointer.set_value(Some(f64::from(event.client_x())));
                if let Some(shown) = shown.get_untracked() {
                    let _ = shown.set_pointer_capture(event.pointer_id());
                }
            }
            on:pointermove=drag
            on:pointerup=move |_| pointer.set_value(None)
            on:pointercancel=move |_| pointer.set_value(None)
        >
            <image href=picture.url width=width height=height />
            <image href=piece.url width=piece.width height=piece.height x=move || rounded().to_string() y=top />
        </svg>
        <label class="field">
            <span>{tr!(i18n, challenge.slider_label)}</span>
            <input type="range" min="0" max=farthest step=STEP node_ref=slider aria-describedby="challenge-hint"
                style:accent-color="var(--accent)"
                prop:value=move || rounded().to_string()
                aria-valuetext=tr!(i18n, challenge.slider_value, at = rounded().to_string(), of = farthest.to_string())
                disabled=move || busy.get()
                on:input=move |event| offset.set(event_target_value(&event).parse().unwrap_or_default())
                on:keydown=move |event: ev::KeyboardEvent| {
                    // It may stand in a form, which isn't to be sent yet.
                    if event.key() == "Enter" {
                        event.prevent_default();
                        send();
                    }
                } />
        </label>
        <button type="button" class="button button-primary" disabled=move || busy.get() on:click=move |_| send()>{tr!(i18n, challenge.check)}</button>
    }
}
