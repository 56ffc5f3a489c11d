//! Short messages at the edge of the page, with undo.

use std::time::Duration;

use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

/// One message.
#[derive(Clone)]
pub struct Toast {
    id: u32,
    /// What happened.
    pub text: String,
    /// What takes it back, if anything does.
    pub undo: Option<Callback<()>>,
    /// Whether it tells of a failure.
    pub is_error: bool,
}

/// The messages on show. Cheap to copy, provided as context by [`crate::App`].
#[derive(Clone, Copy, Default)]
pub struct Toasts {
    /// Each message keeps its place: what is drawn anew loses the focus.
    places: [RwSignal<Option<Toast>>; 4],
    next: StoredValue<u32>,
}

/// Long enough to read, notice the button and reach it.
const SHOWN_FOR: Duration = Duration::from_secs(10);

impl Toasts {
    /// Tells what happened.
    pub fn tell(self, text: impl Into<String>) {
        self.push(text.into(), None, false);
    }

    /// Tells what happened and offers to take it back.
    pub fn tell_with_undo(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.push(text.into(), Some(Callback::new(move |()| undo())), false);
    }

    /// Tells of a failure.
    pub fn fail(self, text: impl Into<String>) {
        self.push(text.into(), None, true);
    }

    /// Where messages are.
    #[must_use]
    pub const fn places(self) -> [RwSignal<Option<Toast>>; 4] {
        self.places
    }

    fn push(self, text: String, undo: Option<Callback<()>>, is_error: bool) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        // Instead of the same, where there is room, instead of the oldest that takes nothing back, or of the oldest.
        let worth = |place: &&RwSignal<Option<Toast>>| {
            place.with_untracked(|shown| match shown {
                Some(shown) if shown.undo.is_none() && shown.text == text => (0, 0),
                None => (1, 0),
                Some(shown) => (2 + u8::from(shown.undo.is_some()), shown.id),
            })
        };
        let Some(&place) = self.places.iter().min_by_key(worth) else { return };
        // Gone for a moment, or the same text would be no news to a screen reader.
        place.set(None);
        spawn_local(async move {
            tick().await;
            place.set(Some(Toast { id, text, undo, is_error }));
            expire(place, id);
        });
    }
}

/// Takes a message away in time, and not while somebody is at it.
fn expire(place: RwSignal<Option<Toast>>, id: u32) {
    let expired = move || {
        if is_somebody_there() {
            expire(place, id);
        } else if place.with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.id == id)) {
            place.set(None);
        }
    };
    set_timeout(expired, SHOWN_FOR);
}

/// Whether the pointer or the focus is in the messages. A finger isn't, though browsers take it to be where it last
/// touched: a message that has come there since would never go.
fn is_somebody_there() -> bool {
    let is_in = |state: &str| matches!(document().query_selector(state), Ok(Some(_)));
    let hovers = || matches!(window().match_media("(hover: hover)"), Ok(Some(media)) if media.matches());
    is_in(".toasts:focus-within") || (is_in(".toasts:hover") && hovers())
}

/// The messages.
///
/// # Panics
/// Outside [`crate::App`].
#[must_use]
pub fn use_toasts() -> Toasts {
    expect_context()
}
