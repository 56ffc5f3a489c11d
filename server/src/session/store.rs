//! The store behind the session cookie.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use model::types::UserId;
use reflect_core::{
    Core,
    auth::session::{self, Insertion, Lifetime, SIGNED_IN, SignedIn},
};
use serde::Deserialize as _;
use serde_json::Value;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Sessions in PostgreSQL, by the hash of their id.
#[derive(Clone)]
pub struct Sessions {
    core: Core,
}

impl Sessions {
    /// Sessions that live as long as the policy of `core` says.
    #[must_use]
    pub const fn new(core: Core) -> Self {
        Self { core }
    }

    async fn lifetime(&self) -> Result<Lifetime> {
        Ok(Lifetime::of(&*self.core.policy().await.map_err(backend)?))
    }

    /// The person and the data of a record, as they are stored.
    fn parts(record: &Record) -> Result<(Option<UserId>, Value)> {
        let signed_in = record.data.get(SIGNED_IN).map(SignedIn::deserialize);
        let user = signed_in.and_then(std::result::Result::ok).map(|signed_in| signed_in.user);
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        Ok((user, data))
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (user, data) = Self::parts(record)?;
        let (now, lifetime) = (self.core.now(), self.lifetime().await?);
        // 128 random bits: a second try is never needed, and an id is never taken over.
        for _ in 0..2 {
            let id = self.core.random.bytes().map_err(|error| Error::Backend(error.to_string()))?;
            let inserted = session::insert(&self.core.pool, &id, user, &data, lifetime, now).await;
            match inserted.map_err(backend)? {
                // One that has ended is as one that ends a moment later: nothing is there by its id.
                Insertion::Stored | Insertion::Ended => {
                    record.id = Id(i128::from_be_bytes(id));
                    return Ok(());
                }
                Insertion::Taken => {}
            }
        }
        Err(Error::Backend("no free session id".into()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (user, data) = Self::parts(record)?;
        let id = record.id.0.to_be_bytes();
        let lifetime = self.lifetime().await?;
        session::update(&self.core.pool, &id, user, &data, lifetime, self.core.now()).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let bytes = id.0.to_be_bytes();
        let found = session::load(&self.core.pool, &bytes, self.lifetime().await?, self.core.now());
        let Some(stored) = found.await.map_err(backend)? else { return Ok(None) };
        let data: HashMap<String, Value> =
            serde_json::from_value(stored.data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: stored.expires_at }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::delete(&self.core.pool, &id.0.to_be_bytes()).await.map_err(backend)
    }
}

#[cfg(test)]
mod tests {
    use reflect_core::testing::{self, filling};
    use sqlx::PgPool;
    use time::OffsetDateTime;

    use super::*;

    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn an_id_that_is_taken_is_drawn_again_and_never_taken_over(pool: PgPool) {
        let core = testing::core(pool);
        let create = async |script: &[u8]| {
            let store = Sessions::new(Core { random: filling(script.iter().copied()), ..core.clone() });
            let (data, expiry_date) = (HashMap::new(), OffsetDateTime::UNIX_EPOCH);
            let mut record = Record { id: Id(0), data, expiry_date };
            store.create(&mut record).await.map(|()| record.id)
        };
        let id = |byte: u8| Id(i128::from_be_bytes([byte; 16]));
        assert_eq!(create(&[7]).await.unwrap(), id(7));
        assert_eq!(create(&[7, 8]).await.unwrap(), id(8));
        assert!(create(&[7, 8, 9]).await.is_err());
        assert!(create(&[]).await.is_err(), "no id that could be guessed");
    }
}
