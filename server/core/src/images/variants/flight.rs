//! Single flight: of those who want the same thing at once, one makes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bytes::Bytes;
use tokio::sync::OnceCell;

use super::Key;
use crate::images::ImageError;

type Map = Mutex<HashMap<Key, Weak<OnceCell<Bytes>>>>;

/// What is being made right now. Clones share it.
#[derive(Clone, Default)]
pub(in crate::images) struct Flights(Arc<Map>);

impl Flights {
    /// The bytes that `make` answers, run by one of those who ask for `key` at the same time. If
    /// that one fails or is cancelled, the next one tries; nothing is kept once all have left.
    pub(super) async fn join<F, Making>(&self, key: Key, make: F) -> Result<Bytes, ImageError>
    where
        F: FnOnce() -> Making,
        Making: Future<Output = Result<Bytes, ImageError>>,
    {
        let seat = self.board(key);
        seat.cell.get_or_try_init(make).await.cloned()
    }

    fn board(&self, key: Key) -> Seat {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = map.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            let cell = Arc::default();
            map.insert(key, Arc::downgrade(&cell));
            cell
        });
        Seat { cell, key, map: Arc::clone(&self.0) }
    }
}

/// A place in a flight; whoever leaves last tidies up.
struct Seat {
    cell: Arc<OnceCell<Bytes>>,
    key: Key,
    map: Arc<Map>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        // Seats are taken under this lock, so one reference means that nobody else can come.
        if Arc::strong_count(&self.cell) == 1 {
            map.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use futures::{FutureExt as _, future::join_all};
    use model::types::MediaType;
    use tokio::sync::Notify;

    use super::*;

    const KEY: Key = ([7; 32], 320, MediaType::WebP);

    #[tokio::test]
    async fn many_ask_and_one_makes() {
        let (flights, made) = (Flights::default(), AtomicUsize::new(0));
        let ask = || {
            flights.join(KEY, || async {
                tokio::task::yield_now().await;
                made.fetch_add(1, SeqCst);
                Ok(Bytes::from_static(b"x"))
            })
        };
        for result in join_all((0..100).map(|_| ask())).await {
            assert_eq!(result.unwrap(), "x");
        }
        assert_eq!(made.load(SeqCst), 1);
        assert!(flights.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let flights = Flights::default();
        let failed = flights.join(KEY, || async { Err(ImageError::Worker) }).await;
        assert!(matches!(failed, Err(ImageError::Worker)));
        assert_eq!(flights.join(KEY, || async { Ok(Bytes::from_static(b"y")) }).await.unwrap(), "y");
    }

    #[tokio::test]
    async fn who_waits_goes_on_when_the_maker_is_cancelled() {
        let (flights, never) = (Flights::default(), Notify::new());
        let mut leader = Box::pin(flights.join(KEY, || async {
            never.notified().await;
            Ok(Bytes::new())
        }));
        assert!(leader.as_mut().now_or_never().is_none());
        let mut follower = Box::pin(flights.join(KEY, || async { Ok(Bytes::from_static(b"z")) }));
        assert!(follower.as_mut().now_or_never().is_none());
        drop(leader);
        assert_eq!(follower.await.unwrap(), "z");
        assert!(flights.0.lock().unwrap().is_empty());
    }
}
