//! Variants that take long: one after the other, and where something else can be sent meanwhile nobody waits for them.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Key;
use crate::images::ImageError;

/// How many wait, at most. Who asks again has the others made.
const MOST: usize = 64;

/// What is made, or to be made, while something else is sent. Clones share it.
#[derive(Clone)]
pub(in crate::images) struct Later {
    waiting: Arc<watch::Sender<HashSet<Key>>>,
    turn: Arc<Semaphore>,
}

impl Default for Later {
    fn default() -> Self {
        Self { waiting: Arc::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Later {
    /// Has `make` done, unless that waits already, or too much does.
    pub(super) fn run(&self, key: Key, make: impl Future<Output = ()> + Send + 'static) {
        if !self.waiting.send_if_modified(|waiting| waiting.len() < MOST && waiting.insert(key)) {
            return;
        }
        let place = Place { key, waiting: Arc::clone(&self.waiting) };
        tokio::spawn(async move {
            let _place = place;
            make.await;
        });
    }

    /// The turn to make what takes long, which lasts as long as what is answered: the other workers are for what
    /// somebody waits for.
    ///
    /// # Errors
    /// [`ImageError::Worker`], never.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, ImageError> {
        Arc::clone(&self.turn).acquire_owned().await.map_err(|_| ImageError::Worker)
    }

    /// Waits until nothing is left to be made.
    pub(super) async fn done(&self) {
        // It fails where nobody can add anything any more.
        let _ = self.waiting.subscribe().wait_for(HashSet::is_empty).await;
    }
}

/// A place among what waits, given up even where making it panics.
struct Place {
    key: Key,
    waiting: Arc<watch::Sender<HashSet<Key>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.send_modify(|waiting| {
            waiting.remove(&self.key);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use model::types::MediaType;

    use super::*;

    fn key(number: usize) -> Key {
        ([7; 32], number as u32, MediaType::Avif)
    }

    #[tokio::test]
    async fn each_is_made_once_one_after_the_other_and_no_more_than_may_wait() {
        let later = Later::default();
        let (made, now) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        for number in (0..MOST * 2).flat_map(|number| [number, number]) {
            let (made, now, turns) = (Arc::clone(&made), Arc::clone(&now), later.clone());
            later.run(key(number), async move {
                let _turn = turns.turn().await.unwrap();
                assert_eq!(now.fetch_add(1, SeqCst), 0);
                tokio::task::yield_now().await;
                now.fetch_sub(1, SeqCst);
                made.fetch_add(1, SeqCst);
            });
        }
        later.done().await;
        assert_eq!(made.load(SeqCst), MOST);
    }

    #[tokio::test]
    async fn what_panics_makes_room() {
        let later = Later::default();
        later.run(key(1), async { panic!("bug") });
        later.done().await;
        let (told, hear) = tokio::sync::oneshot::channel();
        later.run(key(1), async move { told.send(()).unwrap() });
        hear.await.unwrap();
    }
}
