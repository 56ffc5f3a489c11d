use std::sync::Arc;

use futures::future::join_all;
use sqlx::PgPool;
use time::Duration;

use super::*;
use crate::{
    Settings,
    clock::ManualClock,
    images::{
        containers::fixtures::{jpeg, quarters},
        intake, library, store,
        verify::{Damage, verify},
    },
    testing::{self, user},
};

const WIDTH: VariantWidth = VariantWidth::THUMBNAIL;
const KIND: MediaType = MediaType::WebP;

/// With so much room.
fn with_room(pool: PgPool, bytes: u64) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(time::macros::datetime!(2026-11-20 12:00 UTC)));
    let mut core = testing::core_at(pool, Arc::clone(&clock));
    core.settings = Arc::new(Settings { variant_bytes: ByteSize(bytes), ..testing::settings() });
    (core, clock)
}

/// Keeps so many bytes as a variant of the blob with this number.
async fn add(core: &Core, number: u8, bytes: usize) {
    let mut tx = core.pool.begin().await.unwrap();
    let hash = [number; 32];
    store::add(&mut tx, &hash, b"x", 1, core.now()).await.unwrap();
    let data = vec![number; bytes];
    keep(&mut tx, core, &hash, &[Variant { width: WIDTH, kind: KIND, data: &data }]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Which blobs have a variant. What is counted must be what there is, and the room enough.
async fn kept(core: &Core) -> Vec<u8> {
    let rows: Vec<(Vec<u8>, i32)> =
        sqlx::query_as("SELECT hash, octet_length(data) FROM variants ORDER BY hash")
            .fetch_all(&core.pool)
            .await
            .unwrap();
    let taken: i64 = rows.iter().map(|(_, bytes)| i64::from(*bytes)).sum();
    let counted: i64 =
        sqlx::query_scalar("SELECT bytes FROM variants_total").fetch_one(&core.pool).await.unwrap();
    assert_eq!(counted, taken);
    assert!(taken.cast_unsigned() <= core.settings.variant_bytes.bytes(), "{taken}");
    rows.into_iter().map(|(hash, _)| hash[0]).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_was_unused_for_longest_makes_room(pool: PgPool) {
    let (core, clock) = with_room(pool, 1000);
    for number in 1..=3 {
        add(&core, number, 300).await;
        clock.advance(Duration::DAY);
    }
    assert!(read(&core, &[1; 32], WIDTH, KIND).await.unwrap().is_some());
    assert!(read(&core, &[2; 32], WIDTH, MediaType::Jpeg).await.unwrap().is_none());
    write_used(&core).await.unwrap();
    add(&core, 4, 300).await;
    assert_eq!(kept(&core).await, [1, 3, 4]);
    assert!(read(&core, &[2; 32], WIDTH, KIND).await.unwrap().is_none());
    // Several go for a large one.
    add(&core, 5, 700).await;
    assert_eq!(kept(&core).await, [5]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_wanted_is_written_once_a_day(pool: PgPool) {
    let (core, clock) = with_room(pool, 1000);
    add(&core, 1, 10).await;
    let noted = async || {
        read(&core, &[1; 32], WIDTH, KIND).await.unwrap().unwrap();
        core.workers.used().take().len()
    };
    assert_eq!(noted().await, 0, "it was made today");
    clock.advance(Duration::DAY);
    read(&core, &[1; 32], WIDTH, KIND).await.unwrap().unwrap();
    assert_eq!(noted().await, 1, "however often it is read");
    assert_eq!(noted().await, 1, "nothing was written");
    read(&core, &[1; 32], WIDTH, KIND).await.unwrap().unwrap();
    write_used(&core).await.unwrap();
    assert_eq!(noted().await, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_has_no_room_is_made_and_not_kept(pool: PgPool) {
    let (core, _) = with_room(pool.clone(), 100);
    let ada = user(&pool, "ada", 1 << 30).await;
    let photo = jpeg(&quarters(400, 300), 1);
    let image = intake::accept(&core, ada, "a.jpg", photo.into()).await.unwrap().image;
    assert!(kept(&core).await.is_empty());
    let stored = library::by_slug(&core, &image.slug).await.unwrap().unwrap();
    let made = super::super::get_or_make(&core, &stored, WIDTH, VariantFormat::WebP).await;
    assert!(made.unwrap().len() > 100);
    assert!(kept(&core).await.is_empty());
    // Of what somebody else has just locked, nothing goes.
    add(&core, 1, 90).await;
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM variants FOR UPDATE").execute(&mut *tx).await.unwrap();
    add(&core, 2, 90).await;
    tx.commit().await.unwrap();
    assert_eq!(kept(&core).await, [1]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn at_once_they_take_no_more_than_there_is(pool: PgPool) {
    let (core, _) = with_room(pool, 1000);
    join_all((1..=40).map(|number| add(&core, number, 90))).await;
    assert!(kept(&core).await.len() >= 9);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_lower_budget_is_met_later(pool: PgPool) {
    let (core, _) = with_room(pool.clone(), 100_000);
    for number in 1..=5 {
        add(&core, number, 100).await;
    }
    assert_eq!(shrink(&core).await.unwrap(), ByteSize(0));
    let (core, _) = with_room(pool, 250);
    assert_eq!(shrink(&core).await.unwrap(), ByteSize(300));
    assert_eq!(kept(&core).await, [4, 5]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_goes_with_its_image_is_counted(pool: PgPool) {
    let (core, clock) = with_room(pool.clone(), 1 << 30);
    let ada = user(&pool, "ada", 1 << 30).await;
    let photo = jpeg(&quarters(400, 300), 1);
    let image = intake::accept(&core, ada, "a.jpg", photo.into()).await.unwrap().image;
    assert!(kept(&core).await.len() > 1);
    library::delete(&core, crate::audit::By::SYSTEM, ada, &[image.id]).await.unwrap();
    clock.advance(Duration::days(8));
    assert_eq!(library::purge_expired(&core, core.now()).await.unwrap(), 1);
    assert!(kept(&core).await.is_empty());
    assert_eq!(verify(&core, |_| {}).await.unwrap().damage, []);
    sqlx::query("UPDATE variants_total SET bytes = 7").execute(&pool).await.unwrap();
    let damage = verify(&core, |_| {}).await.unwrap().damage;
    assert_eq!(damage, [Damage::Variants { counted: 7, taken: 0 }]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_wrong_count_is_mended_where_it_would_keep_everything_out(pool: PgPool) {
    let (core, _) = with_room(pool.clone(), 1000);
    add(&core, 1, 300).await;
    sqlx::query("UPDATE variants_total SET bytes = 5000").execute(&pool).await.unwrap();
    assert_eq!(shrink(&core).await.unwrap(), ByteSize(300));
    add(&core, 2, 300).await;
    assert_eq!(kept(&core).await, [2]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_never_fits_sends_nothing_away(pool: PgPool) {
    let (core, _) = with_room(pool, 1000);
    add(&core, 1, 300).await;
    add(&core, 2, 1001).await;
    assert_eq!(kept(&core).await, [1]);
}
