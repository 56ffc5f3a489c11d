//! From picture to picture, however fast.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use leptos_router::hooks::use_location;
use model::types::{Image, ImageId};

/// How long a picture is looked at before more than itself is asked for: whoever holds an arrow passes many, and the
/// browser asks for few things at once.
pub(super) const GLANCE: Duration = Duration::from_millis(200);
/// How long before the address says which one it is: browsers refuse more than a few changes a second.
const REST: Duration = Duration::from_millis(400);

/// What is moved through. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    pub(super) images: RwSignal<Vec<Image>>,
    /// The one shown.
    pub(super) image: Memo<Image>,
    pub(super) moved: RwSignal<Option<ImageId>>,
    pub(super) go: Callback<Option<Image>>,
}

impl Moving {
    /// The picture so many further on, read reactively.
    pub(super) fn neighbour(self, step: isize) -> Option<Image> {
        let shown = self.image.with(|image| image.id);
        self.images.with(|images| {
            let place = images.iter().position(|image| image.id == shown)?;
            images.get(place.checked_add_signed(step)?).cloned()
        })
    }

    /// Moves on, if there is a picture.
    pub(super) fn turn(self, step: isize) {
        if let Some(image) = untrack(|| self.neighbour(step)) {
            self.moved.set(Some(image.id));
        }
    }

    /// Has the address say what is shown, where it was moved on to.
    pub(super) fn settle(self) {
        let image = self.image.get_untracked();
        if self.moved.get_untracked() == Some(image.id) {
            self.go.run(Some(image));
        }
    }

    /// Has the address follow what is shown. Answers which picture is looked at for longer than a glance.
    pub(super) fn follow(self, shown: Memo<ImageId>) -> RwSignal<Option<ImageId>> {
        let rested = RwSignal::new(None);
        after(shown, GLANCE, move |id| rested.set(Some(id)));
        let path = use_location().pathname;
        let here = path.get_untracked();
        after(shown, REST, move |_| {
            // Where somebody is on the way elsewhere, this would call them back.
            if path.with_untracked(|path| *path == here) {
                self.settle();
            }
        });
        // The next time, the address says where to begin.
        on_cleanup(move || {
            let _ = self.moved.try_set(None);
        });
        rested
    }
}

/// Does something once `shown` has been the same for a while.
fn after(shown: Memo<ImageId>, wait: Duration, act: impl Fn(ImageId) + Clone + 'static) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timeout) = waiting.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
    };
    Effect::new(move |_| {
        let (id, act) = (shown.get(), act.clone());
        stop();
        waiting.set_value(set_timeout_with_handle(move || act(id), wait).ok());
    });
    on_cleanup(stop);
}
