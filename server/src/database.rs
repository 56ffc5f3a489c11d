//! The database: the one that was named, or a private one.

use std::{sync::Arc, time::Duration};

use reflect_core::{Core, SystemClock, db, images::Workers};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::config::{KeyError, SiteConfig, StoreConfig, keyring};

/// Longest wait for a free connection before a request is told to come again.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The one that was named doesn't answer.
    #[error("DATABASE_URL: the database cannot be reached: {0}")]
    Unreachable(sqlx::Error),
    /// It is too old.
    #[error("the database is PostgreSQL {0}; reflect needs 14 or later")]
    TooOld(String),
    /// The schema can't be brought up to date.
    #[error("the schema cannot be brought up to date: {0}. Was the database used by a newer reflect?")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Connections, and the private server if there is one.
pub struct Database {
    pool: PgPool,
}

impl Database {
    /// Opens the database, starting a private one where none is named, and migrates it.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, DatabaseError> {
        let url = config.database_url.clone().unwrap_or_default();
        let pool = PgPoolOptions::new()
            .max_connections(config.database_connections)
            .acquire_timeout(ACQUIRE)
            .connect(&url)
            .await
            .map_err(DatabaseError::Unreachable)?;
        check_version(&pool).await?;
        db::migrate(&pool).await?;
        Ok(Self { pool })
    }

    /// The domain over this database.
    pub(crate) fn core(&self, store: &StoreConfig, site: &SiteConfig) -> Result<Core, KeyError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Core {
            pool: self.pool.clone(),
            keys: Arc::new(keyring(store.secret_key.as_deref(), &store.data_dir)?),
            workers: Workers::with_memory(site.workers.unwrap_or(cores), site.decode_memory.bytes()),
            clock: Arc::new(SystemClock),
            settings: Arc::new(site.settings()),
        })
    }

    /// Ends the connections, and the private server.
    pub(crate) async fn close(self) {
        self.pool.close().await;
    }
}

async fn check_version(pool: &PgPool) -> Result<(), DatabaseError> {
    let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(pool)
        .await
        .map_err(DatabaseError::Unreachable)?;
    if number < 140_000 { Err(DatabaseError::TooOld(format!("{}", number / 10_000))) } else { Ok(()) }
}
