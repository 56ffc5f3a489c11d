//! Making, nesting, ordering, deleting.

use super::*;
use crate::{
    audit::By,
    images::{
        albums::{AlbumError, MOST, change, delete, find, list},
        library,
    },
};

async fn names(core: &Core, owner: UserId) -> Vec<String> {
    list(core, owner).await.unwrap().into_iter().map(|album| album.name.into()).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn albums_nest_one_level_and_among_ones_own(pool: PgPool) {
    let (core, ada, _) = with_images(&pool, "ada", 0..0).await;
    let bob = user(&pool, "bob", 1000).await;
    let (a, b, c) = (
        album(&core, ada, "a", None).await.id,
        album(&core, ada, "b", None).await.id,
        album(&core, bob, "c", None).await.id,
    );
    assert_eq!(change(&core, By::COMMAND_LINE, ada, b, &nested(Some(a))).await.unwrap().parent, Some(a));
    let deeper = NewAlbum { name: "d".parse().unwrap(), description: None, parent: Some(b) };
    assert!(matches!(create(&core, ada, &deeper).await, Err(AlbumError::BadParent)));
    let d = album(&core, ada, "d", None).await.id;
    for (id, parent, why) in [
        (a, d, "it has one in it"),
        (d, b, "that lies in another one"),
        (d, c, "that is somebody else's"),
        (d, d, "that is itself"),
        (d, AlbumId(Uuid::nil()), "there is none"),
    ] {
        let refused = change(&core, By::COMMAND_LINE, ada, id, &nested(Some(parent))).await;
        assert!(matches!(refused, Err(AlbumError::BadParent)), "{why}: {refused:?}");
    }
    assert_eq!(change(&core, By::COMMAND_LINE, ada, b, &nested(None)).await.unwrap().parent, None);
    change(&core, By::COMMAND_LINE, ada, a, &nested(Some(b))).await.unwrap();
    // Nothing but the tables: they hold whatever a query says.
    for wrong in ["SET parent_id = id", "SET is_top = true", "SET parent_is_top = false"] {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE albums {wrong} WHERE name = 'a'"));
        assert!(sqlx::query(sql).execute(&pool).await.is_err(), "{wrong}");
    }
    assert!(matches!(find(&core, bob, a).await, Err(AlbumError::NotFound)));
    assert!(matches!(
        change(&core, By::COMMAND_LINE, bob, a, &Change::default()).await,
        Err(AlbumError::NotFound)
    ));
    assert!(matches!(delete(&core, By::COMMAND_LINE, bob, a).await, Err(AlbumError::NotFound)));
    delete(&core, By::COMMAND_LINE, ada, b).await.unwrap();
    assert_eq!(find(&core, ada, a).await.unwrap().parent, None);
    sqlx::query("DELETE FROM users WHERE id = $1").bind(ada.0).execute(&pool).await.unwrap();
    assert!(list(&core, ada).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn they_keep_the_order_that_they_were_given(pool: PgPool) {
    let (core, ada, _) = with_images(&pool, "ada", 0..0).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(album(&core, ada, name, None).await.id);
    }
    let mv = |before: Option<AlbumId>| Change { before: Some(before), ..Change::default() };
    change(&core, By::COMMAND_LINE, ada, ids[2], &mv(Some(ids[0]))).await.unwrap();
    assert_eq!(names(&core, ada).await, ["c", "a", "b"]);
    change(&core, By::COMMAND_LINE, ada, ids[0], &mv(None)).await.unwrap();
    assert_eq!(names(&core, ada).await, ["c", "b", "a"]);
    for nowhere in [ids[0], AlbumId(Uuid::nil())] {
        let refused = change(&core, By::COMMAND_LINE, ada, ids[0], &mv(Some(nowhere))).await;
        assert!(matches!(refused, Err(AlbumError::BadPlace)), "{refused:?}");
    }
    assert_eq!(names(&core, ada).await, ["c", "b", "a"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_said_of_one_changes_in_all_or_in_nothing(pool: PgPool) {
    let (core, ada, images) = with_images(&pool, "ada", 0..2).await;
    let id = album(&core, ada, "Trips", None).await.id;
    library::add_to_album(&core, ada, id, &images[..1]).await.unwrap();
    let said = Change {
        name: Some("Journeys".parse().unwrap()),
        description: Some(Some("By train".parse().unwrap())),
        cover: Some(Some(images[0])),
        ..Change::default()
    };
    let changed = change(&core, By::COMMAND_LINE, ada, id, &said).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.count), ("Journeys", 1));
    assert_eq!(changed.cover.unwrap().id, images[0]);
    let wrong = Change {
        name: Some("x".parse().unwrap()),
        description: Some(None),
        cover: Some(Some(images[1])),
        ..Change::default()
    };
    assert!(matches!(change(&core, By::COMMAND_LINE, ada, id, &wrong).await, Err(AlbumError::BadCover)));
    let same = find(&core, ada, id).await.unwrap();
    assert_eq!((same.name.as_str(), same.description.unwrap().as_str()), ("Journeys", "By train"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_has_more_than_may_be(pool: PgPool) {
    let (core, ada, _) = with_images(&pool, "ada", 0..0).await;
    sqlx::query(
        "INSERT INTO albums (id, owner_id, name, position, created_at) \
         SELECT gen_random_uuid(), $1, 'x', n, now() FROM generate_series(1, $2) AS n",
    )
    .bind(ada.0)
    .bind(MOST)
    .execute(&pool)
    .await
    .unwrap();
    let new = NewAlbum { name: "y".parse().unwrap(), description: None, parent: None };
    assert!(matches!(create(&core, ada, &new).await, Err(AlbumError::TooMany)));
}
