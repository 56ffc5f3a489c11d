use std::sync::Arc;

use model::types::{ImageId, Visibility};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::*;
use crate::{
    ManualClock,
    images::library::tests::put,
    testing::{self, user},
};

async fn shown(core: &Core, name: &str, limit: u32) -> Vec<ImageId> {
    let profile = find(core, &name.parse().unwrap()).await.unwrap();
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = images(core, &profile, limit, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        all.extend(page.items.into_iter().map(|shared| shared.image.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_page_shows_what_is_public_and_nothing_else(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let (ada, bob) = (user(&pool, "Ada", 10_000).await, user(&pool, "bob", 10_000).await);
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(put(&pool, ada, number, "x.png", 1).await);
    }
    let others = put(&pool, bob, 9, "x.png", 1).await;
    let public = Visibility::Public.name();
    let states = [
        format!("visibility = '{public}'"),
        "visibility = 'unlisted'".to_owned(),
        "visibility = 'private'".to_owned(),
        format!("visibility = '{public}', deleted_at = now()"),
        format!("visibility = '{public}', expires_at = '2026-11-20 13:00Z'"),
        format!("visibility = '{public}', max_views = 1, views = 1"),
        format!("visibility = '{public}', max_views = 2, views = 1"),
        format!("visibility = '{public}'"),
    ];
    for (id, state) in ids.iter().zip(states) {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE images SET {state} WHERE id = $1"));
        sqlx::query(sql).bind(id.0).execute(&pool).await.unwrap();
    }
    sqlx::query("UPDATE images SET visibility = 'public' WHERE id = $1")
        .bind(others.0)
        .execute(&pool)
        .await
        .unwrap();
    let on = Change { is_on: Some(true), bio: None };
    change(&core, By::COMMAND_LINE, ada, &on).await.unwrap();
    for limit in [1, 2, 200] {
        assert_eq!(shown(&core, "ADA", limit).await, [ids[7], ids[6], ids[4], ids[0]], "{limit}");
    }
    clock.advance(Duration::HOUR);
    assert_eq!(shown(&core, "ada", 2).await, [ids[7], ids[6], ids[0]]);
    let profile = find(&core, &"ada".parse().unwrap()).await.unwrap();
    assert_eq!(profile.name.as_str(), "Ada");
    let bad = images(&core, &profile, 2, Some("nonsense")).await;
    assert!(matches!(bad, Err(ImageError::BadCursor)), "{bad:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_has_one_who_has_not_switched_it_on_or_may_not_be_here(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    let name = "ada".parse().unwrap();
    let is_there = async || find(&core, &name).await.is_ok();
    assert!(!is_there().await);
    let set = async |change_: Change| change(&core, By::COMMAND_LINE, ada, &change_).await.unwrap();
    let bio = Some(Some("Trains.\nMostly.".parse().unwrap()));
    let own = set(Change { is_on: Some(true), bio }).await;
    assert_eq!(own, super::own(&core, ada).await.unwrap());
    assert!(is_there().await);
    for state in ["suspended_at", "removed_at"] {
        let set = |value: &str| sqlx::AssertSqlSafe(format!("UPDATE users SET {state} = {value}"));
        sqlx::query(set("now()")).execute(&pool).await.unwrap();
        assert!(!is_there().await, "{state}");
        sqlx::query(set("NULL")).execute(&pool).await.unwrap();
    }
    // What isn't named stays.
    let kept = set(Change { is_on: Some(false), bio: None }).await;
    assert_eq!((kept.is_on, kept.bio), (false, own.bio));
    assert!(!is_there().await);
    assert_eq!(set(Change { is_on: None, bio: Some(None) }).await, OwnProfile::default());
    let told: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_log WHERE user_id = $1 ORDER BY sequence")
            .bind(ada.0)
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(told, ["profile_shown", "profile_hidden"]);
}
