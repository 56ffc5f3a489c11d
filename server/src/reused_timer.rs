//! A timer that is set once for many requests.
//!
//! hyper begins a sleep before each request's head and drops it when the head is there. With one
//! of tokio's own that is an entry in and out of the runtime's wheel for every request, which for
//! an image from memory is a twentieth of the work (`docs/performance.md`). Here the entry stays:
//! when it fires although the deadline has moved on meanwhile, it is set anew.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};

type Entry = Pin<Box<tokio::time::Sleep>>;

/// For one connection, which sleeps once at a time; a second sleep beside the first has its own entry.
#[derive(Debug, Default)]
pub struct ReusedTimer {
    spare: Arc<Mutex<Option<Entry>>>,
}

impl Timer for ReusedTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let deadline = deadline.into();
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        // One that fires too early is set anew when it does.
        let entry = match spare.filter(|entry| entry.deadline() <= deadline) {
            Some(entry) => entry,
            None => Box::pin(tokio::time::sleep_until(deadline)),
        };
        Box::pin(Reused { entry: Some(entry), deadline, spare: Arc::clone(&self.spare) })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

struct Reused {
    /// There until it is dropped.
    entry: Option<Entry>,
    deadline: tokio::time::Instant,
    spare: Arc<Mutex<Option<Entry>>>,
}

impl Future for Reused {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { entry, deadline, .. } = self.get_mut();
        let Some(entry) = entry else { return Poll::Ready(()) };
        loop {
            ready!(entry.as_mut().poll(cx));
            if entry.deadline() >= *deadline {
                return Poll::Ready(());
            }
            entry.as_mut().reset(*deadline);
        }
    }
}

impl Sleep for Reused {}

impl Drop for Reused {
    fn drop(&mut self) {
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = self.entry.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    /// Seconds until a sleep begun now ends.
    async fn lasts(timer: &ReusedTimer, duration: Duration) -> u64 {
        let start = timer.now();
        timer.sleep(duration).await;
        (timer.now() - start).as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn it_fires_at_the_last_deadline_and_not_at_one_that_was_given_up() {
        let timer = ReusedTimer::default();
        for _ in 0..3 {
            let head = timer.sleep(LONG);
            tokio::time::timeout(Duration::from_secs(15), head).await.unwrap_err();
        }
        assert_eq!(lasts(&timer, LONG).await, 20);
        assert_eq!(lasts(&timer, LONG).await, 20, "one that has fired is good again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_sleep_is_no_longer_than_it_should_be() {
        let timer = ReusedTimer::default();
        drop(timer.sleep(LONG));
        assert_eq!(lasts(&timer, Duration::from_secs(5)).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_entry_stays() {
        let timer = ReusedTimer::default();
        drop(timer.sleep(LONG));
        let first = timer.spare.lock().unwrap().as_ref().unwrap().deadline();
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(timer.sleep(LONG));
        assert_eq!(timer.spare.lock().unwrap().as_ref().unwrap().deadline(), first);
    }

    #[tokio::test(start_paused = true)]
    async fn two_at_once_are_two() {
        let timer = ReusedTimer::default();
        let (long, short) = (timer.sleep(LONG), timer.sleep(Duration::from_secs(5)));
        let start = timer.now();
        short.await;
        assert_eq!((timer.now() - start).as_secs(), 5);
        long.await;
        assert_eq!((timer.now() - start).as_secs(), 20);
    }
}
