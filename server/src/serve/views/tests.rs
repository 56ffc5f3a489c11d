use model::types::Image;
use reflect_core::{ManualClock, testing};
use sqlx::{PgPool, postgres::PgPoolOptions};
use time::{
    Duration,
    macros::{date, datetime},
};
use uuid::Uuid;

use super::*;

/// A second before midnight.
const LATE: time::OffsetDateTime = datetime!(2026-11-20 23:59:59 UTC);

/// An image that is stored, as it is known.
async fn stored(pool: &PgPool) -> StoredImage {
    let owner = testing::user(pool, "ada", 1 << 20).await;
    sqlx::query("INSERT INTO blobs VALUES ($1, 1, 1, now())").bind([1_u8; 32]).execute(pool).await.unwrap();
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO images SELECT gen_random_uuid(), $1, 'abcDEF012345678', 'a', 'image/png', 1, 1, 1, 1, 0, $2, \
         now(), NULL RETURNING id",
    )
    .bind(owner.0)
    .bind([1_u8; 32])
    .fetch_one(pool)
    .await
    .unwrap();
    let image = Image { id: ImageId(id), ..Image::example() };
    StoredImage { image, hash: [1; 32], title: None, restriction: None }
}

async fn written(pool: &PgPool) -> Vec<(Date, i64)> {
    sqlx::query_as("SELECT day, views FROM image_views ORDER BY day").fetch_all(pool).await.unwrap()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_view_belongs_to_the_day_on_which_it_was_taken(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(LATE));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let views = Views::default();
    let known = views.known(stored(&pool).await);
    let see = |times| (0..times).for_each(|_| known.count_view());
    see(2);
    views.write(&core).await.unwrap();
    see(3);
    // Taken today, and not to be written before tomorrow.
    let nowhere = PgPoolOptions::new().connect_lazy("postgres://nobody@127.0.0.1:1/nothing").unwrap();
    nowhere.close().await;
    views.write(&Core { pool: nowhere, ..core.clone() }).await.unwrap_err();
    clock.advance(Duration::SECOND);
    see(4);
    views.write(&core).await.unwrap();
    views.write(&core).await.unwrap();
    assert_eq!(written(&pool).await, [(date!(2026 - 11 - 20), 5), (date!(2026 - 11 - 21), 4)]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_leaves_the_cache_leaves_its_views(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (views, stored) = (Views::default(), stored(&pool).await);
    // Known, forgotten and known anew.
    for _ in 0..3 {
        views.known(stored.clone()).count_view();
    }
    let known = views.known(stored);
    known.count_view();
    views.write(&core).await.unwrap();
    assert_eq!(written(&pool).await, [(date!(2026 - 11 - 20), 4)]);
    assert_eq!(views.counted.lock().unwrap().len(), 1, "what is held by nobody else is let go");
    known.count_view();
    drop(known);
    views.write(&core).await.unwrap();
    assert_eq!(written(&pool).await, [(date!(2026 - 11 - 20), 5)]);
    assert_eq!(views.counted.lock().unwrap().len(), 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn none_is_lost_or_counted_twice_while_others_are_counted(pool: PgPool) {
    const EACH: u64 = 10_000;
    let core = testing::core(pool.clone());
    let views = Views::default();
    let known = views.known(stored(&pool).await);
    let counting: Vec<_> = (0..4)
        .map(|_| {
            let known = Arc::clone(&known);
            tokio::task::spawn_blocking(move || (0..EACH).for_each(|_| known.count_view()))
        })
        .collect();
    drop(known);
    while !counting.iter().all(tokio::task::JoinHandle::is_finished) {
        views.write(&core).await.unwrap();
    }
    views.write(&core).await.unwrap();
    let all: i64 = written(&pool).await.iter().map(|(_, views)| views).sum();
    assert_eq!(u64::try_from(all).unwrap(), 4 * EACH);
}
