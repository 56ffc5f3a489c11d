//! Which variants were wanted.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use super::Key;

/// Variants that were read for the first time today, until that is written down. Clones share it.
#[derive(Clone, Default)]
pub(in crate::images) struct Used(Arc<Mutex<HashSet<Key>>>);

impl Used {
    pub(super) fn note(&self, key: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }

    pub(super) fn take(&self) -> Vec<Key> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}
