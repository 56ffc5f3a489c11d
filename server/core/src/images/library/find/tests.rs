use model::types::{ColorName, ImageId, MediaType, Place, UserId, Visibility};
use sqlx::PgPool;
use time::macros::date;

use crate::{
    Core,
    audit::By,
    images::{
        albums::{self, NewAlbum},
        colors::Colors,
        library::{Bulk, Search, StretchQuery, Which, bulk, count, range, stretch, tests::put},
    },
    testing::{self, user},
};

/// Ten images of a person: each second one private, each third one a JPEG, with their number of bytes, the last
/// four tagged, the first five in an album, those of 3 and 8 with a star.
async fn varied(pool: &PgPool) -> (Core, UserId, Vec<ImageId>, model::types::AlbumId) {
    let core = testing::core(pool.clone());
    let ada = user(pool, "ada", 1000).await;
    let bob = user(pool, "bob", 1000).await;
    put(pool, bob, 50, "bobs.png", 2).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(put(pool, ada, number, &format!("cat {number}.png"), 1).await);
    }
    sqlx::query(
        "UPDATE images SET visibility = CASE WHEN right(slug, 1)::int % 2 = 0 THEN 'private' ELSE 'unlisted' END, \
         media_type = CASE WHEN right(slug, 1)::int % 3 = 0 THEN 'image/jpeg' ELSE 'image/png' END, \
         byte_size = right(slug, 1)::int, is_favourite = right(slug, 1) IN ('3', '8'), \
         colors = CASE WHEN right(slug, 1) = '0' THEN NULL WHEN right(slug, 1) IN ('1', '3', '5', '7') THEN $2 \
         ELSE $3 END WHERE owner_id = $1",
    )
    .bind(ada.0)
    .bind(Colors::one(ColorName::Blue).stored() | Colors::one(ColorName::Red).stored())
    .bind(Colors::one(ColorName::Red).stored())
    .execute(pool)
    .await
    .unwrap();
    let tags = Bulk::Tags { add: vec!["Sea".parse().unwrap()], remove: vec![] };
    bulk(&core, By::SYSTEM, ada, Which::Ids(&ids[6..]), &tags).await.unwrap();
    let tags = Bulk::Tags { add: vec!["sky".parse().unwrap()], remove: vec![] };
    bulk(&core, By::SYSTEM, ada, Which::Ids(&ids[5..8]), &tags).await.unwrap();
    let new = NewAlbum { name: "Trips".parse().unwrap(), description: None, parent: None };
    let album = albums::create(&core, ada, &new).await.unwrap().id;
    let mut backwards = ids[..5].to_vec();
    backwards.reverse();
    bulk(&core, By::SYSTEM, ada, Which::Ids(&backwards), &Bulk::Album(album)).await.unwrap();
    (core, ada, ids, album)
}

/// Numbers of what is found, read in pages from both ends, which must be the same.
async fn found(core: &Core, owner: UserId, search: &Search) -> Vec<usize> {
    let mut down: Vec<(ImageId, usize)> = Vec::new();
    let mut up = Vec::new();
    for (place, numbers) in [(Place::Newest, &mut down), (Place::Oldest, &mut up)] {
        let mut next = Some(place);
        while let Some(place) = next.take() {
            let goes_down = matches!(place, Place::Newest | Place::OlderThan(_));
            let query = StretchQuery { limit: 2, place, search: search.clone() };
            let part = stretch(core, owner, &query).await.unwrap();
            let more = if goes_down { part.has_older } else { part.has_newer };
            let mut images: Vec<(ImageId, usize)> =
                part.images.iter().map(|image| (image.id, image.slug.as_str().parse().unwrap())).collect();
            if !goes_down {
                images.reverse();
            }
            next = images
                .last()
                .filter(|_| more)
                .map(|(id, _)| if goes_down { Place::OlderThan(*id) } else { Place::NewerThan(*id) });
            numbers.extend(images);
        }
    }
    up.reverse();
    assert_eq!(down, up);
    assert_eq!(count(core, owner, search).await.unwrap(), down.len() as u64);
    let all = range(core, owner, search, None).await.unwrap();
    assert_eq!(
        all.iter().map(|image| image.id).collect::<Vec<_>>(),
        down.iter().map(|(id, _)| *id).collect::<Vec<_>>()
    );
    down.into_iter().map(|(_, number)| number).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn filters_are_of_each_kind_and_together(pool: PgPool) {
    let (core, ada, _, album) = varied(&pool).await;
    let tag = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    let none = Search::default();
    // Keys of `put` are of this day.
    let (before, day, after) = (date!(2024 - 06 - 09), date!(2024 - 06 - 10), date!(2024 - 06 - 11));
    let all: Vec<usize> = (0..10).rev().collect();
    for (search, expected) in [
        (none.clone(), &all[..]),
        (Search { media_type: Some(MediaType::Jpeg), ..none.clone() }, &[9, 6, 3, 0]),
        (Search { visibility: Some(Visibility::Private), ..none.clone() }, &[8, 6, 4, 2, 0]),
        (Search { favourite: true, ..none.clone() }, &[8, 3]),
        (Search { color: Some(ColorName::Blue), ..none.clone() }, &[7, 5, 3, 1]),
        (Search { color: Some(ColorName::Red), ..none.clone() }, &[9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (Search { color: Some(ColorName::Pink), ..none.clone() }, &[]),
        (Search { min_size: Some(3), max_size: Some(5), ..none.clone() }, &[5, 4, 3]),
        (Search { tags: tag(&["SEA"]), ..none.clone() }, &[9, 8, 7, 6]),
        (Search { tags: tag(&["sea", "sky"]), ..none.clone() }, &[7, 6]),
        (Search { tags: tag(&["sea", "none"]), ..none.clone() }, &[]),
        (Search { album: Some(album), ..none.clone() }, &[4, 3, 2, 1, 0]),
        (Search { album: Some(album), tags: tag(&["sky"]), ..none.clone() }, &[]),
        (Search { album: Some(album), visibility: Some(Visibility::Private), ..none.clone() }, &[4, 2, 0]),
        (
            Search { words: Some("CAT".into()), media_type: Some(MediaType::Jpeg), ..none.clone() },
            &[9, 6, 3, 0],
        ),
        (Search { words: Some("7".into()), tags: tag(&["sky"]), ..none.clone() }, &[7]),
        (Search { words: Some("dog".into()), tags: tag(&["sky"]), ..none.clone() }, &[]),
        (Search { from: Some(day), to: Some(day), ..none.clone() }, &all),
        (Search { to: Some(before), ..none.clone() }, &[]),
        (Search { from: Some(after), ..none.clone() }, &[]),
    ] {
        assert_eq!(found(&core, ada, &search).await, expected, "{search:?}");
    }
    let bob: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM users WHERE name = 'bob'").fetch_one(&pool).await.unwrap();
    let hers = Search { album: Some(album), ..none };
    assert!(found(&core, UserId(bob), &hers).await.is_empty());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_range_has_both_its_ends_whichever_comes_first(pool: PgPool) {
    let (core, ada, ids, _) = varied(&pool).await;
    let numbers = async |search: &Search, ends| {
        let images = range(&core, ada, search, Some(ends)).await.unwrap();
        images.iter().map(|image| image.slug.as_str().parse().unwrap()).collect::<Vec<usize>>()
    };
    let all = Search::default();
    assert_eq!(numbers(&all, [ids[2], ids[5]]).await, [5, 4, 3, 2]);
    assert_eq!(numbers(&all, [ids[5], ids[2]]).await, [5, 4, 3, 2]);
    assert_eq!(numbers(&all, [ids[5], ids[5]]).await, [5]);
    let private = Search { visibility: Some(Visibility::Private), ..all };
    assert_eq!(numbers(&private, [ids[1], ids[7]]).await, [6, 4, 2]);
}
