//! The database: migrations and what its errors mean.

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool, migrate::MigrateError};

/// The migrations, compiled in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Brings the schema up to date. Several processes may do so at once: sqlx takes an advisory lock.
///
/// # Errors
/// When the database can't be reached, or its schema is newer than or differs from ours.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(pool).await
}

/// Waits until no other transaction holds the lock of this name, and holds it until this one ends.
///
/// # Errors
/// The database.
pub async fn lock(connection: &mut PgConnection, name: &[u8]) -> Result<(), sqlx::Error> {
    let digest = Sha256::digest(name);
    let (key, _) = digest.split_at(8);
    let key = i64::from_be_bytes(key.try_into().unwrap_or_default());
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(connection).await?;
    Ok(())
}

/// The name of the constraint that `error` violated, if it is such an error.
#[must_use]
pub fn violated_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

/// Whether the database was out of reach, so that the same request may well succeed later.
#[must_use]
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Classes 08 (connection), 53 (resources), 57 (operator intervention: shutdown, crash).
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|c| c.starts_with("08") || c.starts_with("53") || c.starts_with("57P"))
        }
        _ => false,
    }
}

/// What a database error means to the caller; the text goes to the log only.
#[must_use]
pub fn problem(error: &sqlx::Error) -> model::Problem {
    if is_outage(error) {
        tracing::warn!(%error, "database out of reach");
        model::Problem::Unavailable { retry_after: 5 }
    } else {
        tracing::error!(%error, "database error");
        model::Problem::Internal
    }
}
