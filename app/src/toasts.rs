//! Short messages at the edge of the page, with undo.

use std::time::Duration;

use leptos::prelude::*;

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
    list: RwSignal<Vec<Toast>>,
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

    /// The messages, oldest first, read reactively.
    #[must_use]
    pub fn all(self) -> Vec<Toast> {
        self.list.get()
    }

    /// Takes a message away.
    pub fn dismiss(self, toast: &Toast) {
        self.list.update(|list| list.retain(|t| t.id != toast.id));
    }

    fn push(self, text: String, undo: Option<Callback<()>>, is_error: bool) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let toast = Toast { id, text, undo, is_error };
        self.list.update(|list| {
            list.push(toast.clone());
            if list.len() > 4 {
                list.remove(0);
            }
        });
        set_timeout(move || self.dismiss(&toast), SHOWN_FOR);
    }
}

/// The messages.
///
/// # Panics
/// Outside [`crate::App`].
#[must_use]
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl PartialEq for Toast {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
