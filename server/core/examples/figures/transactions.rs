//! How many transactions a database has seen. A statement outside of one is a transaction of its own.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};

use crate::Result;

/// PostgreSQL's connections that rest tell what they did last within ten seconds (`PGSTAT_IDLE_INTERVAL`).
const TOLD: Duration = Duration::from_secs(11);

/// Answers how many there were.
#[tokio::main]
pub async fn run(url: &str) -> Result<i64> {
    tokio::time::sleep(TOLD).await;
    let mut connection = PgConnection::connect(url).await?;
    let count = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    Ok(sqlx::query_scalar(count).fetch_one(&mut connection).await?)
}
