use image::metadata::Orientation;
use model::types::{Color, MediaType};
use sqlx::PgPool;

use super::*;
use crate::{
    images::{containers::Facts, library},
    testing::{self, user},
};

fn prepared(bytes: &'static [u8]) -> Prepared {
    Prepared {
        kind: MediaType::Png,
        facts: Facts { width: 1, height: 1, frames: 1, orientation: Orientation::NoTransforms },
        color: Color([1, 2, 3]),
        bytes: bytes.into(),
        removed: ByteSize(0),
        hash: [bytes[0]; 32],
        variants: Vec::new(),
    }
}

fn slug(text: &str) -> Result<Slug, ImageError> {
    Ok(text.parse().unwrap())
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_slug_that_is_taken_is_drawn_again(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1000).await;
    let first = persist(&core, owner, "a", &prepared(b"a"), &mut || slug("aaaaaaaaaaaaaaa")).await.unwrap();
    assert_eq!(first.slug.as_str(), "aaaaaaaaaaaaaaa");
    let mut draws = ["bbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa"].to_vec();
    let second =
        persist(&core, owner, "b", &prepared(b"b"), &mut || slug(draws.pop().unwrap())).await.unwrap();
    assert_eq!(second.slug.as_str(), "bbbbbbbbbbbbbbb");
    assert!(library::by_slug(&core, &second.slug).await.unwrap().is_some());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_generator_that_repeats_itself_ends_in_an_error(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1000).await;
    let mut same = || slug("aaaaaaaaaaaaaaa");
    persist(&core, owner, "a", &prepared(b"a"), &mut same).await.unwrap();
    let failed = persist(&core, owner, "b", &prepared(b"b"), &mut same).await;
    assert!(matches!(failed, Err(ImageError::Worker)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_refusal_has_the_numbers(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 10).await;
    let mut number = 0;
    let mut slugs = || {
        number += 1;
        slug(&format!("{number:015}"))
    };
    persist(&core, owner, "a", &prepared(b"1234"), &mut slugs).await.unwrap();
    persist(&core, owner, "a", &prepared(b"123456"), &mut slugs).await.unwrap();
    let full = persist(&core, owner, "a", &prepared(b"x"), &mut slugs).await;
    let Err(ImageError::QuotaExceeded { used, quota, needed }) = full else { panic!("{full:?}") };
    assert_eq!((used, quota, needed), (ByteSize(10), ByteSize(10), ByteSize(1)));
    assert!(matches!(check_space_left(&core, owner).await, Err(ImageError::QuotaExceeded { .. })));
}
