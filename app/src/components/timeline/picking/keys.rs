//! Selecting by keys: arrows move the focus, the space bar selects, arrows with Shift held select on the way.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{Picking, id_of, is_in};
use crate::components::timeline::dom;

pub(super) fn follow(picking: Picking) {
    let listening = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !is_elsewhere(&event) && pressed(picking, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listening.remove());
}

/// Whether the key is for something that is typed into, or lies over the gallery.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_field = target.is_some_and(|target| {
        is_in(
            &target,
            "input:not([type=checkbox]), textarea, select, [role=slider], [contenteditable], dialog",
        )
    });
    is_field || matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}

/// Whether the key means something here.
fn pressed(picking: Picking, event: &KeyboardEvent) -> bool {
    let with_command = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "a" | "A" if with_command && !event.shift_key() && !event.alt_key() => {
            picking.select_all();
            true
        }
        "Escape" if picking.is_selecting() => {
            picking.selection.images.set(Vec::new());
            true
        }
        _ if with_command || event.alt_key() => false,
        " " => match focused()
            .filter(|(element, _)| is_in(element, ".tile-link"))
            .and_then(|(_, tile)| id_of(&tile))
        {
            Some(id) => {
                picking.toggle(id);
                true
            }
            None => false,
        },
        key => {
            let Some((_, tile)) = focused() else { return false };
            let Some(next) = neighbour(&tile, key) else { return false };
            if event.shift_key() {
                if picking.anchor.get_value().is_none() || !picking.is_selecting() {
                    picking.anchor.set_value(id_of(&tile));
                }
                if let Some(id) = id_of(&next) {
                    picking.extend_to(id);
                }
            }
            focus(&next);
            true
        }
    }
}

/// What has the focus, and the tile that it is in.
fn focused() -> Option<(Element, Element)> {
    let active = document().active_element()?;
    let tile = active.closest("main > .grid > .tile").ok()??;
    Some((active, tile))
}

fn focus(tile: &Element) {
    if let Ok(Some(link)) = tile.query_selector(".tile-link")
        && let Ok(link) = link.dyn_into::<HtmlElement>()
    {
        let _ = link.focus();
    }
}

/// The tile that an arrow leads to: along the rows, or to what lies nearest in the next one.
fn neighbour(tile: &Element, key: &str) -> Option<Element> {
    let tiles = dom::tiles(&dom::grid()?);
    let place = tiles.iter().position(|other| other == tile)?;
    match key {
        "ArrowLeft" => tiles.get(place.checked_sub(1)?).cloned(),
        "ArrowRight" => tiles.get(place + 1).cloned(),
        "ArrowDown" => nearest(tile, tiles.get(place + 1..)?.iter()),
        "ArrowUp" => nearest(tile, tiles.get(..place)?.iter().rev()),
        _ => None,
    }
}

/// Of the row that comes first in `others`, not being `tile`'s, the one that is nearest to it.
fn nearest<'a>(tile: &Element, others: impl Iterator<Item = &'a Element>) -> Option<Element> {
    let middle = |tile: &Element| {
        let place = tile.get_bounding_client_rect();
        (place.left() + place.right()) / 2.0
    };
    let (top, wanted) = (dom::span(tile).0, middle(tile));
    let mut row = None;
    others
        .filter(|other| (dom::span(other).0 - top).abs() > 1.0)
        .take_while(|other| {
            let this = dom::span(other).0;
            (this - *row.get_or_insert(this)).abs() <= 1.0
        })
        .min_by(|one, other| {
            let away = |tile: &Element| (middle(tile) - wanted).abs();
            away(one).total_cmp(&away(other))
        })
        .cloned()
}
