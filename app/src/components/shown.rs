//! The part of the gallery that is in the page.

use std::collections::HashSet;

use leptos::prelude::*;
use model::types::{Image, ImageId, Stretch};

/// Images that follow each other, and where the gallery goes on. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The images, newest first.
    pub images: RwSignal<Vec<Image>>,
    /// All newer images are newer than this one's key; there are none without.
    pub newer: RwSignal<Option<ImageId>>,
    /// All older images are older than this one's key; there are none without.
    pub older: RwSignal<Option<ImageId>>,
    /// Images with which a row begins. So rows stay as they are when others come before them.
    pub seams: RwSignal<Vec<ImageId>>,
    /// What was taken away: answers on their way may have it still.
    gone: StoredValue<Vec<ImageId>>,
    /// Keeps what is seen where it is when the images change.
    hold: StoredValue<Option<Callback<()>>>,
}

impl Shown {
    /// Begins with a stretch.
    #[must_use]
    pub fn new(stretch: Stretch) -> Self {
        let shown = Self {
            images: RwSignal::default(),
            newer: RwSignal::default(),
            older: RwSignal::default(),
            seams: RwSignal::default(),
            gone: StoredValue::default(),
            hold: StoredValue::default(),
        };
        shown.set(stretch);
        shown
    }

    /// Shows a stretch from elsewhere.
    pub fn set(self, stretch: Stretch) {
        let Stretch { images, has_newer, has_older } = stretch;
        let key = |image: Option<&Image>| image.map(|image| image.id);
        // A stretch without images lies below all that there is.
        let first = key(images.first()).unwrap_or_default();
        self.newer.set(has_newer.then_some(first));
        self.older.set(key(images.last()).filter(|_| has_older));
        self.images.set(self.left_of(images));
    }

    /// Images without those that were taken away meanwhile.
    pub fn left_of(self, images: Vec<Image>) -> Vec<Image> {
        self.gone.with_value(|gone| images.into_iter().filter(|image| !gone.contains(&image.id)).collect())
    }

    /// Takes images away, until they are inserted again.
    pub fn take_away(self, ids: &HashSet<ImageId>) {
        self.hold();
        let _ = self.gone.try_update_value(|gone| gone.extend(ids));
        let _ = self.images.try_update(|images| images.retain(|image| !ids.contains(&image.id)));
    }

    /// Has `hold` called before images come or go.
    pub fn hold_by(self, hold: Callback<()>) {
        self.hold.set_value(Some(hold));
    }

    /// To be called before images come or go: what is seen stays where it is. The gallery may have been left.
    pub fn hold(self) {
        if let Some(Some(hold)) = self.hold.try_get_value() {
            hold.try_run(());
        }
    }

    /// Whether there is nothing, here or elsewhere.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.images.with(Vec::is_empty)
            && self.newer.with(Option::is_none)
            && self.older.with(Option::is_none)
    }

    /// Puts images where they belong, if that is here.
    pub fn insert(self, mut found: Vec<Image>) {
        self.gone.update_value(|gone| gone.retain(|id| found.iter().all(|image| image.id != *id)));
        let (newer, older) = (self.newer.get_untracked(), self.older.get_untracked());
        let is_here = |image: &Image| {
            newer.is_none_or(|edge| image.id <= edge) && older.is_none_or(|edge| image.id >= edge)
        };
        self.images.with_untracked(|images| {
            found.retain(|image| is_here(image) && images.iter().all(|known| known.id != image.id));
        });
        if found.is_empty() {
            return;
        }
        self.hold();
        self.images.update(|images| {
            images.extend(found);
            images.sort_by_key(|image| std::cmp::Reverse(image.id));
            images.dedup_by_key(|image| image.id);
        });
    }
}
