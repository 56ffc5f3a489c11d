use futures::future::join_all;
use image::RgbImage;
use model::types::{MOST_VERSIONS, Within};
use sqlx::PgPool;

use super::*;
use crate::{
    admin,
    audit::By,
    images::{
        containers::fixtures::{animated_webp, apng, png, quarters, samples, stored_png},
        intake::{
            Terms, accept, accept_on,
            once::{Claimed, Part, claim},
        },
        library,
        likeness::scene,
        verify::verify,
        views,
    },
    testing::{self, user},
};

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn used(pool: &PgPool) -> u64 {
    number(pool, "SELECT used_bytes FROM users").await.cast_unsigned()
}

/// That no count is wrong, after whatever was done.
async fn is_sound(core: &Core) {
    let report = verify(core, |_| {}).await.unwrap();
    assert_eq!(report.damage, [], "{report:?}");
}

async fn numbers(core: &Core, owner: UserId, id: ImageId) -> Vec<u32> {
    list(core, owner, id).await.unwrap().iter().map(|version| version.number).collect()
}

/// A picture of one colour, the smallest of their kind.
fn dot(shade: u8) -> Bytes {
    stored_png(&RgbImage::from_pixel(2, 2, image::Rgb([shade, 0, 0]))).into()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn another_file_takes_the_place_and_what_was_stays(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let first = accept(&core, ada, "cat.png", png(&scene(1, 40, 30), 1).into()).await.unwrap().image;
    let second = samples().into_iter().find(|(kind, _)| *kind == MediaType::WebP).unwrap().1;
    let image = replace(&core, By::SYSTEM, ada, first.id, second.clone().into()).await.unwrap();
    assert_eq!((image.id, &image.slug, &image.created_at), (first.id, &first.slug, &first.created_at));
    assert_eq!((image.version, image.media_type, &*image.filename), (2, MediaType::WebP, "cat.webp"));
    assert_ne!((image.byte_size, image.width), (first.byte_size, first.width));
    let stored = library::by_slug(&core, &image.slug).await.unwrap().unwrap();
    assert_eq!(stored.image, image);
    let fresh = accept(&core, user(&pool, "bob", 1 << 30).await, "b", second.clone().into()).await.unwrap();
    assert_eq!(
        (image.color, image.width, image.height),
        (fresh.image.color, fresh.image.width, fresh.image.height)
    );
    let likeness = "SELECT count(DISTINCT likeness) FROM images";
    assert_eq!(number(&pool, likeness).await, 1, "it looks like what it is");

    let all = list(&core, ada, image.id).await.unwrap();
    assert_eq!(
        all.iter().map(|one| (one.number, one.made)).collect::<Vec<_>>(),
        [(2, Made::Replaced), (1, Made::Uploaded)]
    );
    assert_eq!((all[1].byte_size, all[1].made_at.clone()), (first.byte_size, first.created_at.clone()));
    let old = file(&core, ada, image.id, 1).await.unwrap();
    assert_eq!(Image { version: 1, ..old.image.clone() }, first);
    let bytes = store::read(&pool, &old.hash).await.unwrap().unwrap();
    assert_eq!(bytes.len() as u64, first.byte_size.bytes());

    // The same again, and what isn't a picture, change nothing.
    assert_eq!(replace(&core, By::SYSTEM, ada, image.id, second.into()).await.unwrap(), image);
    assert!(matches!(
        replace(&core, By::SYSTEM, ada, image.id, Bytes::from_static(b"<html>")).await,
        Err(ImageError::Unsupported(_))
    ));
    assert_eq!(numbers(&core, ada, image.id).await, [2, 1]);
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn earlier_versions_take_space_and_the_quota_holds(pool: PgPool) {
    let core = testing::core(pool.clone());
    let size = dot(1).len() as u64;
    let ada = user(&pool, "ada", i64::try_from(2 * size).unwrap()).await;
    let id = accept(&core, ada, "a", dot(1)).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(2)).await.unwrap();
    assert_eq!(used(&pool).await, 2 * size);
    let full = replace(&core, By::SYSTEM, ada, id, dot(3)).await;
    assert!(matches!(full, Err(ImageError::QuotaExceeded { .. })), "{full:?}");
    let full = restore(&core, By::SYSTEM, ada, id, 1).await;
    assert!(matches!(full, Err(ImageError::QuotaExceeded { .. })), "{full:?}");
    assert_eq!(numbers(&core, ada, id).await, [2, 1]);
    delete(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    assert_eq!(used(&pool).await, size);
    assert_eq!(number(&pool, "SELECT count(*) FROM blobs").await, 1);
    assert_eq!(replace(&core, By::SYSTEM, ada, id, dot(3)).await.unwrap().version, 3);
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_it_was_comes_back_as_a_version_of_its_own(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let first = accept(&core, ada, "a.png", png(&scene(1, 40, 30), 1).into()).await.unwrap().image;
    replace(&core, By::SYSTEM, ada, first.id, dot(2)).await.unwrap();
    let likeness = "SELECT likeness FROM images";
    assert_eq!(number(&pool, likeness).await, -1);
    let again = restore(&core, By::SYSTEM, ada, first.id, 1).await.unwrap();
    assert_eq!(again, Image { version: 3, ..first.clone() });
    assert!(number(&pool, likeness).await > 0);
    assert_eq!(number(&pool, "SELECT max(refs)::int8 FROM blobs").await, 2, "the first and the third");
    assert_eq!(list(&core, ada, first.id).await.unwrap()[0].made, Made::Restored);
    // What is shown is no earlier one; bringing it back, or the same bytes, changes nothing.
    for number in [3, 1] {
        assert_eq!(restore(&core, By::SYSTEM, ada, first.id, number).await.unwrap(), again);
    }
    for none in [0, 3, 4] {
        let refused = delete(&core, By::SYSTEM, ada, first.id, none).await;
        assert!(matches!(refused, Err(ImageError::NotFound)), "{none}");
    }
    delete(&core, By::SYSTEM, ada, first.id, 1).await.unwrap();
    assert!(matches!(restore(&core, By::SYSTEM, ada, first.id, 1).await, Err(ImageError::NotFound)));
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_too_many_the_oldest_go_with_their_bytes_but_never_what_was_sent_first(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let id = accept(&core, ada, "a", dot(0)).await.unwrap().image.id;
    for shade in 1..=22 {
        replace(&core, By::SYSTEM, ada, id, dot(shade)).await.unwrap();
    }
    let kept = numbers(&core, ada, id).await;
    assert_eq!(kept.len(), 1 + MOST_VERSIONS as usize);
    assert_eq!((kept[0], kept[18], kept[19], kept[20]), (23, 5, 4, 1));
    assert_eq!(number(&pool, "SELECT count(*) FROM blobs").await, 21);
    // One comes back in the moment in which it would go.
    let fourth = file(&core, ada, id, 4).await.unwrap();
    assert_eq!(restore(&core, By::SYSTEM, ada, id, 4).await.unwrap().version, 24);
    assert_eq!(file(&core, ada, id, 24).await.unwrap().hash, fourth.hash);
    assert_eq!(numbers(&core, ada, id).await[19..], [5, 1]);
    is_sound(&core).await;
    // Turning it over and over doesn't take it either.
    for _ in 0..21 {
        edit(&core, By::SYSTEM, ada, id, Edit::Turn(Turn::Right), None).await.unwrap();
    }
    assert_eq!(numbers(&core, ada, id).await.last(), Some(&1));
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_refers_to_bytes_before_all_that_are_changed_are_locked(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let shown = |shade| accept(&core, ada, "a", dot(shade));
    let (one, other) = (shown(0).await.unwrap().image.id, shown(1).await.unwrap().image.id);
    let hash = "SELECT encode(hash, 'hex') FROM images WHERE id = ";
    let mut hashes = Vec::new();
    for id in [one, other] {
        let sql = AssertSqlSafe(format!("{hash} '{id}'"));
        hashes.push(sqlx::query_scalar::<_, String>(sql).fetch_one(&pool).await.unwrap());
    }
    // Whoever has the first waits for the last, as whoever gives both up does.
    let (first, last) = (hashes.iter().min().unwrap(), hashes.iter().max().unwrap());
    let (shows_last, becomes) = if *last == hashes[0] { (one, dot(1)) } else { (other, dot(0)) };
    let take = |hash: &str| {
        AssertSqlSafe(format!("SELECT FROM blobs WHERE hash = decode('{hash}', 'hex') FOR UPDATE NOWAIT"))
    };
    let mut before = pool.begin().await.unwrap();
    sqlx::query(take(first)).execute(&mut *before).await.unwrap();
    let changing = tokio::spawn({
        let core = core.clone();
        async move { replace(&core, By::SYSTEM, ada, shows_last, becomes).await }
    });
    let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&pool).await.unwrap() {
        assert!(!changing.is_finished(), "it waits for nobody");
        tokio::task::yield_now().await;
    }
    sqlx::query(take(last)).execute(&mut *before).await.unwrap();
    before.commit().await.unwrap();
    assert_eq!(changing.await.unwrap().unwrap().version, 2);
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_becomes_of_pictures_is_in_the_log(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let id = accept(&core, ada, "a.png", dot(0)).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    // What changes nothing is none of it.
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    restore(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    delete(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    let told: Vec<(String, Uuid, String)> =
        sqlx::query_as("SELECT action, user_id, details->>'name' FROM audit_log ORDER BY sequence")
            .fetch_all(&pool)
            .await
            .unwrap();
    let entry = |action: &str| (action.to_owned(), ada.0, "a.png".to_owned());
    assert_eq!(told, ["picture_changed", "picture_changed", "version_deleted"].map(entry));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_has_the_colours_of_what_it_is(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let colors = || number(&pool, "SELECT colors::int8 FROM images");
    let placeholder = async || {
        let query = library::ListQuery { limit: 1, ..Default::default() };
        let found = library::list(&core, ada, &query).await.unwrap().items.remove(0);
        (found.thumbhash, found.preview)
    };
    let id = accept(&core, ada, "a", dot(255)).await.unwrap().image.id;
    let (red, soft) = (colors().await, placeholder().await);
    let other = replace(&core, By::SYSTEM, ada, id, dot(0)).await.unwrap();
    assert_ne!(colors().await, red);
    let (hash, preview) = placeholder().await;
    assert!(hash != soft.0 && preview != soft.1);
    assert_eq!((other.thumbhash, other.preview), (hash, preview));
    let before = file(&core, ada, id, 1).await.unwrap().image;
    assert_eq!((before.thumbhash, before.preview), (soft.0.clone(), soft.1.clone()));
    restore(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    assert_eq!((colors().await, placeholder().await), (red, soft));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_told_of_storage_adds_up_to_what_is_used(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let id = accept(&core, ada, "a", samples().swap_remove(0).1.into()).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    restore(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    let told = views::of_owner(&core, ada, Within::nearest(30)).await.unwrap();
    let types: u64 = told.types.iter().map(|kind| kind.bytes.bytes()).sum();
    let months: u64 = told.months.iter().map(|month| month.bytes.bytes()).sum();
    assert_eq!([types, months], [used(&pool).await; 2]);
    assert_eq!(told.types.iter().map(|kind| kind.images).sum::<u64>(), 1);
    let days = admin::overview(&core).await.unwrap().days;
    assert_eq!(
        days.iter().rev().map(|day| (day.images, day.stored)).take(2).collect::<Vec<_>>(),
        [(1, months), (0, 0)]
    );
}

/// An animated WebP with its first frame only.
fn one_frame(webp: &[u8]) -> Vec<u8> {
    let mut out = webp[..12].to_vec();
    let (mut rest, mut frames) = (&webp[12..], 0);
    while !rest.is_empty() {
        let size = u32::from_le_bytes(rest[4..8].try_into().unwrap()) as usize;
        let (chunk, others) = rest.split_at((8 + size.next_multiple_of(2)).min(rest.len()));
        frames += u32::from(chunk.starts_with(b"ANMF"));
        if frames < 2 {
            out.extend(chunk);
        }
        rest = others;
    }
    assert_eq!(frames, 2);
    let size = u32::try_from(out.len() - 8).unwrap();
    out[4..8].copy_from_slice(&size.to_le_bytes());
    out
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_made_to_move_is_not_edited(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    for (name, bytes) in [("a.png", apng(1)), ("a.webp", one_frame(&animated_webp(2)))] {
        let image = accept(&core, ada, name, bytes.into()).await.unwrap().image;
        assert_eq!(image.frames, 1);
        let refused = edit(&core, By::SYSTEM, ada, image.id, Edit::Turn(Turn::Right), None).await;
        assert!(matches!(refused, Err(ImageError::NotEditable)), "{name}: {refused:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_at_once_are_two_versions(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let id = accept(&core, ada, "a", dot(0)).await.unwrap().image.id;
    let other = accept(&core, ada, "b", dot(1)).await.unwrap().image.id;
    // Each image becomes what the other one was, and more.
    let all = (0..12).map(|shade| {
        let core = core.clone();
        async move {
            replace(&core, By::SYSTEM, ada, if shade % 2 == 0 { id } else { other }, dot(shade / 2)).await
        }
    });
    join_all(all).await.into_iter().for_each(|done| drop(done.unwrap()));
    for id in [id, other] {
        let kept = numbers(&core, ada, id).await;
        let expected: Vec<u32> = (1..=kept[0]).rev().collect();
        assert_eq!(kept, expected);
    }
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn with_the_image_go_its_versions(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let kept = accept(&core, ada, "kept", dot(1)).await.unwrap().image;
    let id = accept(&core, ada, "a", dot(0)).await.unwrap().image.id;
    // Bytes that another image shows too.
    for shade in [1, 2, 1] {
        replace(&core, By::SYSTEM, ada, id, dot(shade)).await.unwrap();
    }
    library::delete(&core, By::SYSTEM, ada, &[id]).await.unwrap();
    is_sound(&core).await;
    for gone in [
        replace(&core, By::SYSTEM, ada, id, dot(5)).await.map(drop),
        restore(&core, By::SYSTEM, ada, id, 1).await.map(drop),
        delete(&core, By::SYSTEM, ada, id, 1).await,
        list(&core, ada, id).await.map(drop),
        file(&core, ada, id, 1).await.map(drop),
    ] {
        assert!(matches!(gone, Err(ImageError::NotFound)), "it is in the bin: {gone:?}");
    }
    library::purge(&core, By::SYSTEM, ada, None).await.unwrap();
    assert_eq!(used(&pool).await, kept.byte_size.bytes());
    assert_eq!(number(&pool, "SELECT refs::int8 FROM blobs").await, 1, "and there is one blob only");
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn others_have_no_part_in_it(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1 << 30).await, user(&pool, "bob", 1 << 30).await);
    let id = accept(&core, ada, "a", dot(0)).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    for refused in [
        replace(&core, By::SYSTEM, bob, id, dot(5)).await.map(drop),
        restore(&core, By::SYSTEM, bob, id, 1).await.map(drop),
        delete(&core, By::SYSTEM, bob, id, 1).await,
        list(&core, bob, id).await.map(drop),
        file(&core, bob, id, 1).await.map(drop),
    ] {
        assert!(matches!(refused, Err(ImageError::NotFound)), "{refused:?}");
    }
    assert_eq!(numbers(&core, ada, id).await, [2, 1]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_an_image_was_is_no_image_to_upload_again(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let id = accept(&core, ada, "a", dot(0)).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    let again = accept(&core, ada, "a", dot(0)).await.unwrap();
    assert!(!again.existing && again.image.id != id, "a link to what was sent");
    let same = accept(&core, ada, "a", dot(1)).await.unwrap();
    assert!(same.existing && same.image.id == id && same.image.version == 2);
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_upload_that_is_sent_again_finds_its_image_though_it_was_changed(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let claimed = claim(&core, ada, "k".parse().unwrap()).await.unwrap();
    let Claimed::Ours(claim) = claimed else { panic!("{claimed:?}") };
    let send =
        |shade| accept_on(&core, ada, "a", dot(shade), Terms::default(), Some(Part::of_file(&claim, 0)));
    let id = send(0).await.unwrap().image.id;
    replace(&core, By::SYSTEM, ada, id, dot(1)).await.unwrap();
    let again = send(0).await.unwrap();
    assert_eq!((again.image.id, again.image.version, again.existing), (id, 2, false));
    assert!(matches!(send(5).await, Err(ImageError::OtherUpload)));
    // Nobody can tell any more what was sent.
    delete(&core, By::SYSTEM, ada, id, 1).await.unwrap();
    assert_eq!(send(0).await.unwrap().image.id, id);
    is_sound(&core).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_wrong_with_a_version_is_found(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let image = accept(&core, ada, "a", png(&quarters(8, 8), 1).into()).await.unwrap().image;
    replace(&core, By::SYSTEM, ada, image.id, dot(1)).await.unwrap();
    sqlx::query(
        "UPDATE blob_chunks SET data = data || '\\x00' WHERE hash = (SELECT hash FROM image_versions)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let report = verify(&core, |_| {}).await.unwrap();
    assert_eq!(report.damaged, 1, "{report:?}");
    assert!(report.damage[0].to_string().contains(image.slug.as_str()), "{report:?}");
}
