//! Keys in the viewer.

use leptos::{ev, prelude::*};
use model::types::Image;
use web_sys::KeyboardEvent;

use super::{full::Full, gestures::is_in, show::Show, zoom::Zoom};

/// What keys act on.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) image: Memo<Image>,
    pub(super) show: Show,
    pub(super) zoom: Zoom,
    pub(super) full: Full,
    pub(super) delete: Callback<Image>,
}

/// Listens as long as the viewer is open.
pub(super) fn follow(keys: Keys) {
    let listening = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || has_modifier(&event) || is_elsewhere(&event) || is_behind() {
            return;
        }
        if keys.pressed(&event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listening.remove());
}

impl Keys {
    /// Answers whether the key means something here. The buttons say which ones do.
    fn pressed(self, event: &KeyboardEvent) -> bool {
        let key = event.key();
        match key.as_str() {
            // On some keyboards these need Shift.
            "+" | "=" => self.show.zoom(self.zoom, |zoom| zoom.step(true)),
            "-" | "_" => self.show.zoom(self.zoom, |zoom| zoom.step(false)),
            "0" => self.show.zoom(self.zoom, Zoom::fit),
            _ if event.shift_key() => return false,
            "ArrowLeft" => return self.arrow(-1, 0),
            "ArrowRight" => return self.arrow(1, 0),
            "ArrowUp" => return self.arrow(0, -1),
            "ArrowDown" => return self.arrow(0, 1),
            // Whoever holds these means one. The browser would close the viewer next.
            "Escape" => return event.repeat() || self.escape(),
            _ if event.repeat() => return false,
            "f" | "F" => self.full.switch(),
            "s" | "S" => self.show.switch(),
            "Delete" => {
                self.show.stop();
                self.delete.run(self.image.get_untracked());
            }
            _ => return false,
        }
        true
    }

    /// Moves what is enlarged, and turns pages otherwise.
    fn arrow(self, right: i8, down: i8) -> bool {
        if self.zoom.is_enlarged() {
            self.show.stop();
            self.zoom.look(right.into(), down.into());
        } else if right != 0 {
            self.show.turn(right.into());
        } else {
            return false;
        }
        true
    }

    /// Ends what was begun last; the viewer itself is closed by the browser.
    fn escape(self) -> bool {
        let was_on = self.show.is_on.get_untracked();
        self.show.stop();
        self.full.leave() || was_on
    }
}

/// With these held, keys are the browser's: Alt and an arrow go back.
fn has_modifier(event: &KeyboardEvent) -> bool {
    event.alt_key() || event.ctrl_key() || event.meta_key()
}

/// Whether a key was pressed where arrows and Delete mean something else, or not the picture.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let is_from_tools = event.key() == "Escape" && is_in(event, ".viewer-tools");
    !is_from_tools && is_in(event, "input, textarea, select, .floating, dialog:not(.viewer)")
}

/// Whether a dialog is open over the viewer: where nothing has the focus, keys go to the page itself.
fn is_behind() -> bool {
    matches!(document().query_selector("dialog.viewer dialog[open]"), Ok(Some(_)))
}
