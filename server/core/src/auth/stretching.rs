//! Hashes of secrets that could be guessed if somebody had the database: Argon2id.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::types::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::AuthError;

/// OWASP's smallest recommended setting: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|_| AuthError::Crypto("Argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What makes two hashes of one secret differ: random, and never the same twice.
pub(crate) type Salt = [u8; 16];

/// The hash of a secret, as a PHC string.
///
/// # Errors
/// [`AuthError::Crypto`]
pub(crate) fn hash(secret: &[u8], salt: Salt) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&salt).map_err(|_| AuthError::Crypto("salt"))?;
    let hash = argon2()?.hash_password(secret, &salt).map_err(|_| AuthError::Crypto("Argon2"))?;
    Ok(hash.to_string())
}

/// Whether the hash is the secret's; without a hash, the work of one all the same.
///
/// # Errors
/// [`AuthError::Crypto`]
pub(crate) fn matches(secret: &[u8], stored: Option<&str>) -> Result<bool, AuthError> {
    let Some(stored) = stored else {
        return hash(secret, Salt::default()).map(|_| false);
    };
    let parsed = PasswordHash::new(stored).map_err(|_| AuthError::Crypto("stored hash"))?;
    Ok(argon2()?.verify_password(secret, &parsed).is_ok())
}

/// Stretched at once: each takes 19 MiB and a core, and anybody may ask for it.
const AT_ONCE: usize = 2;
/// How long somebody waits for room. Whoever waited longer would be cut off in the middle.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds after which somebody whose own work is under way may come again.
const ONE_MOMENT: u32 = 1;

/// Who has secrets stretched: one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// Somebody at their own account.
    Owner(UserId),
    /// Somebody from this address at the account with this key, or at nobody's. By the address too, or others could
    /// keep an owner from using a recovery code.
    Stranger([u8; 32], String),
    /// Whoever has the ticket with this hash.
    Enrolment(Vec<u8>),
    /// People who are counted otherwise, and who don't know of each other.
    Visitor,
}

/// Room for key stretching, of which a process has little.
#[derive(Clone)]
pub struct Stretching(Arc<Shared>);

struct Shared {
    room: Arc<Semaphore>,
    patience: Duration,
    under_way: Mutex<HashSet<Whose>>,
}

impl Default for Stretching {
    fn default() -> Self {
        Self::with(AT_ONCE, PATIENCE)
    }
}

impl fmt::Debug for Stretching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stretching").field("room", &self.0.room.available_permits()).finish_non_exhaustive()
    }
}

impl Stretching {
    /// Room for so many at once, for which one waits so long at most.
    #[must_use]
    pub fn with(at_once: usize, patience: Duration) -> Self {
        let room = Arc::new(Semaphore::new(at_once));
        Self(Arc::new(Shared { room, patience, under_way: Mutex::default() }))
    }

    /// Waits for room. To be asked for before anything is counted or used up, so that who gets none has lost nothing,
    /// and outside of transactions, since it may take a while.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`] at once while the same one has some or waits for it; [`AuthError::NoRoom`].
    pub(crate) async fn room(&self, whose: Whose) -> Result<Room, AuthError> {
        let turn = self.turn(whose)?;
        let waiting = timeout(self.0.patience, Arc::clone(&self.0.room).acquire_owned());
        let permit = waiting.await.map_err(|_| AuthError::NoRoom)?;
        Ok(Room { _permit: permit.map_err(|_| AuthError::NoRoom)?, _turn: turn })
    }

    fn turn(&self, whose: Whose) -> Result<Turn, AuthError> {
        let is_free = whose == Whose::Visitor || self.0.under_way().insert(whose.clone());
        if is_free {
            Ok(Turn { shared: Arc::clone(&self.0), whose })
        } else {
            Err(AuthError::TooManyAttempts { retry_after: ONE_MOMENT })
        }
    }
}

impl Shared {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<Whose>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's work is under way, until this is dropped.
struct Turn {
    shared: Arc<Shared>,
    whose: Whose,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.shared.under_way().remove(&self.whose);
    }
}

/// Room to stretch in.
pub(crate) struct Room {
    _permit: OwnedSemaphorePermit,
    _turn: Turn,
}

impl Room {
    /// Runs key stretching where it holds up nobody else. The room is taken until that is done, also when nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// Those of `work`; [`AuthError::Crypto`] when the process is stopping.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let to_its_end = move || {
            let done = work();
            drop(self);
            done
        };
        tokio::task::spawn_blocking(to_its_end).await.map_err(|_| AuthError::Crypto("worker stopped"))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_matches_and_its_hash_says_how_it_was_made() {
        let stored = hash(b"right", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(b"right", Some(&stored)).unwrap());
        assert!(!matches(b"wrong", Some(&stored)).unwrap());
        assert!(!matches(b"right", None).unwrap());
    }

    fn owner(n: u128) -> Whose {
        Whose::Owner(UserId(uuid::Uuid::from_u128(n)))
    }

    #[tokio::test]
    async fn there_is_room_for_one_of_each_and_for_a_few_at_all() {
        let stretching = Stretching::with(2, Duration::ZERO);
        let ada = stretching.room(owner(1)).await.unwrap();
        let again = stretching.room(owner(1)).await;
        assert!(matches!(again, Err(AuthError::TooManyAttempts { retry_after: 1 })));
        let bob = stretching.room(owner(2)).await.unwrap();
        assert!(matches!(stretching.room(owner(3)).await, Err(AuthError::NoRoom)));
        assert!(matches!(stretching.room(Whose::Visitor).await, Err(AuthError::NoRoom)));
        ada.run(|| Ok(())).await.unwrap();
        // Who had none has no turn either.
        drop(stretching.room(owner(3)).await.unwrap());
        drop(stretching.room(owner(1)).await.unwrap());
        drop(bob);
        let visitors = (stretching.room(Whose::Visitor).await, stretching.room(Whose::Visitor).await);
        assert!(visitors.0.is_ok() && visitors.1.is_ok(), "visitors don't know of each other");
    }

    #[tokio::test]
    async fn who_waits_has_a_turn_until_they_go() {
        let stretching = Stretching::with(1, Duration::from_secs(600));
        let ada = stretching.room(owner(1)).await.unwrap();
        let mut waiting = Box::pin(stretching.room(owner(2)));
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(matches!(stretching.room(owner(2)).await, Err(AuthError::TooManyAttempts { .. })));
        drop(waiting);
        drop(ada);
        stretching.room(owner(2)).await.unwrap();
    }

    #[tokio::test]
    async fn work_keeps_its_room_when_nobody_waits_for_it() {
        let stretching = Stretching::with(1, Duration::ZERO);
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (done, is_done) = tokio::sync::oneshot::channel();
        let room = stretching.room(owner(1)).await.unwrap();
        let work = tokio::spawn(room.run(move || {
            let _ = (wait.recv(), done.send(()));
            Ok(())
        }));
        tokio::task::yield_now().await;
        work.abort();
        assert!(work.await.is_err());
        assert!(matches!(stretching.room(owner(2)).await, Err(AuthError::NoRoom)));
        go.send(()).unwrap();
        is_done.await.unwrap();
    }
}
