//! The bar below the picture.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{
    full::Full,
    js,
    show::{SECONDS, Said, Show},
    zoom::Zoom,
};
use crate::{
    components::{icons::drawn, when::When},
    i18n::{t_string, use_i18n},
    text::{Text, text, tr},
};

const SMALLER: &str = "M6 12h12";
const LARGER: &str = "M6 12h12M12 6v12";
const PLAY: &str = "M8 5l11 7-11 7z";
const PAUSE: &str = "M9 6v12M15 6v12";
const ENTER: &str = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
const LEAVE: &str = "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5";

/// A name with its key behind it, as one sees it resting on the button.
fn named(mut name: impl FnMut() -> String + Send + 'static, key: &'static str) -> Text {
    text(move || format!("{} ({key})", name()))
}

#[component]
pub(super) fn Tools(zoom: Zoom, show: Show, full: Full) -> impl IntoView {
    let i18n = use_i18n();
    let percent = move || zoom.seen.with(|seen| seen.percent).map_or_else(String::new, |n| format!("{n}%"));
    let unless = |holds: bool| (!holds).then_some("true");
    let can_shrink = move || unless(zoom.seen.with(|seen| seen.is_enlarged));
    let can_grow = move || unless(zoom.seen.with(|seen| !seen.is_largest));
    let is_on = move |switch: RwSignal<bool>| move || if switch.get() { "true" } else { "false" };
    let by_hand = StoredValue::new(false);
    let said = move || match show.said.get() {
        None => String::new(),
        Some(Said::Started) => {
            t_string!(i18n, viewer.started, seconds = show.seconds.get().to_string()).to_string()
        }
        Some(Said::Stopped) => t_string!(i18n, viewer.stopped).to_owned(),
        Some(Said::Ended) => t_string!(i18n, viewer.ended).to_owned(),
        Some(Said::Picture(alt)) => alt,
        Some(Said::Enlarged(percent)) => format!("{percent}%"),
    };
    view! {
        <div class="viewer-tools" role="group" aria-label=tr!(i18n, viewer.tools)>
            <button type="button" class="viewer-button" aria-disabled=can_shrink aria-keyshortcuts="-"
                aria-label=tr!(i18n, viewer.zoom_out)
                title=named(move || t_string!(i18n, viewer.zoom_out).to_owned(), "-")
                on:click=move |_| show.zoom(zoom, |zoom| zoom.step(false))>
                {drawn(SMALLER)}
            </button>
            <button type="button" class="viewer-button" aria-disabled=can_shrink aria-keyshortcuts="0"
                aria-label=tr!(i18n, viewer.fit, percent = percent())
                title=named(move || t_string!(i18n, viewer.fit, percent = percent()).to_string(), "0")
                on:click=move |_| show.zoom(zoom, Zoom::fit)>
                {percent}
            </button>
            <button type="button" class="viewer-button" aria-disabled=can_grow aria-keyshortcuts="+"
                aria-label=tr!(i18n, viewer.zoom_in)
                title=named(move || t_string!(i18n, viewer.zoom_in).to_owned(), "+")
                on:click=move |_| show.zoom(zoom, |zoom| zoom.step(true))>
                {drawn(LARGER)}
            </button>
            <button type="button" class="viewer-button viewer-keeps" aria-pressed=is_on(show.is_on)
                aria-keyshortcuts="s" aria-label=tr!(i18n, viewer.slideshow)
                title=named(move || t_string!(i18n, viewer.slideshow).to_owned(), "s")
                on:click=move |_| show.switch()>
                {move || drawn(if show.is_on.get() { PAUSE } else { PLAY })}
            </button>
            <select class="viewer-button" aria-label=tr!(i18n, viewer.seconds)
                on:pointerdown=move |_| by_hand.set_value(true)
                on:keydown=move |_| by_hand.set_value(false)
                prop:value=move || show.seconds.get().to_string()
                on:change=move |event| {
                    if let Ok(seconds) = event_target_value(&event).parse() {
                        show.take(seconds);
                    }
                    // Keys are the viewer's again, unless it was chosen by them.
                    if by_hand.get_value() {
                        js::call(&event_target::<JsValue>(&event), "blur");
                    }
                }>
                {SECONDS.map(|seconds| view! {
                    <option value=seconds selected=move || show.seconds.get() == seconds>
                        {tr!(i18n, viewer.seconds_each, seconds = seconds.to_string())}
                    </option>
                }).collect_view()}
            </select>
            <When when=full.is_possible>
                <button type="button" class="viewer-button viewer-keeps" aria-pressed=is_on(full.is_on)
                    aria-keyshortcuts="f" aria-label=tr!(i18n, viewer.full_screen)
                    title=named(move || t_string!(i18n, viewer.full_screen).to_owned(), "f")
                    on:click=move |_| full.switch()>
                    {move || drawn(if full.is_on.get() { LEAVE } else { ENTER })}
                </button>
            </When>
        </div>
        <p class="visually-hidden" role="status">{said}</p>
    }
}
