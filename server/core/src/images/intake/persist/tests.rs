use image::metadata::Orientation;
use model::types::{Color, MediaType};
use sqlx::PgPool;

use sha2::{Digest as _, Sha256};

use super::{super::Stripped, *};
use crate::{
    images::{containers::Facts, library},
    testing::{self, user},
};

fn prepared(bytes: &'static [u8]) -> Prepared {
    let file = Stripped {
        kind: MediaType::Png,
        facts: Facts { width: 1, height: 1, frames: 1, orientation: Orientation::NoTransforms },
        bytes: bytes.into(),
        removed: Some(ByteSize(0)),
        hash: <[u8; 32]>::from(Sha256::digest(bytes)),
    };
    Prepared {
        file,
        color: Color([1, 2, 3]),
        colors: crate::images::colors::Colors::default(),
        likeness: None,
        placeholder: crate::images::placeholder::Placeholder::of(&image::RgbImage::new(1, 1).into()),
        variants: Vec::new(),
    }
}

/// What comes of bytes of the first numbers, then of the next: a slug is fifteen times its digit.
fn drawing(core: &Core, script: impl IntoIterator<Item = u8>) -> Core {
    Core { random: testing::filling(script), ..core.clone() }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_slug_that_is_taken_is_drawn_again(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1000).await;
    // A key each, before the slugs.
    let first =
        persist(&drawing(&core, [1, 5]), Sender::Owner(owner), "a", &prepared(b"a"), &Terms::default(), None)
            .await
            .unwrap()
            .image;
    assert_eq!(first.slug.as_str(), "555555555555555");
    let second = persist(
        &drawing(&core, [2, 5, 5, 6]),
        Sender::Owner(owner),
        "b",
        &prepared(b"b"),
        &Terms::default(),
        None,
    )
    .await
    .unwrap()
    .image;
    assert_eq!(second.slug.as_str(), "666666666666666");
    assert!(library::by_slug(&core, &second.slug).await.unwrap().is_some());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_generator_that_repeats_itself_ends_in_an_error(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1000).await;
    persist(&drawing(&core, [1, 5]), Sender::Owner(owner), "a", &prepared(b"a"), &Terms::default(), None)
        .await
        .unwrap();
    let script = std::iter::once(2).chain([5; DRAWS]).chain([6]);
    let failed =
        persist(&drawing(&core, script), Sender::Owner(owner), "b", &prepared(b"b"), &Terms::default(), None)
            .await;
    assert!(matches!(failed, Err(ImageError::Worker)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_refusal_has_the_numbers(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 10).await;
    persist(&core, Sender::Owner(owner), "a", &prepared(b"1234"), &Terms::default(), None).await.unwrap();
    persist(&core, Sender::Owner(owner), "a", &prepared(b"123456"), &Terms::default(), None).await.unwrap();
    let full = persist(&core, Sender::Owner(owner), "a", &prepared(b"x"), &Terms::default(), None).await;
    let Err(ImageError::QuotaExceeded { used, quota, needed }) = full else { panic!("{full:?}") };
    assert_eq!((used, quota, needed), (ByteSize(10), ByteSize(10), ByteSize(1)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn where_nothing_is_left_the_early_refusal_has_the_numbers_too(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 10).await;
    persist(&core, Sender::Owner(owner), "a", &prepared(b"123456789"), &Terms::default(), None)
        .await
        .unwrap();
    check_space_left(&core, owner, ByteSize(70)).await.unwrap();
    persist(&core, Sender::Owner(owner), "a", &prepared(b"x"), &Terms::default(), None).await.unwrap();
    // Full to the last byte, and over a quota that was lowered since.
    for lowered in [10_i64, 4] {
        let quota = "UPDATE users SET quota_bytes = $1";
        sqlx::query(quota).bind(lowered).execute(&pool).await.unwrap();
        let full = check_space_left(&core, owner, ByteSize(70)).await;
        let Err(ImageError::QuotaExceeded { used, quota, needed }) = full else { panic!("{full:?}") };
        assert_eq!((used, quota.0, needed), (ByteSize(10), lowered.cast_unsigned(), ByteSize(70)));
    }
}
