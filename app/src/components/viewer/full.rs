//! The viewer on all of the screen.

use std::time::Duration;

use leptos::{
    ev,
    leptos_dom::helpers::{TimeoutHandle, WindowListenerHandle, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
};

use super::{gestures::is_in, js};

/// How long nothing happens before the controls go.
const REST: Duration = Duration::from_millis(2500);

/// Whether the viewer has all of the screen. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Full {
    /// Whether this browser can do it: not on every phone.
    pub(super) is_possible: RwSignal<bool>,
    /// Whatever the reason.
    pub(super) is_on: RwSignal<bool>,
    /// Whether nobody has touched anything for a while.
    pub(super) rests: RwSignal<bool>,
    waiting: StoredValue<Option<TimeoutHandle>>,
}

impl Full {
    /// `left` is told when it is over.
    pub(super) fn new(left: impl Fn() + 'static) -> Self {
        let full = Self {
            is_possible: RwSignal::new(false),
            is_on: RwSignal::new(false),
            rests: RwSignal::new(false),
            waiting: StoredValue::new(None),
        };
        Effect::new(move |_| full.is_possible.set(js::is(&document(), "fullscreenEnabled")));
        // By the browser's own keys and gestures too.
        let changed = window_event_listener_untyped("fullscreenchange", move |_| {
            let is_on = js::is(&document(), "fullscreenElement");
            full.is_on.set(is_on);
            full.wake();
            if !is_on {
                left();
            }
        });
        let moved = window_event_listener(ev::pointermove, move |event| {
            // Browsers also tell of what moves below a pointer that rests.
            if js::number(&event, "movementX") != 0.0 || js::number(&event, "movementY") != 0.0 {
                full.wake();
            }
        });
        // A finger that wakes the controls doesn't press what it couldn't see: browsers look for that when it is lifted.
        let has_woken = StoredValue::new(false);
        let pressed = window_event_listener_untyped("pointerdown", move |event| {
            has_woken.set_value(full.rests.get_untracked() && is_in(&event, ".viewer-stage"));
            full.wake();
        });
        let lifted = window_event_listener_untyped("touchend", move |event| {
            if has_woken.get_value() && js::is(&event, "cancelable") {
                event.prevent_default();
            }
        });
        let others =
            ["keydown", "focusin"].map(|name| window_event_listener_untyped(name, move |_| full.wake()));
        on_cleanup(move || {
            [changed, moved, pressed, lifted]
                .into_iter()
                .chain(others)
                .for_each(WindowListenerHandle::remove);
            full.sleep_no_more();
            full.leave();
        });
        full
    }

    pub(super) fn switch(self) {
        if self.leave() || !self.is_possible.get_untracked() {
            return;
        }
        // The whole page, since a dialog itself can't, and what floats is in it.
        if let Some(page) = document().document_element() {
            spawn_local(async move {
                js::done(&page, "requestFullscreen").await;
                // Granted to a viewer that was closed meanwhile.
                if self.is_on.try_get_untracked().is_none() {
                    js::done(&document(), "exitFullscreen").await;
                }
            });
        }
    }

    /// Answers whether there was something to leave.
    pub(super) fn leave(self) -> bool {
        let is_on = self.is_on.try_get_untracked() == Some(true);
        if is_on {
            spawn_local(async {
                js::done(&document(), "exitFullscreen").await;
            });
        }
        is_on
    }

    fn wake(self) {
        if self.rests.try_get_untracked() == Some(true) {
            self.rests.set(false);
        }
        self.sleep_no_more();
        if self.is_on.try_get_untracked() == Some(true) {
            let rest = move || {
                let _ = self.rests.try_set(true);
            };
            let rest = set_timeout_with_handle(rest, REST).ok();
            let _ = self.waiting.try_update_value(|waiting| *waiting = rest);
        }
    }

    fn sleep_no_more(self) {
        if let Some(timeout) = self.waiting.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
    }
}
