//! Tokens of the API.

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tokens_lead_to_their_owner_and_nothing_else_does(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let made = token::create(&core, By::COMMAND_LINE, ada.user_id, "laptop").await.unwrap();
    assert!(made.starts_with("rfl_"));
    assert_eq!(token::authenticate(&core, &made).await.unwrap(), Some(ada.user_id));
    let used = "SELECT last_used_at FROM api_tokens";
    let first: time::OffsetDateTime = sqlx::query_scalar(used).fetch_one(&core.pool).await.unwrap();
    clock.advance(Duration::seconds(59));
    token::authenticate(&core, &made).await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, time::OffsetDateTime>(used).fetch_one(&core.pool).await.unwrap(),
        first
    );
    clock.advance(Duration::seconds(1));
    token::authenticate(&core, &made).await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, time::OffsetDateTime>(used).fetch_one(&core.pool).await.unwrap(),
        clock.now()
    );
    sqlx::query("DELETE FROM api_tokens").execute(&core.pool).await.unwrap();
    assert_eq!(token::authenticate(&core, &made).await.unwrap(), None);
}
