use sqlx::PgPool;

use super::*;
use crate::{
    images::{
        library::{ListQuery, list, timeline, usage},
        verify::verify,
    },
    testing::{self, user},
};

fn of(images: u32, add: bool) -> Seed {
    Seed { images: images.try_into().unwrap(), years: NonZeroU32::new(2).unwrap(), add }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_seeded_is_counted_and_whole(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let mut told = Vec::new();
    let seeded = seed(&core, owner, of(450, false), |n| told.push(n)).await.unwrap();
    assert_eq!((seeded.images, seeded.pictures, told), (450, pictures::COUNT, vec![450]));
    let report = verify(&core, |_| ()).await.unwrap();
    assert_eq!((report.damaged, report.blobs), (0, pictures::COUNT as u64), "{:?}", report.damage);
    let space = usage(&core, owner).await.unwrap().unwrap();
    assert_eq!((space.used, space.images), (seeded.bytes, 450));
    let months = timeline(&core, owner).await.unwrap();
    assert_eq!(months.iter().map(|month| month.images).sum::<u32>(), 450);
    assert!((20..=25).contains(&months.len()), "{months:?}");
    let page = list(&core, owner, &ListQuery { limit: 200, ..ListQuery::default() }).await.unwrap();
    assert!(page.items.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at));
    let variants: i64 = sqlx::query_scalar("SELECT count(*) FROM variants").fetch_one(&pool).await.unwrap();
    assert_eq!(variants, 2 * pictures::COUNT as i64, "thumbnails are there, as after an upload");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn images_that_are_there_stay_alone_unless_more_are_asked_for(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    seed(&core, owner, of(10, false), |_| ()).await.unwrap();
    assert!(matches!(seed(&core, owner, of(10, false), |_| ()).await, Err(SeedError::HasImages)));
    seed(&core, owner, of(10, true), |_| ()).await.unwrap();
    assert_eq!(usage(&core, owner).await.unwrap().unwrap().images, 20);
    assert_eq!(verify(&core, |_| ()).await.unwrap().damaged, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_the_space_does_not_hold_is_refused_before_anything_is_made(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 100_000).await;
    let refused = seed(&core, owner, of(1000, false), |_| ()).await;
    assert!(matches!(refused, Err(SeedError::Image(ImageError::QuotaExceeded { .. }))), "{refused:?}");
    assert_eq!(usage(&core, owner).await.unwrap().unwrap().images, 0);
}
