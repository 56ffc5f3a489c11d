//! How much is fetched at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::types::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::FetchError;

/// Fetches at once, of all people; more of them wait.
pub(super) const ALL: usize = 16;
/// Of one person; more of them are refused.
pub(super) const ONE: usize = 4;

/// Room for fetches. Clones share it.
#[derive(Clone)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    people: People,
}

/// How many each person has under way.
type People = Arc<Mutex<HashMap<UserId, usize>>>;

/// Room for one.
pub(super) struct Slot {
    _all: OwnedSemaphorePermit,
    _person: Place,
}

/// One of those that a person may have.
struct Place {
    person: UserId,
    people: People,
}

impl Default for Slots {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), people: People::default() }
    }
}

impl Slots {
    /// Room for a fetch of `person`, as soon as there is some, if that is within `queue`.
    pub(super) async fn take(&self, person: UserId, queue: Duration) -> Result<Slot, FetchError> {
        let place = self.place(person)?;
        let permit = timeout(queue, Arc::clone(&self.all).acquire_owned()).await;
        let permit = permit.ok().and_then(Result::ok).ok_or(FetchError::Busy)?;
        Ok(Slot { _all: permit, _person: place })
    }

    fn place(&self, person: UserId) -> Result<Place, FetchError> {
        let mut people = lock(&self.people);
        let count = people.entry(person).or_default();
        if *count >= ONE {
            return Err(FetchError::TooMany);
        }
        *count += 1;
        Ok(Place { person, people: Arc::clone(&self.people) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut people = lock(&self.people);
        if let Some(count) = people.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                people.remove(&self.person);
            }
        }
    }
}

fn lock(people: &People) -> MutexGuard<'_, HashMap<UserId, usize>> {
    people.lock().unwrap_or_else(PoisonError::into_inner)
}
