//! The bounded pool on which pixels are worked.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    ImageError,
    variants::{Flights, Later, Used},
};

/// The unit in which memory is handed out; semaphores count in `u32`.
const MIB: u64 = 1024 * 1024;

/// Pictures that are edited at once. Each is two files in memory, its own and that which becomes of it.
const EDITS: usize = 2;

/// What the decoded pixels of all images under work may take together, unless set.
const DEFAULT_MEMORY: u64 = 1024 * MIB;

/// Threads for decoding, scaling and encoding, apart from those that serve.
///
/// Two budgets hold at once: how many images are worked, and how many bytes their decoded pixels
/// take in total. Cheap to clone; clones share the budgets.
#[derive(Clone)]
pub struct Workers {
    slots: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    /// All of `memory`, in MiB.
    total: u32,
    edits: Arc<Semaphore>,
    flights: Flights,
    later: Later,
    used: Used,
}

impl Workers {
    /// A pool that works `parallel` images at once (at least one), with 1 GiB of decoded memory.
    #[must_use]
    pub fn new(parallel: usize) -> Self {
        Self::with_memory(parallel, DEFAULT_MEMORY)
    }

    /// A pool that works `parallel` images at once, whose decoded pixels take at most `memory`
    /// bytes together. An image that needs more than that by itself is worked alone.
    #[must_use]
    pub fn with_memory(parallel: usize, memory: u64) -> Self {
        let parallel = parallel.clamp(1, Semaphore::MAX_PERMITS);
        let total = u32::try_from(memory.div_ceil(MIB)).unwrap_or(u32::MAX).max(1);
        Self {
            slots: Arc::new(Semaphore::new(parallel)),
            memory: Arc::new(Semaphore::new(total as usize)),
            total,
            edits: Arc::new(Semaphore::new(EDITS)),
            flights: Flights::default(),
            later: Later::default(),
            used: Used::default(),
        }
    }

    /// Runs `work`, which holds about `bytes` of decoded pixels, off the serving threads, once
    /// both budgets allow. The budgets are held until the work has ended, even if the caller no
    /// longer waits for it.
    ///
    /// # Errors
    /// What `work` answers; [`ImageError::Worker`] if it panicked or the runtime is stopping.
    pub async fn run<T, F>(&self, bytes: u64, work: F) -> Result<T, ImageError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, ImageError> + Send + 'static,
    {
        let share = u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX).min(self.total);
        // Memory first: whoever waits for it doesn't keep a slot from small images.
        let memory = Arc::clone(&self.memory).acquire_many_owned(share).await;
        let memory = memory.map_err(|_| ImageError::Worker)?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| ImageError::Worker)?;
        let task = tokio::task::spawn_blocking(move || {
            let _held = (memory, slot);
            unwound(work).unwrap_or_else(|panic| {
                tracing::error!(panic = panic_text(&*panic), "image worker panicked");
                Err(ImageError::Worker)
            })
        });
        task.await.map_err(|_| ImageError::Worker)?
    }

    /// The turn to edit a picture, which lasts as long as what is answered.
    ///
    /// # Errors
    /// [`ImageError::Worker`], never.
    pub(super) async fn edit(&self) -> Result<OwnedSemaphorePermit, ImageError> {
        Arc::clone(&self.edits).acquire_owned().await.map_err(|_| ImageError::Worker)
    }

    /// The variants being made right now.
    pub(super) const fn flights(&self) -> &Flights {
        &self.flights
    }

    /// The variants that nobody waits for.
    pub(super) const fn later(&self) -> &Later {
        &self.later
    }

    /// The variants that were wanted.
    pub(super) const fn used(&self) -> &Used {
        &self.used
    }
}

/// Runs a decoder over bytes from outside: its panic is the file's fault, not ours.
///
/// # Errors
/// What `decode` answers; [`ImageError::Broken`] if it panicked.
pub(super) fn hostile<T>(decode: impl FnOnce() -> Result<T, ImageError>) -> Result<T, ImageError> {
    unwound(decode).unwrap_or_else(|panic| {
        let text = panic_text(&*panic);
        tracing::warn!(panic = text, "decoder panicked on an upload");
        Err(ImageError::Broken(format!("the decoder panicked: {text}")))
    })
}

/// A closure that panicked is dropped with all it owned, so nothing half-changed is seen later.
fn unwound<T>(work: impl FnOnce() -> T) -> std::thread::Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_than_the_slots_run_at_once() {
        let workers = Workers::new(2);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs = (0..32).map(|_| {
            let (workers, now, most) = (workers.clone(), Arc::clone(&now), Arc::clone(&most));
            async move {
                workers
                    .run(1, move || {
                        most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(1, SeqCst);
                        Ok(())
                    })
                    .await
            }
        });
        for result in futures::future::join_all(jobs).await {
            result.unwrap();
        }
        assert!((1..=2).contains(&most.load(SeqCst)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn decoded_memory_is_shared_and_a_giant_works_alone() {
        let workers = Workers::with_memory(8, 4 * MIB);
        let held = Arc::new(Mutex::new((0_u64, 0_u64)));
        let jobs = [1, 2, 3, 3, 9, 4, 1, 2].map(|mib: u64| {
            let (workers, held) = (workers.clone(), Arc::clone(&held));
            async move {
                workers
                    .run(mib * MIB, move || {
                        let take = mib.min(4);
                        {
                            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                            held.0 += take;
                            held.1 = held.1.max(held.0);
                        }
                        std::thread::yield_now();
                        held.lock().unwrap_or_else(PoisonError::into_inner).0 -= take;
                        Ok(())
                    })
                    .await
            }
        });
        for result in futures::future::join_all(jobs).await {
            result.unwrap();
        }
        assert!(held.lock().unwrap().1 <= 4);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_its_budget_back() {
        let workers = Workers::with_memory(1, MIB);
        let panicked = workers.run::<(), _>(MIB, || panic!("bug")).await;
        assert!(matches!(panicked, Err(ImageError::Worker)));
        assert_eq!(workers.run(MIB, || Ok(7)).await.unwrap(), 7);
    }

    #[test]
    fn a_decoder_that_panics_means_a_broken_file() {
        let result = hostile::<()>(|| panic!("index out of bounds"));
        assert!(matches!(result, Err(ImageError::Broken(text)) if text.contains("index out of bounds")));
    }
}
