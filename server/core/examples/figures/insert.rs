//! The least that storing the same bytes takes: rows of chunks in a table like `blob_chunks`, and a commit for
//! every file. Nothing is received, looked at, scaled or hashed.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use reflect_core::images::store::CHUNK;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinSet;

use crate::Result;

/// Chunks in one statement, as reflect sends them: 4 MiB.
const BATCH: usize = 16;

/// Inserts the files from `tasks` tasks over one pool. Answers how long that took; the table is gone after.
#[tokio::main]
pub async fn run(url: &str, pool: u32, tasks: usize, files: Vec<PathBuf>) -> Result<Duration> {
    let pool = PgPoolOptions::new().max_connections(pool).connect(url).await?;
    sqlx::raw_sql(
        "DROP TABLE IF EXISTS bench_chunks; \
         CREATE TABLE bench_chunks (hash bytea NOT NULL, number integer NOT NULL, data bytea NOT NULL, \
             PRIMARY KEY (hash, number)); \
         ALTER TABLE bench_chunks ALTER COLUMN data SET STORAGE EXTERNAL",
    )
    .execute(&pool)
    .await?;
    let work = Arc::new((files, AtomicUsize::new(0)));
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (pool, work) = (pool.clone(), Arc::clone(&work));
        running.spawn(async move {
            let (files, next) = &*work;
            loop {
                let number = next.fetch_add(1, Relaxed);
                let Some(file) = files.get(number) else { return Ok(()) };
                insert(&pool, number, &tokio::fs::read(file).await?).await?;
            }
        });
    }
    while let Some(done) = running.join_next().await {
        let done: Result<()> = done?;
        done?;
    }
    let time = start.elapsed();
    sqlx::raw_sql("DROP TABLE bench_chunks").execute(&pool).await?;
    pool.close().await;
    Ok(time)
}

async fn insert(pool: &PgPool, number: usize, bytes: &[u8]) -> Result<()> {
    // A key as large as a hash, and as scattered.
    let key = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes().repeat(4);
    let mut transaction = pool.begin().await?;
    let chunks: Vec<&[u8]> = bytes.chunks(CHUNK).collect();
    for (first, chunks) in (0..).step_by(BATCH).zip(chunks.chunks(BATCH)) {
        let numbers: Vec<i32> = (first..).take(chunks.len()).collect();
        sqlx::query(
            "INSERT INTO bench_chunks (hash, number, data) \
             SELECT $1, number, data FROM unnest($2::int4[], $3::bytea[]) AS chunk (number, data)",
        )
        .bind(&key)
        .bind(numbers)
        .bind(chunks)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(())
}
