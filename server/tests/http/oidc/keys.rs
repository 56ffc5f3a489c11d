//! The provider's keys, and how it wants to be asked.

use serde_json::json;
use sqlx::PgPool;
use time::Duration;

use super::{Way, instance, linked, location, refused};
use crate::support::SigningKey;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn keys_of_rsa_sign_as_well(pool: PgPool) {
    let (app, home) = instance(pool).await;
    home.manners().key = SigningKey::Rsa { kid: "rsa" };
    linked(&app, &home, "a").await;
    let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
    assert_eq!(location(&answer), "/gallery");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_new_key_is_learned_when_it_signs_once_a_minute_at_most(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    assert_eq!(home.asked("keys"), 1);
    for (key, asked) in
        [(SigningKey::ec("second"), 2), (SigningKey::ec("second"), 3), (SigningKey::Rsa { kid: "third" }, 4)]
    {
        home.manners().key = key;
        app.wait(Duration::seconds(59));
        refused(&Way::to_sign_in(&app, &home, "a").await.back(&app).await, "failed");
        assert_eq!(home.asked("keys"), asked - 1, "tokens of nobody's keys don't make it ask");
        app.wait(Duration::SECOND);
        for _ in 0..2 {
            let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
            assert_eq!(location(&answer), "/gallery");
        }
        assert_eq!(home.asked("keys"), asked);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_secret_goes_where_the_provider_wants_it(pool: PgPool) {
    let (app, home) = instance(pool).await;
    // The provider itself looks where it is.
    home.manners()
        .metadata
        .insert("token_endpoint_auth_methods_supported".into(), json!(["client_secret_post"]));
    linked(&app, &home, "a").await;
    assert_eq!(home.asked("token"), 1);
}
