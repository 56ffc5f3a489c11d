//! Adding, removing, ordering, and what the bin does to albums.

use model::types::BulkOutcome;
use proptest::strategy::{Strategy as _, ValueTree as _};

use super::*;
use crate::{
    audit::By,
    images::{
        ImageError,
        albums::{AlbumError, change, find, place, remove},
        library::{self, Bulk, Which, tests::restore},
    },
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_added_is_told_one_by_one(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..4).await;
    let (_, bob, others) = with_images(&pool, "bob", 9..10).await;
    let id = album(&core, ada, "Trips", None).await.id;
    library::delete(&core, By::COMMAND_LINE, ada, &own[3..]).await.unwrap();
    library::add_to_album(&core, ada, id, &[own[2]]).await.unwrap();
    let asked = [own[1], own[2], others[0], own[0], own[3], own[1]];
    let expected =
        BulkOutcome { done: vec![own[1], own[0]], unchanged: vec![own[2]], missing: vec![others[0], own[3]] };
    let outcome = library::bulk(&core, By::SYSTEM, ada, Which::Ids(&asked), &Bulk::Album(id)).await.unwrap();
    assert_eq!(outcome, expected);
    let refused = library::add_to_album(&core, bob, id, &others).await;
    assert!(matches!(&refused, Err(ImageError::Album(error)) if matches!(**error, AlbumError::NotFound)));
    assert_eq!(order(&core, ada, id, 2).await, [own[2], own[1], own[0]]);
    for refused in [
        remove(&core, bob, id, &own).await.map(drop),
        place(&core, bob, id, own[0], None).await,
        images(&core, bob, id, 9, None).await.map(drop),
    ] {
        assert!(matches!(refused, Err(AlbumError::NotFound)), "{refused:?}");
    }
    assert_eq!(remove(&core, ada, id, &[own[2], others[0]]).await.unwrap(), [own[2]]);
    assert_eq!(order(&core, ada, id, 200).await, [own[1], own[0]]);
    assert!(library::details(&core, ada, own[2]).await.is_ok());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_in_the_bin_is_not_shown_and_comes_back_to_its_place(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..3).await;
    let id = album(&core, ada, "Trips", None).await.id;
    library::add_to_album(&core, ada, id, &own).await.unwrap();
    change(&core, By::COMMAND_LINE, ada, id, &Change { cover: Some(Some(own[1])), ..Change::default() })
        .await
        .unwrap();
    library::delete(&core, By::COMMAND_LINE, ada, &own[1..2]).await.unwrap();
    let now = find(&core, ada, id).await.unwrap();
    assert_eq!((now.count, now.cover.unwrap().id), (2, own[0]));
    assert_eq!(order(&core, ada, id, 9).await, [own[0], own[2]]);
    restore(&core, By::COMMAND_LINE, ada, &own[1..2]).await;
    let now = find(&core, ada, id).await.unwrap();
    assert_eq!((now.count, now.cover.unwrap().id), (3, own[1]));
    assert_eq!(order(&core, ada, id, 9).await, own);
    library::delete(&core, By::COMMAND_LINE, ada, &own).await.unwrap();
    library::purge(&core, By::COMMAND_LINE, ada, None).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM album_images").fetch_one(&pool).await.unwrap();
    assert_eq!((left, find(&core, ada, id).await.unwrap().cover), (0, None));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_page_goes_on_behind_what_was_removed(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..4).await;
    let id = album(&core, ada, "Trips", None).await.id;
    library::add_to_album(&core, ada, id, &own).await.unwrap();
    let first = images(&core, ada, id, 2, None).await.unwrap();
    remove(&core, ada, id, &own[1..2]).await.unwrap();
    let rest = images(&core, ada, id, 2, first.next_cursor.as_deref()).await.unwrap();
    assert_eq!(rest.items.iter().map(|image| image.id).collect::<Vec<_>>(), own[2..]);
    let bad = images(&core, ada, id, 2, Some("nonsense")).await;
    assert!(matches!(bad, Err(AlbumError::Image(ImageError::BadCursor))), "{bad:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_move_writes_one_row_and_new_numbers_keep_the_order(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..50).await;
    let id = album(&core, ada, "Trips", None).await.id;
    library::add_to_album(&core, ada, id, &own).await.unwrap();
    let mut expected = own.clone();
    // Always to the same place, until there is no room left there, and on.
    for _ in 0..40 {
        let last = expected.pop().unwrap();
        expected.insert(1, last);
        place(&core, ada, id, last, Some(expected[2])).await.unwrap();
    }
    assert_eq!(order(&core, ada, id, 7).await, expected);
    let nowhere = place(&core, ada, id, own[0], Some(own[0])).await;
    assert!(matches!(nowhere, Err(AlbumError::BadPlace)), "{nowhere:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn thousands_keep_any_order(pool: PgPool) {
    const COUNT: usize = 3000;
    let (core, ada, own) = with_images(&pool, "ada", 0..1).await;
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, \
         hash, created_at) SELECT lpad(to_hex(n), 32, '0')::uuid, owner_id, lpad(n::text, 15, '0'), filename, \
         media_type, byte_size, width, height, frames, color, hash, created_at \
         FROM images, generate_series(1, $1) AS n WHERE id = $2",
    )
    .bind(i32::try_from(COUNT).unwrap())
    .bind(own[0].0)
    .execute(&pool)
    .await
    .unwrap();
    let id = album(&core, ada, "Trips", None).await.id;
    let mut expected: Vec<_> = (1..=COUNT as u128).map(|n| ImageId(Uuid::from_u128(n))).collect();
    assert_eq!(library::add_to_album(&core, ada, id, &expected).await.unwrap().len(), COUNT);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let (from, to) = (0..COUNT, 0..COUNT).new_tree(&mut runner).unwrap().current();
        let moved = expected.remove(from);
        let before = expected.get(to).copied();
        expected.insert(to, moved);
        place(&core, ada, id, moved, before).await.unwrap();
    }
    assert_eq!(order(&core, ada, id, 200).await, expected);
}
