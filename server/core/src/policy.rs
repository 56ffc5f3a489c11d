//! What administrators change while the instance runs. Start-up settings are what holds until then.

use std::sync::{Arc, PoisonError, RwLock};

use model::types::Policy;
use serde_json::{Map, Value};
use sqlx::types::Json;
use time::{Duration, OffsetDateTime};

use crate::Core;

/// How long another node's change may take to be seen here.
const FRESH: Duration = Duration::seconds(5);

/// The policy as it was last read. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct PolicyCache(Arc<RwLock<Option<Read>>>);

/// What was read, and when.
#[derive(Clone, Debug)]
struct Read {
    at: OffsetDateTime,
    policy: Arc<Policy>,
}

impl PolicyCache {
    fn get(&self, now: OffsetDateTime) -> Option<Arc<Policy>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|read| now - read.at < FRESH).map(|read| Arc::clone(&read.policy))
    }

    fn put(&self, policy: Arc<Policy>, at: OffsetDateTime) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Read { at, policy });
    }
}

impl Core {
    /// What holds now, at most five seconds old.
    ///
    /// # Errors
    /// The database.
    pub async fn policy(&self) -> Result<Arc<Policy>, sqlx::Error> {
        let now = self.now();
        if let Some(policy) = self.policy_cache.get(now) {
            return Ok(policy);
        }
        let rows: Vec<(String, Json<Value>)> =
            sqlx::query_as("SELECT name, value FROM settings").fetch_all(&self.pool).await?;
        let mut values = as_map(&self.settings.policy)?;
        // A setting that this version doesn't know stays for the one that does.
        for (name, Json(value)) in rows {
            if let Some(known) = values.get_mut(&name) {
                *known = value;
            }
        }
        let policy: Policy = serde_json::from_value(Value::Object(values)).map_err(decode)?;
        let policy = Arc::new(policy);
        self.policy_cache.put(Arc::clone(&policy), now);
        Ok(policy)
    }

    /// Changes it for every node.
    ///
    /// # Errors
    /// The database.
    pub async fn set_policy(&self, policy: &Policy) -> Result<(), sqlx::Error> {
        let now = self.now();
        let mut transaction = self.pool.begin().await?;
        for (name, value) in as_map(policy)? {
            sqlx::query(
                "INSERT INTO settings (name, value, changed_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET value = $2, changed_at = $3 WHERE settings.value <> $2",
            )
            .bind(name)
            .bind(Json(value))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        self.policy_cache.put(Arc::new(policy.clone()), now);
        Ok(())
    }
}

fn as_map(policy: &Policy) -> Result<Map<String, Value>, sqlx::Error> {
    match serde_json::to_value(policy).map_err(decode)? {
        Value::Object(values) => Ok(values),
        _ => Ok(Map::new()),
    }
}

fn decode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

#[cfg(test)]
mod tests {
    use model::types::{ByteSize, SignUpMode};
    use sqlx::PgPool;
    use time::macros::datetime;

    use super::*;
    use crate::{ManualClock, testing};

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn a_change_holds_here_at_once_and_elsewhere_within_seconds(pool: PgPool) {
        let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
        let here = testing::core_at(pool.clone(), Arc::clone(&clock));
        let elsewhere = testing::core_at(pool, Arc::clone(&clock));
        let first = elsewhere.policy().await.unwrap();
        assert_eq!(*first, here.settings.policy, "what it was started with");
        let changed = Policy { sign_up: SignUpMode::Open, quota: ByteSize::mib(7), ..Policy::clone(&first) };
        here.set_policy(&changed).await.unwrap();
        assert_eq!(*here.policy().await.unwrap(), changed);
        clock.advance(Duration::milliseconds(4999));
        assert_eq!(elsewhere.policy().await.unwrap(), first);
        clock.advance(Duration::milliseconds(1));
        assert_eq!(*elsewhere.policy().await.unwrap(), changed);
    }

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn a_setting_of_another_version_is_left_alone(pool: PgPool) {
        let core = testing::core(pool);
        sqlx::query("INSERT INTO settings VALUES ('of_tomorrow', '7', now())")
            .execute(&core.pool)
            .await
            .unwrap();
        let policy = core.policy().await.unwrap();
        core.set_policy(&policy).await.unwrap();
        let kept: Json<Value> = sqlx::query_scalar("SELECT value FROM settings WHERE name = 'of_tomorrow'")
            .fetch_one(&core.pool)
            .await
            .unwrap();
        assert_eq!(kept.0, 7);
    }
}
