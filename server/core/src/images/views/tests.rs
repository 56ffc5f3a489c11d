use std::sync::Arc;

use model::types::{ImageId, MediaType, StatisticsDays, UserId, Within};
use sqlx::PgPool;
use time::{Date, Duration, macros::date, macros::datetime};

use super::{Seen, add, by_day, of_image, of_owner, sweep};
use crate::{
    Core, ManualClock,
    audit::By,
    images::{
        ImageError,
        library::{self, tests::put},
    },
    testing::{self, user},
};

const TODAY: Date = date!(2026 - 11 - 20);
const MONTH: StatisticsDays = Within::nearest(30);

fn seen(image: ImageId, day: Date, views: u64) -> Seen {
    Seen { image, day, views }
}

/// Ada, with so many images.
async fn with_images(pool: &PgPool, images: u32) -> (Core, UserId, Vec<ImageId>) {
    let (core, ada) = (testing::core(pool.clone()), user(pool, "ada", 1000).await);
    let mut ids = Vec::new();
    for number in 0..images {
        ids.push(put(pool, ada, number, &format!("{number}.png"), 1).await);
    }
    (core, ada, ids)
}

/// The total, and days with views.
async fn told(core: &Core, owner: UserId, id: ImageId) -> (u64, Vec<(String, u64)>) {
    let told = of_image(core, owner, id, MONTH).await.unwrap();
    assert_eq!(told.days.len(), 30);
    let days = told.days.into_iter().filter(|day| day.views > 0).map(|day| (day.date, day.views));
    (told.views, days.collect())
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn views_add_up_by_day_and_in_all(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 2).await;
    let yesterday = TODAY - Duration::DAY;
    for _ in 0..2 {
        let batch = [seen(ids[0], TODAY, 3), seen(ids[0], yesterday, 4), seen(ids[1], TODAY, 1)];
        assert_eq!(add(&pool, &batch).await.unwrap(), []);
    }
    assert_eq!(
        told(&core, ada, ids[0]).await,
        (14, vec![("2026-11-19".into(), 8), ("2026-11-20".into(), 6)])
    );
    assert_eq!(told(&core, ada, ids[1]).await, (2, vec![("2026-11-20".into(), 2)]));
    let short = of_image(&core, ada, ids[0], Within::nearest(1)).await.unwrap();
    assert_eq!(
        (short.views, short.days.len(), short.days[0].views),
        (14, 1, 6),
        "today alone, and the total"
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn many_may_add_at_once_in_any_order(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 20).await;
    let mut batch: Vec<Seen> = ids.iter().map(|id| seen(*id, TODAY, 1)).collect();
    let adding = (0..8).map(|turn| {
        batch.rotate_left(turn);
        batch.reverse();
        let (pool, batch) = (pool.clone(), batch.clone());
        tokio::spawn(async move { add(&pool, &batch).await })
    });
    for added in futures::future::join_all(adding).await {
        assert_eq!(added.unwrap().unwrap(), []);
    }
    for id in ids {
        assert_eq!(told(&core, ada, id).await.0, 8);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_image_that_is_gone_keeps_nothing_back(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 3).await;
    add(&pool, &[seen(ids[1], TODAY, 5)]).await.unwrap();
    library::delete(&core, By::SYSTEM, ada, &ids[..2]).await.unwrap();
    library::purge(&core, By::SYSTEM, ada, Some(&ids[1..2])).await.unwrap();
    let batch = ids.iter().map(|id| seen(*id, TODAY, 1)).collect::<Vec<_>>();
    assert_eq!(add(&pool, &batch).await.unwrap(), []);
    let rows: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM image_views FULL JOIN image_view_totals USING (image_id) WHERE image_id = $1",
    )
    .bind(ids[1].0)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(rows, 0, "with it went what was counted");
    assert_eq!(told(&core, ada, ids[2]).await.0, 1);
    assert!(matches!(of_image(&core, ada, ids[0], MONTH).await, Err(ImageError::NotFound)), "in the bin");
    assert!(matches!(of_image(&core, ada, ids[1], MONTH).await, Err(ImageError::NotFound)));
    assert_eq!(of_owner(&core, ada, MONTH).await.unwrap().views, 2, "days count what is in the bin");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_image_that_somebody_is_deleting_is_not_waited_for(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 2).await;
    let batch = [seen(ids[0], TODAY, 1), seen(ids[1], TODAY, 1)];
    for is_deleted in [false, true] {
        let mut other = pool.begin().await.unwrap();
        sqlx::query("DELETE FROM images WHERE id = $1").bind(ids[0].0).execute(&mut *other).await.unwrap();
        assert_eq!(add(&pool, &batch).await.unwrap(), [ids[0]], "to be tried again");
        if is_deleted { other.commit().await } else { other.rollback().await }.unwrap();
        assert_eq!(add(&pool, &batch[..1]).await.unwrap(), []);
        let found = of_image(&core, ada, ids[0], MONTH).await;
        assert_eq!(found.is_ok_and(|found| found.views == 1), !is_deleted);
    }
    assert_eq!(told(&core, ada, ids[1]).await.0, 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn days_go_after_four_hundred_and_their_views_stay_in_the_total(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 1).await;
    let last_kept = TODAY - Duration::days(399);
    let batch =
        [seen(ids[0], TODAY, 1), seen(ids[0], last_kept, 2), seen(ids[0], last_kept - Duration::DAY, 4)];
    add(&pool, &batch).await.unwrap();
    assert_eq!(sweep(&pool, core.now()).await.unwrap(), 1);
    assert_eq!(sweep(&pool, core.now()).await.unwrap(), 0);
    let days: Vec<Date> =
        sqlx::query_scalar("SELECT day FROM image_views ORDER BY day").fetch_all(&pool).await.unwrap();
    assert_eq!(days, [last_kept, TODAY]);
    assert_eq!(told(&core, ada, ids[0]).await.0, 7);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn figures_are_of_ones_own_images(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 14).await;
    let bob = user(&pool, "bob", 1000).await;
    let his = put(&pool, bob, 99, "his.png", 2).await;
    let mut batch: Vec<Seen> = ids.iter().zip(0..).map(|(id, number)| seen(*id, TODAY, number / 2)).collect();
    batch.push(seen(ids[0], TODAY - Duration::days(40), 1000));
    batch.push(seen(his, TODAY, 500));
    add(&pool, &batch).await.unwrap();
    library::delete(&core, By::SYSTEM, ada, &ids[13..]).await.unwrap();
    let told = of_owner(&core, ada, MONTH).await.unwrap();
    assert_eq!((told.views, told.days.len(), told.days[29].views), (42, 30, 42));
    let most: Vec<_> = told.most_viewed.iter().map(|seen| (seen.image.id, seen.views)).collect();
    let expected: Vec<_> = (3..13).rev().map(|number| (ids[number], number as u64 / 2)).collect();
    assert_eq!(most, expected, "the newer ones first among equals, and nothing that is in the bin");
    let longer = of_owner(&core, ada, Within::nearest(90)).await.unwrap();
    assert_eq!((longer.views, longer.most_viewed[0].image.id), (1042, ids[0]));
    assert!(matches!(of_image(&core, bob, ids[0], MONTH).await, Err(ImageError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn storage_is_told_by_type_and_month(pool: PgPool) {
    let (core, ada, ids) = with_images(&pool, 4).await;
    for (id, kind, size, at) in [
        (ids[0], "image/png", 10, datetime!(2026-08-31 23:59 UTC)),
        (ids[1], "image/jpeg", 300, datetime!(2026-11-01 00:00 UTC)),
        (ids[2], "image/png", 20, datetime!(2026-11-20 12:00 UTC)),
    ] {
        sqlx::query("UPDATE images SET media_type = $2, byte_size = $3, created_at = $4 WHERE id = $1")
            .bind(id.0)
            .bind(kind)
            .bind(i64::from(size))
            .bind(at)
            .execute(&pool)
            .await
            .unwrap();
    }
    library::delete(&core, By::SYSTEM, ada, &ids[3..]).await.unwrap();
    let told = of_owner(&core, ada, MONTH).await.unwrap();
    let types: Vec<_> =
        told.types.iter().map(|kind| (kind.media_type, kind.images, kind.bytes.bytes())).collect();
    assert_eq!(types, [(MediaType::Jpeg, 1, 300), (MediaType::Png, 2, 30)]);
    let months: Vec<_> =
        told.months.iter().map(|month| (&*month.month, month.images, month.bytes.bytes())).collect();
    assert_eq!(months, [("2026-08", 1, 10), ("2026-09", 0, 0), ("2026-10", 0, 0), ("2026-11", 2, 320)]);
    let days = by_day(&core, ada).await.unwrap();
    let days: Vec<_> = days.iter().map(|day| (day.day, day.images, day.bytes.bytes())).collect();
    let expected =
        [(date!(2026 - 08 - 31), 1, 10), (date!(2026 - 11 - 01), 1, 300), (date!(2026 - 11 - 20), 1, 20)];
    assert_eq!(days, expected);
    let nobody = user(&pool, "bob", 1000).await;
    let told = of_owner(&core, nobody, MONTH).await.unwrap();
    assert!(told.types.is_empty() && told.months.is_empty() && told.most_viewed.is_empty());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_last_days_follow_the_clock(pool: PgPool) {
    let (_, ada, ids) = with_images(&pool, 1).await;
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 23:59:59 UTC)));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    add(&pool, &[seen(ids[0], TODAY, 1)]).await.unwrap();
    let last = async || of_image(&core, ada, ids[0], Within::nearest(2)).await.unwrap().days;
    assert_eq!((last().await[1].date.as_str(), last().await[1].views), ("2026-11-20", 1));
    clock.advance(Duration::SECOND);
    assert_eq!((last().await[1].date.as_str(), last().await[1].views), ("2026-11-21", 0));
    assert_eq!(last().await[0].views, 1);
}
