use model::types::{MediaType, VariantWidth};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::PgPool;
use time::macros::datetime;

use super::*;
use crate::{
    images::variants::{self, Variant},
    testing,
};

const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
const HASH: [u8; 32] = [7; 32];

fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

async fn put(pool: &PgPool, bytes: &[u8]) {
    let mut conn = pool.acquire().await.unwrap();
    add(&mut conn, &HASH, bytes, 1, NOW).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn any_range_is_what_was_put_there(pool: PgPool) {
    let bytes = noise(18 * CHUNK + 12_345);
    put(&pool, &bytes).await;
    assert_eq!(read(&pool, &HASH).await.unwrap().unwrap(), bytes);
    let chunks: i64 = sqlx::query_scalar("SELECT count(*) FROM blob_chunks").fetch_one(&pool).await.unwrap();
    assert_eq!(chunks, 19);
    let c = CHUNK;
    let mut ranges = vec![
        (0, 0),
        (0, 1),
        (c - 1, c),
        (c - 1, c + 1),
        (c, 2 * c),
        (c + 5, c + 9),
        (0, bytes.len()),
        (5, 3 * c + 1),
    ];
    let mut runner = TestRunner::deterministic();
    for _ in 0..40 {
        let strategy = (0..=bytes.len(), 0..=bytes.len());
        let (a, b) = strategy.new_tree(&mut runner).unwrap().current();
        ranges.push((a.min(b), a.max(b)));
    }
    for (start, end) in ranges {
        let part = read_range(&pool, &HASH, start as u64, end as u64).await.unwrap();
        assert!(part == bytes[start..end], "{start}..{end}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_not_there_is_not_found(pool: PgPool) {
    assert!(read(&pool, &HASH).await.unwrap().is_none());
    put(&pool, &noise(1000)).await;
    for (start, end) in [(0, 1001), (1000, 1001), (999_999_999, 1_000_000_000), (5, 4), (0, u64::MAX)] {
        let result = read_range(&pool, &HASH, start, end).await;
        assert!(matches!(result, Err(ImageError::NotFound)), "{start}..{end}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn missing_chunks_are_an_error_and_not_a_shorter_image(pool: PgPool) {
    put(&pool, &noise(3 * CHUNK)).await;
    sqlx::query("DELETE FROM blob_chunks WHERE number = 1").execute(&pool).await.unwrap();
    assert!(matches!(read(&pool, &HASH).await, Err(ImageError::Database(_))));
    let range = read_range(&pool, &HASH, 0, 3 * CHUNK as u64).await;
    assert!(matches!(range, Err(ImageError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn bytes_go_with_the_last_reference(pool: PgPool) {
    put(&pool, b"abc").await;
    put(&pool, b"abc").await;
    let mut conn = pool.acquire().await.unwrap();
    let variant = |data| Variant { width: VariantWidth::THUMBNAIL, kind: MediaType::WebP, data };
    let core = testing::core(pool.clone());
    variants::keep(&mut conn, &core, &HASH, &[variant(b"first")]).await.unwrap();
    variants::keep(&mut conn, &core, &HASH, &[variant(b"second")]).await.unwrap();
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("SELECT data FROM variants").fetch_all(&pool).await.unwrap();
    assert_eq!(kept, [b"first"]);
    assert_eq!(release(&mut conn, &[(HASH.to_vec(), 1)]).await.unwrap(), 0);
    assert_eq!(read(&pool, &HASH).await.unwrap().unwrap(), "abc");
    assert_eq!(release(&mut conn, &[(HASH.to_vec(), 1)]).await.unwrap(), 5, "what the variant took");
    assert!(read(&pool, &HASH).await.unwrap().is_none());
}
