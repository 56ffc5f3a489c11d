//! Changing what is said of an image, without losing any of it.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{DetailedImage, Image, ImageChange, ImageDetails, ImageId},
};

use super::moving::GLANCE;
use crate::{
    api,
    components::problem_text,
    i18n::use_i18n,
    toasts::{Toasts, use_toasts},
};

/// What was typed and isn't sent. It outlives what it was typed into.
type Typed = Arc<Mutex<ImageChange>>;

/// An image whose details are shown. What is typed waits until it is sent: when a field is left, or the image is.
#[derive(Clone, Copy)]
pub(super) struct Editing {
    id: ImageId,
    images: RwSignal<Vec<Image>>,
    /// What is stored, once that is known.
    pub(super) stored: RwSignal<Option<DetailedImage>>,
    /// Why it isn't known, or why what was typed isn't stored.
    pub(super) problem: RwSignal<Option<Problem>>,
    /// Whether an answer is awaited.
    pub(super) busy: RwSignal<bool>,
    typed: StoredValue<Typed>,
    toasts: Toasts,
    say: Callback<Problem, String>,
}

impl Editing {
    /// Of the one with this key, which is shown among `images`.
    pub(super) fn new(images: RwSignal<Vec<Image>>, id: ImageId) -> Self {
        let i18n = use_i18n();
        let editing = Self {
            id,
            images,
            stored: RwSignal::new(None),
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            typed: StoredValue::new(Typed::default()),
            toasts: use_toasts(),
            say: Callback::new(move |problem| untrack(|| problem_text(i18n, &problem))),
        };
        // Not on the server: the page doesn't wait for it.
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            waiting.set_value(set_timeout_with_handle(move || editing.load(), GLANCE).ok());
        });
        on_cleanup(move || {
            if let Some(timeout) = waiting.try_update_value(Option::take).flatten() {
                timeout.clear();
            }
            editing.send();
        });
        editing
    }

    /// One of the stored details.
    pub(super) fn detail<T>(self, read: impl FnOnce(&ImageDetails) -> T) -> Option<T> {
        self.stored.with(|stored| stored.as_ref().map(|stored| read(&stored.details)))
    }

    /// Asks for the details.
    pub(super) fn load(self) {
        self.problem.set(None);
        spawn_local(async move {
            match api::image_details(self.id).await {
                Ok(found) => drop(self.stored.try_set(Some(found))),
                Err(error) => drop(self.problem.try_set(Some(error.0))),
            }
        });
    }

    /// Notes what was typed.
    pub(super) fn note(self, typed: impl FnOnce(&mut ImageChange)) {
        let note = |all: &Typed| typed(&mut all.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = self.typed.try_with_value(note);
    }

    /// Sends what was typed, and what is typed until all of that is answered.
    pub(super) fn send(self) {
        let Some(typed) = self.typed.try_get_value() else { return };
        // Whoever awaits an answer sends this afterwards.
        if self.busy.try_get_untracked() != Some(false) {
            return;
        }
        let Some(mut change) = take(&typed) else { return };
        self.busy.set(true);
        spawn_local(async move {
            loop {
                match api::change_image(self.id, change.clone()).await {
                    Ok(now) => self.show(now),
                    Err(error) => {
                        self.fail(error.0, change, &typed);
                        break;
                    }
                }
                match take(&typed) {
                    Some(later) => change = later,
                    None => break,
                }
            }
            let _ = self.busy.try_set(false);
        });
    }

    /// Shows what is stored now, here and in the gallery, whichever of them is still there.
    fn show(self, now: DetailedImage) {
        let _ = self.images.try_update(|images| {
            images
                .iter_mut()
                .filter(|image| image.id == self.id)
                .for_each(|image| *image = now.image.clone());
        });
        let _ = self.problem.try_set(None);
        let _ = self.stored.try_set(Some(now));
    }

    fn fail(self, problem: Problem, change: ImageChange, typed: &Typed) {
        // What can't be is left to the person to mend; all else can be sent again.
        if !matches!(problem, Problem::InvalidParameter { .. }) {
            let mut later = typed.lock().unwrap_or_else(PoisonError::into_inner);
            *later = change.then(mem::take(&mut later));
        }
        // A signal that is gone gives back what it was to become.
        if let Some(Some(problem)) = self.problem.try_set(Some(problem)) {
            self.toasts.fail(self.say.run(problem));
        }
    }
}

/// What was typed, if anything was; nothing is left.
fn take(typed: &Typed) -> Option<ImageChange> {
    let taken = mem::take(&mut *typed.lock().unwrap_or_else(PoisonError::into_inner));
    (taken != ImageChange::default()).then_some(taken)
}
