//! Asking the server for something, on a page that may be gone when the answer comes.

use leptos::{prelude::*, task::spawn_local};

/// One request at a time of one component. When the component is gone, what was asked for happens all
/// the same, but the answer reaches nobody: everything it would touch is gone too, and to touch that
/// would panic.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    busy: RwSignal<bool>,
}

impl Asking {
    /// For the component that is being made.
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false) }
    }

    /// Whether an answer is awaited.
    pub(super) fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Has `asked` done and tells `then` what came of it. Does nothing while another answer is awaited.
    ///
    /// `asked` must not touch the component's signals after it has waited for something.
    pub(super) fn run<T: 'static>(
        self,
        asked: impl Future<Output = T> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.try_get_untracked() != Some(false) {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = asked.await;
            // A signal that is gone gives back what it was to become.
            if self.busy.try_set(false).is_none() {
                untrack(|| then(answer));
            }
        });
    }
}
