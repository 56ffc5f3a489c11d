//! The months at the edge of the gallery: a slider from the newest to the oldest.

use leptos::{ev, html, prelude::*};
use model::types::Place;

use super::{
    dom,
    scroll::{Aim, Scroll},
};
use crate::{
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    text::tr,
};

/// Years nearer to each other than this, in hundredths of the whole, are not all named.
const APART: f64 = 4.0;

/// Shown while there is more than the page holds at first.
#[component]
pub(super) fn Scrubber(scroll: Scroll) -> impl IntoView {
    let has_months = move || scroll.months.with(|months| months.len() > 1);
    view! { <When when=has_months><Slider scroll=scroll /></When> }
}

#[component]
fn Slider(scroll: Scroll) -> impl IntoView {
    let i18n = use_i18n();
    let months = scroll.months;
    let track = NodeRef::<html::Div>::new();
    // Where it is held, from 0 to 1.
    let held = RwSignal::new(None::<f64>);
    // The month that was chosen by keys, until another one is seen: a short one at the end is never the first.
    let chosen = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        let Some(here) = scroll.here.get() else { return };
        let seen = months.with_untracked(|months| months.index_of(&here));
        if !scroll.is_busy()
            && chosen.with_untracked(|chosen| chosen.is_some_and(|one| one == seen || one.abs_diff(seen) > 2))
        {
            chosen.set(None);
        }
    });
    let place = Memo::new(move |_| {
        months.with(|months| {
            if let Some(share) = held.get() {
                return share;
            }
            let here = scroll.here.get();
            here.map_or(0.0, |moment| months.place_of(&moment) / months.height().max(1.0))
        })
    });
    let index = Memo::new(move |_| {
        months.with(|months| match (held.get(), chosen.get(), scroll.here.get()) {
            (None, Some(chosen), _) => chosen,
            (None, None, Some(moment)) => months.index_of(&moment),
            _ => months.at(place.get() * months.height()).map_or(0, |(index, _)| index),
        })
    });
    let label = move || {
        months.with(|months| {
            let month = months.get(index.get())?;
            let name = dates::month(i18n.get_locale(), &month.month);
            let count = month.images.to_string();
            Some(t_string!(i18n, timeline.month, month = name, count = count).to_string())
        })
    };
    let years = move || {
        months.with(|months| {
            let (mut years, mut last) = (Vec::new(), -APART);
            for number in 0..months.len() {
                let year = |number: usize| months.get(number).and_then(|month| month.month.get(..4));
                let at = months.start(number) / months.height().max(1.0) * 100.0;
                let begins = number == 0 || year(number) != year(number - 1);
                if begins && at - last >= APART {
                    years.extend(year(number).map(|year| (year.to_owned(), at)));
                    last = at;
                }
            }
            years
        })
    };
    let share = move |event: &ev::PointerEvent| {
        let (top, bottom) = dom::span(track.get_untracked()?.as_ref());
        Some(((f64::from(event.client_y()) - top) / (bottom - top).max(1.0)).clamp(0.0, 1.0))
    };
    let drag = move |event: &ev::PointerEvent| {
        if let Some(share) = share(event) {
            held.set(Some(share));
            go_to_share(scroll, share);
        }
    };
    let by_key = move |event: ev::KeyboardEvent| {
        let last = months.with_untracked(|months| months.len().saturating_sub(1));
        let now = index.get_untracked();
        let next = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => now + 1,
            "ArrowUp" | "ArrowLeft" => now.saturating_sub(1),
            "PageDown" => now + 12,
            "PageUp" => now.saturating_sub(12),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        chosen.set(Some(next.min(last)));
        go_to_month(scroll, next.min(last));
    };
    view! {
        <div class="scrubber" class:held=move || held.with(Option::is_some) role="slider" tabindex="0" node_ref=track
            aria-label=tr!(i18n, timeline.label) aria-orientation="vertical" aria-valuemin="0"
            aria-valuemax=move || months.with(|months| months.len().saturating_sub(1)).to_string()
            aria-valuenow=move || index.get().to_string() aria-valuetext=label
            on:keydown=by_key
            on:pointerdown=move |event| {
                if event.button() != 0 {
                    return;
                }
                if let Some(track) = track.get_untracked() {
                    let _ = track.set_pointer_capture(event.pointer_id());
                    let _ = track.focus();
                }
                event.prevent_default();
                chosen.set(None);
                drag(&event);
            }
            on:pointermove=move |event| if held.with_untracked(Option::is_some) { drag(&event) }
            on:pointerup=move |_| held.set(None)
            on:pointercancel=move |_| held.set(None)
            on:lostpointercapture=move |_| held.set(None)
        >
            {move || years().into_iter().map(|(year, at)| view! {
                <span class="scrubber-year" aria-hidden="true" style:top=format!("{at:.2}%")>{year}</span>
            }).collect_view()}
            <span class="scrubber-thumb" aria-hidden="true" style:top=move || format!("{:.2}%", place.get() * 100.0)>
                <span class="scrubber-label">{label}</span>
            </span>
        </div>
    }
}

/// Shows what is at a share of the whole, from 0 to 1.
fn go_to_share(scroll: Scroll, share: f64) {
    let target = scroll.months.with_untracked(|months| {
        let height = share * months.height();
        let (index, within) = months.at(height)?;
        let month = months.get(index)?.month.clone();
        Some((Place::Within { month, share: (within * 1000.0) as u32 }, Aim::At(height)))
    });
    match target {
        Some(_) if share <= 0.0 => scroll.jump(Place::Newest, Aim::At(0.0)),
        Some(_) if share >= 1.0 => scroll.jump(Place::Oldest, Aim::End),
        Some((place, aim)) => scroll.jump(place, aim),
        None => {}
    }
}

/// Shows where a month begins.
fn go_to_month(scroll: Scroll, index: usize) {
    let target = scroll.months.with_untracked(|months| {
        Some((Place::At(months.get(index)?.month.clone()), Aim::At(months.start(index))))
    });
    if let Some((place, aim)) = target {
        scroll.jump(place, aim);
    }
}
