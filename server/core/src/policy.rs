//! What administrators change while the instance runs. Start-up settings are what holds until then.

use std::sync::{Arc, PoisonError, RwLock};

use model::types::{Action, AuditDetails, Decision, Policy, PolicyInForce, Setting};
use serde_json::{Map, Value};
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

use crate::{
    Core,
    admin::require_standing,
    audit::{By, Event, record},
    auth::AuthError,
    db,
};

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

    fn put(&self, policy: Option<Arc<Policy>>, at: OffsetDateTime) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = policy.map(|policy| Read { at, policy });
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
        let (policy, _) = self.read_policy(&mut *self.pool.acquire().await?).await?;
        let policy = Arc::new(policy);
        self.policy_cache.put(Some(Arc::clone(&policy)), now);
        Ok(policy)
    }

    /// What holds now, and what of it administrators decided.
    ///
    /// # Errors
    /// The database.
    pub async fn policy_in_force(&self) -> Result<PolicyInForce, sqlx::Error> {
        let (now, decided) = self.read_policy(&mut *self.pool.acquire().await?).await?;
        Ok(PolicyInForce { now, at_start: self.settings.policy.clone(), decided })
    }

    async fn read_policy(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Policy, Vec<Setting>), sqlx::Error> {
        let rows: Vec<(String, Json<Value>)> =
            sqlx::query_as("SELECT name, value FROM settings").fetch_all(connection).await?;
        let mut policy = self.settings.policy.clone();
        let mut decided = Vec::new();
        // A setting that this version doesn't know stays for the one that does.
        for (name, Json(value)) in rows {
            let Some(setting) = Setting::ALL.into_iter().find(|known| known.as_str() == name) else {
                continue;
            };
            match with(&policy, setting, value) {
                Ok(changed) => {
                    policy = changed;
                    decided.push(setting);
                }
                // Another version took it; what holds at start is better than no policy at all.
                Err(error) => tracing::warn!(%error, setting = name, "a stored setting can't be read"),
            }
        }
        Ok((policy, decided))
    }

    /// Changes a part of it for every node.
    ///
    /// # Errors
    /// The database, randomness.
    pub async fn decide(&self, by: By<'_>, decision: Decision) -> Result<(), AuthError> {
        self.decide_all(by, &[decision]).await
    }

    /// Changes several parts at once, or none.
    ///
    /// # Errors
    /// The database, randomness.
    pub async fn decide_all(&self, by: By<'_>, decisions: &[Decision]) -> Result<(), AuthError> {
        let mut changes = Vec::with_capacity(decisions.len());
        for decision in decisions {
            let value = serde_json::to_value(decision).map_err(decode)?;
            changes.push((decision.setting(), Some(value.get("value").cloned().unwrap_or_default())));
        }
        self.change(by, changes).await
    }

    /// Goes back to what holds at start, for every node.
    ///
    /// # Errors
    /// The database, randomness.
    pub async fn undecide(&self, by: By<'_>, setting: Setting) -> Result<(), AuthError> {
        self.change(by, vec![(setting, None)]).await
    }

    async fn change(&self, by: By<'_>, changes: Vec<(Setting, Option<Value>)>) -> Result<(), AuthError> {
        let mut transaction = self.pool.begin().await?;
        require_standing(&mut transaction, self, by).await?;
        // So that what is recorded as the value before is.
        db::lock(&mut transaction, b"policy").await?;
        for (setting, value) in changes {
            self.change_one(&mut transaction, by, setting, value).await?;
        }
        transaction.commit().await?;
        self.policy_cache.put(None, self.now());
        Ok(())
    }

    async fn change_one(
        &self,
        connection: &mut PgConnection,
        by: By<'_>,
        setting: Setting,
        value: Option<Value>,
    ) -> Result<(), AuthError> {
        let (before, _) = self.read_policy(connection).await?;
        let query = match value {
            Some(value) => sqlx::query(
                "INSERT INTO settings (name, value, changed_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET value = $2, changed_at = $3",
            )
            .bind(setting.as_str())
            .bind(Json(value))
            .bind(self.now()),
            None => sqlx::query("DELETE FROM settings WHERE name = $1").bind(setting.as_str()),
        };
        query.execute(&mut *connection).await?;
        let (after, _) = self.read_policy(connection).await?;
        let changed = AuditDetails::changed(before.text(setting), after.text(setting));
        let details = AuditDetails { name: Some(setting.as_str().to_owned()), ..changed };
        record(connection, self, &Event::new(by, None, Action::SettingChanged).with(details)).await
    }
}

/// `policy` with another value in one place.
fn with(policy: &Policy, setting: Setting, value: Value) -> Result<Policy, serde_json::Error> {
    let mut values: Map<String, Value> = serde_json::from_value(serde_json::to_value(policy)?)?;
    values.insert(setting.as_str().to_owned(), value);
    serde_json::from_value(Value::Object(values))
}

fn decode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

#[cfg(test)]
mod tests {
    use model::types::SignUpMode;
    use sqlx::PgPool;
    use time::macros::datetime;

    use super::*;
    use crate::{ManualClock, testing};

    #[sqlx::test(migrator = "db::MIGRATOR")]
    async fn a_change_holds_here_at_once_and_elsewhere_within_seconds(pool: PgPool) {
        let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
        let here = testing::core_at(pool.clone(), Arc::clone(&clock));
        let elsewhere = testing::core_at(pool, Arc::clone(&clock));
        let first = elsewhere.policy().await.unwrap();
        assert_eq!(*first, here.settings.policy, "what it was started with");
        let seven = "7 MiB".parse().unwrap();
        here.decide(By::SYSTEM, Decision::SignUp(SignUpMode::Open)).await.unwrap();
        here.decide(By::SYSTEM, Decision::Quota(seven)).await.unwrap();
        let changed = Policy { sign_up: SignUpMode::Open, quota: seven, ..Policy::clone(&first) };
        assert_eq!(*here.policy().await.unwrap(), changed);
        clock.advance(Duration::milliseconds(4999));
        assert_eq!(elsewhere.policy().await.unwrap(), first);
        clock.advance(Duration::milliseconds(1));
        assert_eq!(*elsewhere.policy().await.unwrap(), changed);
    }

    #[sqlx::test(migrator = "db::MIGRATOR")]
    async fn what_was_decided_is_told_and_can_be_taken_back(pool: PgPool) {
        let core = testing::core(pool);
        assert_eq!(core.policy_in_force().await.unwrap().decided, []);
        for setting in Setting::ALL {
            let same = setting.read(&core.settings.policy.text(setting)).unwrap();
            core.decide(By::SYSTEM, same).await.unwrap();
            let force = core.policy_in_force().await.unwrap();
            assert_eq!((force.now, force.decided), (core.settings.policy.clone(), vec![setting]));
            core.undecide(By::SYSTEM, setting).await.unwrap();
        }
        core.decide(By::SYSTEM, Decision::EmailRequired(true)).await.unwrap();
        assert!(core.policy().await.unwrap().email_required);
        core.undecide(By::SYSTEM, Setting::EmailRequired).await.unwrap();
        assert_eq!(*core.policy().await.unwrap(), core.settings.policy);
    }

    #[sqlx::test(migrator = "db::MIGRATOR")]
    async fn settings_of_another_version_are_left_alone_and_harm_nothing(pool: PgPool) {
        let core = testing::core(pool);
        let stored = "INSERT INTO settings VALUES ('of_tomorrow', '7', now()), ('session_hours', '99', now()), \
                      ('email_required', 'true', now())";
        sqlx::query(stored).execute(&core.pool).await.unwrap();
        core.decide(By::SYSTEM, Decision::SignUp(SignUpMode::Closed)).await.unwrap();
        let force = core.policy_in_force().await.unwrap();
        assert_eq!(force.now.session_hours, force.at_start.session_hours);
        assert!(force.now.email_required && !force.decided.contains(&Setting::SessionHours));
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM settings WHERE name = 'of_tomorrow'")
            .fetch_one(&core.pool)
            .await
            .unwrap();
        assert_eq!(kept, 1);
    }
}
