//! The database: the one that was named, or a private one.

use std::{sync::Arc, time::Duration};

use reflect_cluster::{Binaries, Cluster, ClusterError, GiveUp, Settings};
use reflect_core::{
    Core, PolicyCache, SystemClock,
    auth::Stretching,
    db,
    images::{Workers, library::ImageChanges},
    keys::{self, Keyring},
    random::Random,
};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::config::{KeyError, KeySource, SiteConfig, StoreConfig};

/// Longest wait for a free connection before a request is told to come again.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Connections to the private cluster, which takes 50.
const PRIVATE_CONNECTIONS: u32 = 32;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The one that was named doesn't answer.
    #[error("DATABASE_URL: the database cannot be reached: {0}")]
    Unreachable(sqlx::Error),
    /// The private one doesn't start.
    #[error(transparent)]
    Private(#[from] ClusterError),
    /// Starting it was given up.
    #[error("starting PostgreSQL was interrupted")]
    Interrupted,
    /// It is too old.
    #[error("the database is PostgreSQL {0}; reflect needs 14 or later")]
    TooOld(String),
    /// The schema can't be brought up to date.
    #[error("the schema cannot be brought up to date: {0}. Was the database used by a newer reflect?")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Who opens the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opener {
    /// The server: it starts the private cluster and owns it.
    Server,
    /// A command: it uses the cluster of a running server, or starts one for itself.
    Command,
}

/// Connections, and the private cluster if we run one.
pub struct Database {
    pool: PgPool,
    cluster: Option<Cluster>,
}

impl Database {
    /// Opens the database, starting a private one where none is named, and migrates it.
    pub(crate) async fn open(config: &StoreConfig, opener: Opener) -> Result<Self, DatabaseError> {
        let (url, cluster) = match &config.database_url {
            Some(url) => (url.clone(), None),
            None => private(config.clone(), opener).await?,
        };
        // The private one takes no more, and a command beside the server needs some too.
        let most = if config.database_url.is_none() { PRIVATE_CONNECTIONS } else { u32::MAX };
        let pool = PgPoolOptions::new()
            .max_connections(config.database_connections.min(most))
            .acquire_timeout(ACQUIRE)
            .connect(&url)
            .await
            .map_err(DatabaseError::Unreachable)?;
        check_version(&pool).await?;
        db::migrate(&pool).await?;
        Ok(Self { pool, cluster })
    }

    /// The domain over this database, with every key that it needs.
    pub(crate) async fn core(&self, store: &StoreConfig, site: &SiteConfig) -> Result<Core, KeyError> {
        let core = self.core_to_look_at(store, site).await?;
        let missing = keys::missing(&self.pool, &core.keys.ids()).await?;
        KeySource::new(store).check(&missing)?;
        Ok(core)
    }

    /// The domain with the keys at hand: what is written with too few of them can do harm.
    pub(crate) async fn core_to_look_at(
        &self,
        store: &StoreConfig,
        site: &SiteConfig,
    ) -> Result<Core, KeyError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Core {
            pool: self.pool.clone(),
            keys: Arc::new(self.keys(&KeySource::new(store)).await?),
            workers: Workers::with_memory(site.workers.unwrap_or(cores), site.decode_memory.bytes()),
            stretching: Stretching::default(),
            clock: Arc::new(SystemClock),
            random: Random::system(),
            settings: Arc::new(site.settings()),
            policy_cache: PolicyCache::default(),
            image_changes: ImageChanges::default(),
        })
    }

    /// The keys. A new one is made only for a database that needs no other.
    async fn keys(&self, source: &KeySource) -> Result<Keyring, KeyError> {
        loop {
            if let Some(keys) = source.ring()? {
                return Ok(keys);
            }
            source.check(&keys::missing(&self.pool, &[]).await?)?;
            source.make()?;
        }
    }

    /// Ends the connections, and the private cluster if we run one.
    pub(crate) async fn close(self) {
        self.pool.close().await;
        if let Some(cluster) = self.cluster {
            // It waits for PostgreSQL's checkpoint.
            drop(tokio::task::spawn_blocking(|| cluster.stop()).await);
        }
    }
}

/// Has a start end with whoever waits for it.
struct Wanted(GiveUp);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.tell();
    }
}

/// The address of the private cluster, and the cluster if it is ours to stop.
async fn private(config: StoreConfig, opener: Opener) -> Result<(String, Option<Cluster>), DatabaseError> {
    let wanted = Wanted(GiveUp::default());
    let give_up = wanted.0.clone();
    let start = move || {
        let data_dir = &config.data_dir;
        let found = Binaries::find(config.pg_bin.as_deref(), config.path.as_deref(), Some(data_dir));
        let started = found
            .and_then(|binaries| Cluster::start(&Settings { give_up, ..Settings::new(binaries, data_dir) }));
        match started {
            Ok(cluster) => Ok((cluster.url().to_owned(), Some(cluster))),
            // Beside a server it takes no programs: that may have them from a place that it alone was told of.
            Err(
                error @ (ClusterError::InUse { .. }
                | ClusterError::NoBinaries { .. }
                | ClusterError::UselessBinaries { .. }),
            ) if opener == Opener::Command => {
                Cluster::url_of_running(data_dir).map(|url| (url, None)).ok_or(error)
            }
            Err(error) => Err(error),
        }
    };
    let started = tokio::task::spawn_blocking(start).await.map_err(|_| DatabaseError::Interrupted)?;
    Ok(started?)
}

async fn check_version(pool: &PgPool) -> Result<(), DatabaseError> {
    let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(pool)
        .await
        .map_err(DatabaseError::Unreachable)?;
    if number < 140_000 { Err(DatabaseError::TooOld(format!("{}", number / 10_000))) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;
    use reflect_core::{auth::enrolment, testing};

    use super::*;

    #[derive(Parser)]
    struct Everything {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        site: SiteConfig,
    }

    #[sqlx::test(migrator = "db::MIGRATOR")]
    async fn without_the_key_that_is_needed_nothing_starts_and_none_is_made(pool: PgPool) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let database = Database { pool: pool.clone(), cluster: None };
        let start = async |more: &[&str]| {
            let arguments = ["reflect", "--data-dir", data.to_str().unwrap()];
            let Everything { store, site } = Everything::parse_from(arguments.iter().chain(more));
            database.core(&store, &site).await.map(|core| core.keys.ids())
        };
        // Sealed with a key that comes from elsewhere.
        enrolment::enrol_now(&testing::core(pool), "ada".parse().unwrap(), None, true).await.unwrap();
        let (seven, nine) = ("07".repeat(32), "09".repeat(32));
        let id = |byte| Keyring::from_secret([byte; 32]).id();
        for arguments in [&[][..], &["--secret-key", &nine]] {
            let refused = start(arguments).await;
            assert!(
                matches!(&refused, Err(KeyError::Missing { key_id, needed, .. })
                    if *key_id == id(7) && needed.contains("1 authenticators") && needed.contains("audit log")),
                "{refused:?}"
            );
            assert!(!fs::exists(&data).unwrap(), "a new key would only make it worse");
        }
        assert_eq!(start(&["--secret-key", &seven]).await.unwrap(), [id(7)]);
        let both = start(&["--secret-key", &nine, "--secret-key-fallbacks", &seven]).await;
        assert_eq!(both.unwrap(), [id(9), id(7)]);
        let lost = start(&["--lost-secret-keys", &id(7)]).await.unwrap();
        assert!(lost.len() == 1 && lost != [id(7)], "{lost:?}");
        assert!(fs::exists(data.join("secret.key")).unwrap());
    }
}
