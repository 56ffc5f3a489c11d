//! How long a session holds.

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn sessions_end_when_idle_and_after_their_lifetime(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let user: Option<UserId> = Some(ada.user_id);
    let life = Lifetime { absolute: Duration::hours(5), idle: Duration::hours(2) };
    let data = serde_json::json!({ "user": ada.user_id });
    let pool = &core.pool;
    let ends = async || session::load(pool, b"one", life, clock.now()).await.unwrap().map(|s| s.expires_at);
    let start = clock.now();
    assert!(session::insert(pool, b"one", user, &data, life, start).await.unwrap());
    assert!(!session::insert(pool, b"one", None, &data, life, start).await.unwrap());
    let loaded = session::load(pool, b"one", life, start).await.unwrap();
    assert_eq!(loaded, Some(StoredSession { data: data.clone(), expires_at: start + Duration::hours(2) }));
    clock.advance(Duration::seconds(59));
    assert_eq!(ends().await, Some(start + Duration::hours(2)), "a use within a minute is not written");
    clock.advance(Duration::minutes(90));
    assert_eq!(ends().await, Some(clock.now() + Duration::hours(2)), "a use is");
    clock.advance(Duration::minutes(119));
    session::update(pool, b"one", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::minutes(60));
    assert_eq!(ends().await, Some(start + Duration::hours(5)), "the lifetime is the bound");
    clock.advance(Duration::minutes(31));
    assert_eq!(ends().await, None);
    assert_eq!(session::sweep(pool, clock.now()).await.unwrap(), 1);
    session::insert(pool, b"two", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::hours(2));
    assert_eq!(session::load(pool, b"two", life, clock.now()).await.unwrap(), None, "idle");
    session::insert(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    session::delete(pool, b"three").await.unwrap();
    session::update(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    assert_eq!(session::load(pool, b"three", life, clock.now()).await.unwrap(), None, "ended stays ended");
    session::insert(pool, b"four", user, &data, life, clock.now()).await.unwrap();
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT id_hash FROM sessions").fetch_all(&core.pool).await.unwrap();
    assert!(!ids.iter().any(|id| id == b"four"), "ids are not stored in clear");
}
