//! Pictures that turn by themselves.

use std::time::Duration;

use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use model::types::{Image, ImageId};

use super::{
    gestures::is_in,
    js,
    moving::Moving,
    sources,
    zoom::{Zoom, decoded},
};
use crate::platform::platform;

/// How long a picture may be shown, in seconds.
pub(super) const SECONDS: [u32; 3] = [3, 5, 10];
/// Where this device keeps that.
const KEPT: &str = "slideshow-seconds";
/// How often it is asked, after a second each, whether more pictures have come: the gallery loads ahead.
const PATIENCE: u32 = 5;
/// How long the next picture is waited for. Then it is turned to as far as it is there.
const LIMIT: Duration = Duration::from_secs(10);

/// What is said to whom can't see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Started,
    Stopped,
    Ended,
    /// What the picture shows that it has come to.
    Picture(String),
    /// How large the picture is now, in per cent.
    Enlarged(u32),
}

/// Moving through pictures, by itself while that is on. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Show {
    moving: Moving,
    pub(super) is_on: RwSignal<bool>,
    pub(super) seconds: RwSignal<u32>,
    pub(super) said: RwSignal<Option<Said>>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    /// Raised with every picture, start and stop: what was begun before is over.
    run: StoredValue<u32>,
}

impl Show {
    pub(super) fn new(moving: Moving, shown: Memo<ImageId>) -> Self {
        let show = Self {
            moving,
            is_on: RwSignal::new(false),
            seconds: RwSignal::new(SECONDS[1]),
            said: RwSignal::new(None),
            waiting: StoredValue::new(None),
            run: StoredValue::new(0),
        };
        // After hydration: the server doesn't know what this device was told.
        Effect::new(move |_| {
            let kept = platform().and_then(|platform| (platform.recall)(KEPT));
            let kept = kept.and_then(|kept| kept.parse().ok()).filter(|kept| SECONDS.contains(kept));
            if let Some(kept) = kept {
                show.seconds.set(kept);
            }
        });
        Effect::new(move |_| {
            let (is_on, id, seconds) = (show.is_on.get(), shown.get(), show.seconds.get());
            show.run.update_value(|run| *run = run.wrapping_add(1));
            show.rest();
            if is_on {
                show.wait(Duration::from_secs(seconds.into()), id, PATIENCE);
            }
        });
        on_cleanup(move || show.rest());
        show.stop_when_touched();
        show
    }

    /// Starts and stops.
    pub(super) fn switch(self) {
        if self.is_on.get_untracked() {
            return self.stop();
        }
        self.is_on.set(true);
        self.said.set(Some(Said::Started));
    }

    pub(super) fn stop(self) {
        self.end(Said::Stopped);
    }

    fn end(self, said: Said) {
        if self.is_on.try_get_untracked() == Some(true) {
            self.is_on.set(false);
            self.said.set(Some(said));
        }
    }

    pub(super) fn take(self, seconds: u32) {
        self.seconds.set(seconds);
        if let Some(platform) = platform() {
            (platform.remember)(KEPT, &seconds.to_string());
        }
    }

    /// Moves on because somebody wants that.
    pub(super) fn turn(self, step: isize) {
        self.stop();
        self.moving.turn(step);
    }

    /// Shows more or less of the picture by a key or a button.
    pub(super) fn zoom(self, zoom: Zoom, change: impl FnOnce(Zoom)) {
        let was_on = self.is_on.get_untracked();
        self.stop();
        change(zoom);
        if !was_on {
            self.said.set(Some(Said::Enlarged(zoom.percent())));
        }
    }

    fn rest(self) {
        if let Some(timeout) = self.waiting.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
    }

    fn after(self, time: Duration, act: impl FnOnce() + 'static) {
        let _ = self.waiting.try_update_value(|waiting| *waiting = set_timeout_with_handle(act, time).ok());
    }

    fn wait(self, time: Duration, id: ImageId, patience: u32) {
        let next = move || match (untrack(|| self.moving.neighbour(1)), patience.checked_sub(1)) {
            (Some(next), _) => self.go_on(id, next),
            (None, Some(patience)) => self.wait(Duration::from_secs(1), id, patience),
            (None, None) => self.end(Said::Ended),
        };
        self.after(time, next);
    }

    /// Shows the next one once it can be seen, if the one before is shown still.
    fn go_on(self, id: ImageId, next: Image) {
        let run = self.run.try_get_value();
        let (src, set) = sources("", &next);
        let turn = move || {
            let is_shown = self.moving.image.try_with_untracked(|image| image.id == id) == Some(true);
            let is_on = self.is_on.try_get_untracked() == Some(true);
            if !is_shown || !is_on || run.is_none() || self.run.try_get_value() != run {
                return;
            }
            // Whatever is next by now: the one that was waited for may be deleted.
            match untrack(|| self.moving.neighbour(1)) {
                Some(next) => {
                    self.said.set(Some(Said::Picture(next.alt)));
                    self.moving.turn(1);
                }
                None => self.end(Said::Ended),
            }
        };
        self.after(LIMIT, turn);
        spawn_local(async move {
            decoded(&src, &set.unwrap_or_default(), "100vw").await;
            turn();
        });
    }

    /// Whoever does something else doesn't want what that is done to to go away.
    fn stop_when_touched(self) {
        let clicked = window_event_listener(ev::click, move |event| {
            if is_in(&event, ".viewer-side, .floating, .viewer button:not(.viewer-keeps)") {
                self.stop();
            }
        });
        let focused = window_event_listener(ev::focusin, move |event| {
            if is_in(&event, ".viewer-side") {
                self.stop();
            }
        });
        let hidden = window_event_listener(ev::visibilitychange, move |_| {
            if js::is(&document(), "hidden") {
                self.stop();
            }
        });
        on_cleanup(move || [clicked, focused, hidden].into_iter().for_each(WindowListenerHandle::remove));
    }
}
