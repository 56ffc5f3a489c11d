mod words;

use std::sync::Arc;

use model::types::{ByteSize, Visibility};
use sqlx::{PgPool, postgres::PgListener};
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{
    ManualClock,
    audit::By,
    images::store,
    testing::{self, user},
};

/// A row of an image whose bytes are `hash` repeated; keys go up with `number`.
pub(in crate::images) async fn put(
    pool: &PgPool,
    owner: UserId,
    number: u32,
    name: &str,
    hash: u8,
) -> ImageId {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number));
    let now = datetime!(2026-11-20 12:00 UTC);
    let mut tx = pool.begin().await.unwrap();
    store::add(&mut tx, &[hash; 32], &[hash; 10], 1, now).await.unwrap();
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, \
         hash, created_at) VALUES ($1, $2, $3, $4, 'image/png', 10, 4, 3, 1, 66051, $5, $6)",
    )
    .bind(id)
    .bind(owner.0)
    .bind(format!("{number:015}"))
    .bind(name)
    .bind(vec![hash; 32])
    .bind(now)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query("UPDATE users SET used_bytes = used_bytes + 10 WHERE id = $1")
        .bind(owner.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    ImageId(id)
}

/// Takes images out of the bin; answers which were taken out.
pub(crate) async fn restore(core: &Core, by: By<'_>, owner: UserId, ids: &[ImageId]) -> Vec<ImageId> {
    bulk(core, by, owner, Which::Ids(ids), &Bulk::Restore).await.unwrap().done
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn pages_follow_each_other_newest_first(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    for i in 0..7 {
        put(&pool, if i == 3 { bob } else { ada }, i, &format!("{i}.png"), 1).await;
    }
    let mut query = ListQuery { limit: 2, ..ListQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = list(&core, ada, &query).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|image| image.filename));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["6.png", "5.png", "4.png", "2.png", "1.png", "0.png"]);
    let zero = list(&core, ada, &ListQuery::default()).await.unwrap();
    assert_eq!(zero.items.len(), 1);
    let bad = ListQuery { limit: 2, cursor: Some("nonsense".into()), ..ListQuery::default() };
    assert!(matches!(list(&core, ada, &bad).await, Err(ImageError::BadCursor)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_image_is_found_by_its_owner_and_by_slug(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    let id = put(&pool, ada, 1, "a.png", 9).await;
    let image = details(&core, ada, id).await.unwrap().image;
    assert_eq!((image.width, image.height, image.color.0), (4, 3, [1, 2, 3]));
    assert_eq!(image.created_at.as_str(), "2026-11-20T12:00:00Z");
    assert!(matches!(details(&core, bob, id).await, Err(ImageError::NotFound)));
    let stored = by_slug(&core, &image.slug).await.unwrap().unwrap();
    assert_eq!((stored.image, stored.hash), (image.clone(), [9; 32]));
    delete(&core, By::SYSTEM, ada, &[id]).await.unwrap();
    assert!(matches!(details(&core, ada, id).await, Err(ImageError::NotFound)));
    assert!(by_slug(&core, &image.slug).await.unwrap().is_none());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_bin_keeps_space_until_it_is_emptied(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    let (a, b, c) = (
        put(&pool, ada, 1, "a", 1).await,
        put(&pool, ada, 2, "b", 1).await,
        put(&pool, bob, 3, "c", 2).await,
    );
    assert!(delete(&core, By::SYSTEM, bob, &[a, b]).await.unwrap().is_empty());
    assert_eq!(delete(&core, By::SYSTEM, ada, &[a, c]).await.unwrap(), [a]);
    assert!(delete(&core, By::SYSTEM, ada, &[a]).await.unwrap().is_empty());
    let now = usage(&core, ada).await.unwrap().unwrap();
    assert_eq!((now.used, now.quota, now.images), (ByteSize(20), ByteSize(1000), 1));
    assert_eq!(restore(&core, By::SYSTEM, ada, &[a, b]).await, [a]);
    assert_eq!(details(&core, ada, a).await.unwrap().image.id, a);

    assert_eq!(purge(&core, By::SYSTEM, ada, Some(&[a])).await.unwrap(), 0);
    delete(&core, By::SYSTEM, ada, &[a, b]).await.unwrap();
    assert!(restore(&core, By::SYSTEM, bob, &[a]).await.is_empty());
    assert_eq!(purge(&core, By::SYSTEM, bob, None).await.unwrap(), 0);
    assert_eq!(purge(&core, By::SYSTEM, ada, Some(&[a])).await.unwrap(), 1);
    assert_eq!(usage(&core, ada).await.unwrap().unwrap().used, ByteSize(10));
    assert!(store::read(&pool, &[1; 32]).await.unwrap().is_some(), "still the bytes of b");
    assert_eq!(purge(&core, By::SYSTEM, ada, None).await.unwrap(), 1);
    assert_eq!(usage(&core, ada).await.unwrap().unwrap().used, ByteSize(0));
    assert!(store::read(&pool, &[1; 32]).await.unwrap().is_none());
    assert!(store::read(&pool, &[2; 32]).await.unwrap().is_some());
    assert!(usage(&core, UserId(Uuid::nil())).await.unwrap().is_none());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn after_seven_days_images_go_for_good(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    let (a, b, c) = (
        put(&pool, ada, 1, "a", 1).await,
        put(&pool, bob, 2, "b", 1).await,
        put(&pool, ada, 3, "c", 3).await,
    );
    delete(&core, By::SYSTEM, ada, &[a]).await.unwrap();
    delete(&core, By::SYSTEM, bob, &[b]).await.unwrap();
    clock.advance(Duration::seconds(1));
    delete(&core, By::SYSTEM, ada, &[c]).await.unwrap();
    clock.advance(Duration::days(7) - Duration::seconds(1) - Duration::microseconds(1));
    assert_eq!(purge_expired(&core, core.now()).await.unwrap(), 0);
    clock.advance(Duration::microseconds(1));
    assert_eq!(purge_expired(&core, core.now()).await.unwrap(), 2);
    assert_eq!(usage(&core, ada).await.unwrap().unwrap().used, ByteSize(10));
    assert!(store::read(&pool, &[1; 32]).await.unwrap().is_none());
    assert_eq!(restore(&core, By::SYSTEM, ada, &[a, c]).await, [c]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_bin_is_paged_last_deleted_first(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let ada = user(&pool, "ada", 1000).await;
    let mut ids = Vec::new();
    for i in 0..5 {
        ids.push(put(&pool, ada, i, &i.to_string(), 1).await);
    }
    delete(&core, By::SYSTEM, ada, &[ids[3]]).await.unwrap();
    clock.advance(Duration::microseconds(1));
    delete(&core, By::SYSTEM, ada, &[ids[0], ids[4], ids[1]]).await.unwrap();
    let first = bin(&core, ada, 2, None).await.unwrap();
    let rest = bin(&core, ada, 9, first.next_cursor.as_deref()).await.unwrap();
    assert_eq!(rest.next_cursor, None);
    let seen: Vec<_> = first.items.iter().chain(&rest.items).map(|entry| entry.image.id).collect();
    assert_eq!(seen, [ids[4], ids[1], ids[0], ids[3]]);
    assert_eq!(rest.items[1].deleted_at.as_str(), "2026-11-20T12:00:00Z");
    assert_eq!(rest.items[1].purge_at.as_str(), "2026-11-27T12:00:00Z");
    assert!(matches!(bin(&core, ada, 2, Some("x")).await, Err(ImageError::BadCursor)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_process_hears_what_is_gone(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    let id = put(&pool, ada, 1, "a", 1).await;
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("image_gone").await.unwrap();
    delete(&core, By::SYSTEM, ada, &[id]).await.unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "000000000000001");
    purge(&core, By::SYSTEM, ada, None).await.unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "000000000000001");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_full_bin_is_emptied_in_batches_and_by_two_at_once(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1_000_000).await;
    let mut ids = Vec::new();
    for i in 0..1100 {
        ids.push(put(&pool, ada, i, "a", u8::try_from(i % 200).unwrap()).await);
    }
    assert_eq!(delete(&core, By::SYSTEM, ada, &ids).await.unwrap().len(), 1100);
    let (one, two) =
        tokio::join!(purge(&core, By::SYSTEM, ada, None), purge(&core, By::SYSTEM, ada, Some(&ids)));
    assert_eq!(one.unwrap() + two.unwrap(), 1100);
    assert_eq!(usage(&core, ada).await.unwrap().unwrap().used, ByteSize(0));
    let blobs: i64 = sqlx::query_scalar("SELECT count(*) FROM blobs").fetch_one(&pool).await.unwrap();
    assert_eq!(blobs, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn numbered_pages_have_every_image_once_in_each_order(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    for i in 0..6 {
        let owner = if i == 3 { bob } else { ada };
        let id = put(&pool, owner, i, &format!("{i}.png"), 1).await;
        let size: i64 = [10, 12, 11, 99, 11, 12][i as usize];
        sqlx::query("UPDATE images SET byte_size = $2 WHERE id = $1")
            .bind(id.0)
            .bind(size)
            .execute(&pool)
            .await
            .unwrap();
    }
    for (order, expected) in [
        (Order::Newest, "54210"),
        (Order::Oldest, "01245"),
        (Order::Largest, "51420"),
        (Order::Smallest, "02415"),
    ] {
        let mut seen = String::new();
        for number in 1..=4 {
            let query = NumberedQuery { page: number, per_page: 2, order, ..NumberedQuery::default() };
            let page = numbered(&core, ada, &query).await.unwrap();
            assert_eq!((page.items.len(), page.total), ([2, 2, 1, 0][number as usize - 1], 5));
            seen.extend(page.items.iter().map(|image| image.filename.chars().next().unwrap()));
        }
        assert_eq!(seen, expected, "{order:?}");
    }
    let search =
        |text: &str| NumberedQuery { per_page: 9, search: Some(text.into()), ..NumberedQuery::default() };
    let found = numbered(&core, ada, &search("2.PNG")).await.unwrap();
    assert_eq!((found.items.len(), found.total), (1, 1));
    assert_eq!(numbered(&core, ada, &search("\0")).await.unwrap().total, 0);
    let private = Some(Visibility::Private);
    sqlx::query("UPDATE images SET visibility = 'private' WHERE filename LIKE '2%' AND owner_id = $1")
        .bind(ada.0)
        .execute(&pool)
        .await
        .unwrap();
    for (visibility, total) in [(private, 1), (Some(Visibility::Unlisted), 4), (None, 5)] {
        let query = NumberedQuery { per_page: 9, visibility, ..NumberedQuery::default() };
        let found = numbered(&core, ada, &query).await.unwrap();
        assert_eq!((found.items.len() as u64, found.total), (total, total), "{visibility:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_delete_link_leads_to_its_image_until_that_is_deleted(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    let id = put(&pool, ada, 1, "a.png", 1).await;
    let slug: Slug = "000000000000001".parse().unwrap();
    let secret = DeleteSecret::of(&core.keys, &slug).unwrap().reveal();
    let (owner, found) = linked(&core, &secret).await.unwrap().unwrap();
    assert_eq!((owner, found.image.id), (ada, id));
    delete(&core, By::SYSTEM, ada, &[id]).await.unwrap();
    assert!(linked(&core, &secret).await.unwrap().is_none());
    restore(&core, By::SYSTEM, ada, &[id]).await;
    assert!(linked(&core, &secret).await.unwrap().is_some());
    for wrong in ["", "000000000000001", &secret[..57], &secret.replace("0001", "0002")] {
        assert!(matches!(linked(&core, wrong).await, Err(ImageError::NotFound)), "{wrong}");
    }
}
