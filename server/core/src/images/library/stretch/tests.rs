use model::types::Image;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};

use super::*;
use crate::{
    audit::By,
    images::{
        library::{delete, tests::restore},
        store,
    },
    testing::{self, user},
};

/// An image of that moment, whose key is of it too.
async fn put(pool: &PgPool, owner: UserId, at: OffsetDateTime, number: u32) -> ImageId {
    let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap();
    let mut random = [0; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    let mut tx = pool.begin().await.unwrap();
    store::add(&mut tx, &[1; 32], &[1; 10], 1, at).await.unwrap();
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, \
         hash, created_at) VALUES ($1, $2, $3, $4, 'image/png', 10, 4, 3, 1, 66051, $5, $6)",
    )
    .bind(id)
    .bind(owner.0)
    .bind(format!("{number:015}"))
    .bind(format!("{number}.png"))
    .bind(vec![1_u8; 32])
    .bind(at)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    ImageId(id)
}

/// Ten images, one each five days from 1 March 2026, 00:30 UTC; the oldest has the number 0.
async fn ten(pool: &PgPool) -> (Core, UserId, Vec<ImageId>) {
    let core = testing::core(pool.clone());
    let ada = user(pool, "ada", 1 << 20).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        let at = datetime!(2026-03-01 0:30 UTC) + Duration::days(5 * i64::from(number));
        ids.push(put(pool, ada, at, number).await);
    }
    (core, ada, ids)
}

async fn at(core: &Core, owner: UserId, limit: u32, place: Place) -> Stretch {
    stretch(core, owner, &StretchQuery { limit, place, search: Search::default() }).await.unwrap()
}

/// Names without their extension, and what there is on either side.
fn told(found: &Stretch) -> (Vec<u32>, bool, bool) {
    let number = |image: &Image| image.filename.trim_end_matches(".png").parse().unwrap();
    (found.images.iter().map(number).collect(), found.has_newer, found.has_older)
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_stretch_starts_anywhere_and_goes_both_ways(pool: PgPool) {
    let (core, ada, ids) = ten(&pool).await;
    // Of others there is nothing to see.
    let bob = user(&pool, "bob", 1 << 20).await;
    put(&pool, bob, datetime!(2026-03-16 0:30 UTC), 99).await;
    let named = |text: &str| Place::At(text.into());
    let within = |share| Place::Within { month: "2026-03".into(), share };
    for (place, expected) in [
        (Place::Newest, (vec![9, 8, 7], false, true)),
        (Place::Oldest, (vec![2, 1, 0], true, false)),
        (Place::OlderThan(ids[2]), (vec![1, 0], true, false)),
        (Place::NewerThan(ids[5]), (vec![8, 7, 6], true, true)),
        (Place::NewerThan(ids[7]), (vec![9, 8], false, true)),
        (named("2026"), (vec![9, 8, 7], false, true)),
        (named("2026-03"), (vec![6, 5, 4], true, true)),
        (named("2026-03-16"), (vec![3, 2, 1], true, true)),
        (named("2026-03-15"), (vec![2, 1, 0], true, false)),
        (named("2026-03-16T00:30:00Z"), (vec![3, 2, 1], true, true)),
        (named("2026-03-16T00:29:59.999Z"), (vec![2, 1, 0], true, false)),
        (named("2025"), (vec![], true, false)),
        (named("000000000000004"), (vec![4, 3, 2], true, true)),
        (named("000000000000099"), (vec![9, 8, 7], false, true)),
        (named("aaaaaaaaaaaaaaa"), (vec![9, 8, 7], false, true)),
        (within(0), (vec![6, 5, 4], true, true)),
        (within(500), (vec![3, 2, 1], true, true)),
        (within(1000), (vec![0], true, false)),
    ] {
        assert_eq!(told(&at(&core, ada, 3, place.clone()).await), expected, "{place:?}");
    }
    for wrong in ["", "yesterday", "2026-13", "2026-02-30"] {
        let query = StretchQuery { limit: 3, place: named(wrong), search: Search::default() };
        assert!(matches!(stretch(&core, ada, &query).await, Err(ImageError::BadPlace)), "{wrong}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_place_that_is_gone_is_still_one(pool: PgPool) {
    let (core, ada, ids) = ten(&pool).await;
    delete(&core, By::SYSTEM, ada, &[ids[5], ids[6]]).await.unwrap();
    assert_eq!(told(&at(&core, ada, 2, Place::OlderThan(ids[5])).await), (vec![4, 3], true, true));
    assert_eq!(told(&at(&core, ada, 2, Place::NewerThan(ids[5])).await), (vec![8, 7], true, true));
    // What is in the bin keeps its place; the address of what was looked at last goes on leading there.
    assert_eq!(told(&at(&core, ada, 2, Place::At("000000000000005".into())).await), (vec![4, 3], true, true));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_search_has_its_own_neighbours(pool: PgPool) {
    let (core, ada, ids) = ten(&pool).await;
    let found = async |place| {
        let search = Search { words: Some("1.PNG".into()), ..Search::default() };
        let query = StretchQuery { limit: 5, place, search };
        told(&stretch(&core, ada, &query).await.unwrap())
    };
    assert_eq!(found(Place::Newest).await, (vec![1], false, false));
    assert_eq!(found(Place::At("2026-03-01".into())).await, (vec![], true, false));
    assert_eq!(found(Place::NewerThan(ids[0])).await, (vec![1], false, true));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_day_of_thousands_has_places_too(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 20).await;
    // An import of half an hour, and one image late that day.
    for number in 0..200 {
        let moment = datetime!(2026-03-10 9:00 UTC) + Duration::seconds(9 * i64::from(number));
        put(&pool, ada, moment, number).await;
    }
    for (share, expected) in [(0, 199), (250, 149), (500, 99), (995, 1)] {
        let place = Place::Within { month: "2026-03".into(), share };
        let first = told(&at(&core, ada, 1, place).await).0[0];
        assert!(first.abs_diff(expected) <= 1, "{share}: {first}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn months_count_what_is_in_the_gallery(pool: PgPool) {
    let (core, ada, ids) = ten(&pool).await;
    let months = async || {
        let all = timeline(&core, ada).await.unwrap();
        all.into_iter().map(|month| (month.month, month.images, month.days)).collect::<Vec<_>>()
    };
    let of = |march, april| vec![("2026-04".to_owned(), april, april), ("2026-03".to_owned(), march, march)];
    assert_eq!(months().await, of(7, 3));
    delete(&core, By::SYSTEM, ada, &[ids[0], ids[1], ids[9]]).await.unwrap();
    assert_eq!(months().await, of(5, 2));
    restore(&core, By::SYSTEM, ada, &ids).await;
    assert_eq!(months().await, of(7, 3));
    delete(&core, By::SYSTEM, ada, &ids[7..]).await.unwrap();
    assert_eq!(months().await, [("2026-03".to_owned(), 7, 7)]);
    sqlx::query("UPDATE images SET views = views + 1").execute(&pool).await.unwrap();
    sqlx::query("DELETE FROM images WHERE deleted_at IS NOT NULL").execute(&pool).await.unwrap();
    assert_eq!(months().await, [("2026-03".to_owned(), 7, 7)], "what was in the bin isn't counted twice");
    sqlx::query("DELETE FROM users").execute(&pool).await.unwrap();
    assert!(months().await.is_empty());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn days_are_those_of_utc(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 20).await;
    put(&pool, ada, datetime!(2026-03-31 23:59:59.999 UTC), 0).await;
    put(&pool, ada, datetime!(2026-04-01 0:00 UTC), 1).await;
    let months = timeline(&core, ada).await.unwrap();
    assert_eq!(months.iter().map(|month| month.month.as_str()).collect::<Vec<_>>(), ["2026-04", "2026-03"]);
    assert_eq!(told(&at(&core, ada, 5, Place::At("2026-03".into())).await), (vec![0], true, false));
}
