//! Keys in the viewer.

use leptos::{ev, prelude::*};
use model::types::Image;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::moving::Moving;

/// Listens as long as the viewer is open.
pub(super) fn follow(moving: Moving, delete: Callback<Image>) {
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || has_modifier(&event) || is_elsewhere(&event) || is_behind() {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => moving.turn(-1),
            "ArrowRight" => moving.turn(1),
            // Whoever holds it means one.
            "Delete" if !event.repeat() => delete.run(moving.image.get_untracked()),
            _ => {}
        }
    });
    on_cleanup(move || keys.remove());
}

/// With these held, keys are the browser's: Alt and an arrow go back.
fn has_modifier(event: &KeyboardEvent) -> bool {
    event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key()
}

/// Whether a key was pressed where arrows and Delete mean something else, or not the picture.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        matches!(target.closest("input, textarea, select, .floating, dialog:not(.viewer)"), Ok(Some(_)))
    })
}

/// Whether a dialog is open over the viewer: where nothing has the focus, keys go to the page itself.
fn is_behind() -> bool {
    matches!(document().query_selector("dialog.viewer dialog[open]"), Ok(Some(_)))
}
