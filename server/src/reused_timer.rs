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

    const HOUR: Duration = Duration::from_secs(3600);
    const MOMENT: Duration = Duration::from_millis(20);
    /// For what should end in a moment, on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn entry_of(timer: &ReusedTimer) -> tokio::time::Instant {
        timer.spare.lock().unwrap().as_ref().unwrap().deadline()
    }

    #[tokio::test]
    async fn it_fires_at_the_last_deadline_and_not_at_one_that_was_given_up() {
        let timer = ReusedTimer::default();
        drop(timer.sleep(MOMENT));
        let first = entry_of(&timer);
        let deadline = timer.now() + 3 * MOMENT;
        let sleep = timer.sleep_until(deadline);
        tokio::time::timeout(PATIENCE, sleep).await.unwrap();
        assert!(timer.now() >= deadline);
        assert!(entry_of(&timer) > first, "it was set anew");
        tokio::time::timeout(PATIENCE, timer.sleep(MOMENT)).await.expect("one that has fired is good again");
    }

    #[tokio::test]
    async fn a_shorter_sleep_is_no_longer_than_it_should_be() {
        let timer = ReusedTimer::default();
        drop(timer.sleep(HOUR));
        tokio::time::timeout(PATIENCE, timer.sleep(MOMENT)).await.unwrap();
    }

    #[tokio::test]
    async fn the_entry_stays() {
        let timer = ReusedTimer::default();
        drop(timer.sleep(HOUR));
        let first = entry_of(&timer);
        drop(timer.sleep(2 * HOUR));
        assert_eq!(entry_of(&timer), first);
    }

    #[tokio::test]
    async fn two_at_once_are_two() {
        let timer = ReusedTimer::default();
        let (long, short) = (timer.sleep(HOUR), timer.sleep(MOMENT));
        tokio::time::timeout(PATIENCE, short).await.unwrap();
        assert!(tokio::time::timeout(MOMENT, long).await.is_err());
    }
}
