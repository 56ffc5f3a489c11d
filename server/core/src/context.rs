//! What every use case works with.

use std::sync::Arc;

use model::{rules::links::Origins, types::ByteSize};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{Clock, auth::authenticator::RotationPolicy, images::Workers, keys::Keyring};

/// Settings of the domain; the process reads them from flags and environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the instance is reached.
    pub origins: Origins,
    /// Space a new account has.
    pub quota: ByteSize,
    /// What an upload may be.
    pub intake: crate::images::IntakeLimits,
    /// The name authenticator apps show.
    pub issuer: String,
    /// When a secret is old enough for another one.
    pub rotation: RotationPolicy,
}

/// Database, keys, workers, clock and settings. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    /// Connections to PostgreSQL.
    pub pool: PgPool,
    /// Keys that seal secrets and make selectors.
    pub keys: Arc<Keyring>,
    /// The bounded pool on which pixels are worked.
    pub workers: Workers,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Settings.
    pub settings: Arc<Settings>,
}

impl Core {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
