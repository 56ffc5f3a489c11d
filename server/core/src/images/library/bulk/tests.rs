use std::{collections::BTreeMap, sync::Arc};

use model::types::{ByteSize, Slug};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::*;
use crate::{
    ManualClock,
    images::{
        albums::{self, NewAlbum},
        library::{self, ImageChanges, tests::put},
        tags::TagError,
    },
    testing::{self, user},
};

/// Ada with four images, bob with one.
async fn people(pool: &PgPool) -> (Core, UserId, Vec<ImageId>, UserId, ImageId) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(pool, "ada", 1000).await, user(pool, "bob", 1000).await);
    let mut own = Vec::new();
    for number in 0..4 {
        own.push(put(pool, ada, number, &format!("{number}.png"), 1).await);
    }
    let other = put(pool, bob, 9, "9.png", 2).await;
    (core, ada, own, bob, other)
}

async fn doing(core: &Core, owner: UserId, ids: &[ImageId], what: &Bulk) -> BulkOutcome {
    bulk(core, By::COMMAND_LINE, owner, Which::Ids(ids), what).await.unwrap()
}

fn tags(add: &[&str], remove: &[&str]) -> Bulk {
    let names = |list: &[&str]| list.iter().map(|name| name.parse().unwrap()).collect();
    Bulk::Tags { add: names(add), remove: names(remove) }
}

fn outcome(done: &[ImageId], unchanged: &[ImageId], missing: &[ImageId]) -> BulkOutcome {
    BulkOutcome { done: done.into(), unchanged: unchanged.into(), missing: missing.into() }
}

/// All that may change, as text.
async fn everything(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "SELECT concat((SELECT string_agg(i::text, ';' ORDER BY id) FROM images i), '|', \
         (SELECT string_agg(t::text, ';' ORDER BY t::text) FROM image_tags t), '|', \
         (SELECT string_agg(name, ';' ORDER BY name) FROM tags), '|', \
         (SELECT string_agg(a::text, ';' ORDER BY a::text) FROM album_images a), '|', \
         (SELECT count(*) FROM audit_log), '|', (SELECT string_agg(d::text, ';' ORDER BY day) FROM image_days d))",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn each_action_says_what_it_did_to_each(pool: PgPool) {
    let (core, ada, own, _, other) = people(&pool).await;
    let [a, b, c, d] = own[..] else { panic!() };
    delete(&core, By::SYSTEM, ada, &[d]).await.unwrap();
    let new = NewAlbum { name: "Trips".parse().unwrap(), description: None, parent: None };
    let album = albums::create(&core, ada, &new).await.unwrap().id;
    let soon = datetime!(2026-11-21 12:00 UTC);
    for what in [
        Bulk::Visibility(Visibility::Private),
        Bulk::ExpiresAt(Some(soon)),
        tags(&["cat"], &["dog"]),
        Bulk::Album(album),
    ] {
        assert_eq!(doing(&core, ada, &[b], &what).await, outcome(&[b], &[], &[]), "{what:?}");
        let second = doing(&core, ada, &[c, other, b, d, a, c], &what).await;
        assert_eq!(second, outcome(&[c, a], &[b], &[other, d]), "{what:?}");
    }
    let details = library::details(&core, ada, a).await.unwrap().details;
    assert_eq!((details.visibility, details.tags), (Visibility::Private, vec!["cat".to_owned()]));
    assert_eq!(details.expires_at.unwrap().as_str(), "2026-11-21T12:00:00Z");
    let order = albums::images(&core, ada, album, 9, None).await.unwrap().items;
    assert_eq!(order.iter().map(|image| image.id).collect::<Vec<_>>(), [b, c, a]);

    assert_eq!(doing(&core, ada, &[a, d, other], &Bulk::Delete).await, outcome(&[a], &[d], &[other]));
    assert_eq!(doing(&core, ada, &[a, b, other], &Bulk::Restore).await, outcome(&[a], &[b], &[other]));
    assert_eq!(doing(&core, ada, &[a, b], &Bulk::ExpiresAt(None)).await, outcome(&[a, b], &[], &[]));
    assert_eq!(doing(&core, ada, &[a, c], &tags(&[], &["CAT"])).await, outcome(&[a, c], &[], &[]));
    assert_eq!(doing(&core, ada, &[], &Bulk::Delete).await, BulkOutcome::default());
    assert!(library::details(&core, ada, b).await.unwrap().details.tags == ["cat"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn all_of_a_search_is_what_it_finds_at_that_moment(pool: PgPool) {
    let (core, ada, own, bob, other) = people(&pool).await;
    doing(&core, ada, &own[..2], &tags(&["cat"], &[])).await;
    let cats = Search { tags: vec!["Cat".parse().unwrap()], ..Search::default() };
    let which = Which::Search(&cats);
    let done = bulk(&core, By::SYSTEM, ada, which, &Bulk::Visibility(Visibility::Private)).await.unwrap();
    assert_eq!(done, outcome(&[own[1], own[0]], &[], &[]));
    for nothing in [
        Search { tags: vec!["dog".parse().unwrap()], ..Search::default() },
        Search { words: Some("\0".into()), ..Search::default() },
        Search { visibility: Some(Visibility::Private), words: Some("9".into()), ..Search::default() },
    ] {
        let done = bulk(&core, By::SYSTEM, ada, Which::Search(&nothing), &Bulk::Delete).await.unwrap();
        assert_eq!(done, BulkOutcome::default());
    }
    let all = bulk(&core, By::SYSTEM, ada, Which::Search(&Search::default()), &Bulk::Delete).await.unwrap();
    assert_eq!(all.done.len(), 4);
    assert!(library::details(&core, bob, other).await.is_ok());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn more_than_one_request_may_name_are_refused_whole(pool: PgPool) {
    let (core, ada, own, ..) = people(&pool).await;
    let many: Vec<ImageId> = (0..=BULK as u128).map(|n| ImageId(Uuid::from_u128(n))).collect();
    let refused = bulk(&core, By::SYSTEM, ada, Which::Ids(&many), &Bulk::Delete).await;
    assert!(matches!(refused, Err(ImageError::TooMany)), "{refused:?}");
    assert_eq!(
        bulk(&core, By::SYSTEM, ada, Which::Ids(&many[1..]), &Bulk::Delete).await.unwrap().missing.len(),
        BULK
    );
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, \
         hash, created_at) SELECT gen_random_uuid(), $1, lpad((n + 1000)::text, 15, '0'), 'x', 'image/png', 10, 4, 3, 1, 1, $2, now() \
         FROM generate_series(1, $3) AS n",
    )
    .bind(ada.0)
    .bind([1_u8; 32])
    .bind(BULK as i64)
    .execute(&pool)
    .await
    .unwrap();
    let all = Search::default();
    let refused = bulk(&core, By::SYSTEM, ada, Which::Search(&all), &Bulk::Delete).await;
    assert!(matches!(refused, Err(ImageError::TooMany)), "{refused:?}");
    assert!(library::details(&core, ada, own[0]).await.is_ok());
    assert!(matches!(library::range(&core, ada, &all, None).await, Err(ImageError::TooMany)));
    let exact = Search { words: Some("x".into()), ..all };
    assert_eq!(library::range(&core, ada, &exact, None).await.unwrap().len(), BULK);
    let done = bulk(&core, By::SYSTEM, ada, Which::Search(&exact), &Bulk::Delete).await.unwrap();
    assert_eq!(done.done.len(), BULK);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_fails_in_the_middle_leaves_all_as_it_was(pool: PgPool) {
    let (core, ada, own, ..) = people(&pool).await;
    doing(&core, ada, &own[..1], &tags(&["old"], &[])).await;
    let full: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    doing(&core, ada, &own[3..], &tags(&full, &[])).await;
    let before = everything(&pool).await;
    let refused = bulk(&core, By::SYSTEM, ada, Which::Ids(&own), &tags(&["new"], &["old"])).await;
    assert!(matches!(refused, Err(ImageError::Tags(TagError::TooManyOnImage))), "{refused:?}");
    let nowhere = Bulk::Album(AlbumId(Uuid::nil()));
    let refused = bulk(&core, By::SYSTEM, ada, Which::Ids(&own), &nowhere).await;
    assert!(matches!(refused, Err(ImageError::Album(_))), "{refused:?}");
    // What can't be recorded isn't done.
    sqlx::query("ALTER TABLE audit_log ADD CONSTRAINT full_disk CHECK (action <> 'images_binned')")
        .execute(&pool)
        .await
        .unwrap();
    let refused = bulk(&core, By::SYSTEM, ada, Which::Ids(&own), &Bulk::Delete).await;
    assert!(matches!(refused, Err(ImageError::Recording(_))), "{refused:?}");
    assert_eq!(everything(&pool).await, before);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_shows_images_hears_of_each_that_others_see_differently(pool: PgPool) {
    let (mut core, ada, own, ..) = people(&pool).await;
    let heard = Arc::new(std::sync::Mutex::new(BTreeMap::<String, usize>::new()));
    let listener = Arc::clone(&heard);
    core.image_changes = ImageChanges::told_to(move |slug: &Slug| {
        *listener.lock().unwrap().entry(slug.to_string()).or_default() += 1;
    });
    doing(&core, ada, &own[..2], &tags(&["cat"], &[])).await;
    assert!(heard.lock().unwrap().is_empty());
    doing(&core, ada, &own[..1], &Bulk::Visibility(Visibility::Private)).await;
    doing(&core, ada, &own[..3], &Bulk::Visibility(Visibility::Private)).await;
    let one = |number: u32| (format!("{number:015}"), 1);
    assert_eq!(*heard.lock().unwrap(), BTreeMap::from([one(0), one(1), one(2)]));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn restoring_what_has_lapsed_keeps_it_from_others(pool: PgPool) {
    let (pool, clock) = (pool, Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC))));
    let (_, ada, own, ..) = people(&pool).await;
    let core = testing::core_at(pool, Arc::clone(&clock));
    doing(&core, ada, &own[..1], &Bulk::ExpiresAt(Some(core.now() + Duration::HOUR))).await;
    doing(&core, ada, &own[..2], &Bulk::Delete).await;
    clock.advance(Duration::HOUR);
    doing(&core, ada, &own[..2], &Bulk::Restore).await;
    let lapsed = library::details(&core, ada, own[0]).await.unwrap().details;
    assert_eq!((lapsed.visibility, lapsed.expires_at), (Visibility::Private, None));
    let other = library::details(&core, ada, own[1]).await.unwrap().details;
    assert_eq!(other.visibility, Visibility::Unlisted);
    assert_eq!(library::usage(&core, ada).await.unwrap().unwrap().used, ByteSize(40));
}

/// Two that name the same images in opposite orders, over and over: each waits for the other, neither for ever.
#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_at_once_never_wait_for_each_other(pool: PgPool) {
    let (core, ada, ..) = people(&pool).await;
    let mut ids = Vec::new();
    for number in 100..160 {
        ids.push(put(&pool, ada, number, "many.png", 1).await);
    }
    let backwards: Vec<ImageId> = ids.iter().rev().copied().collect();
    let new = NewAlbum { name: "Trips".parse().unwrap(), description: None, parent: None };
    let album = albums::create(&core, ada, &new).await.unwrap().id;
    let all = [
        Bulk::Delete,
        Bulk::Visibility(Visibility::Private),
        tags(&["a", "b"], &["c"]),
        Bulk::Restore,
        Bulk::Album(album),
        tags(&["c"], &["b"]),
        Bulk::ExpiresAt(Some(datetime!(2027-01-01 0:00 UTC))),
        Bulk::Visibility(Visibility::Unlisted),
    ];
    let run = async |ids: &[ImageId], order: Vec<&Bulk>| {
        for what in order.iter().cycle().take(3 * order.len()) {
            doing(&core, ada, ids, what).await;
        }
    };
    tokio::join!(
        run(&ids, all.iter().collect()),
        run(&backwards, all.iter().rev().collect()),
        run(&ids[20..], all.iter().skip(3).chain(&all[..3]).collect()),
    );
    doing(&core, ada, &ids, &Bulk::Restore).await;
    let days: i64 = sqlx::query_scalar("SELECT sum(images) FROM image_days WHERE owner_id = $1")
        .bind(ada.0)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(days, 64);
}
