//! Ways back that end before the door.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{Way, instance, linked, location, refused, way_cookie};
use crate::support::SigningKey;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_is_checked_in_every_part(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    let now = reflect_core::Clock::now(&*app.clock).unix_timestamp();
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("somebody else")),
        ("aud", json!(["reflect", "somebody else"])),
        ("aud", Value::Null),
        ("iss", json!("https://other.example")),
        ("iss", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("iat", json!(now + 61)),
        ("sub", Value::Null),
    ] {
        home.manners().claims = [(name.to_owned(), value.clone())].into_iter().collect();
        let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
        assert_eq!(location(&answer), "/sign-in?provider=failed", "{name}: {value}");
        refused(&answer, "failed");
    }
    for (name, value) in [("exp", json!(now - 59)), ("iat", json!(now + 60)), ("aud", json!(["reflect"]))] {
        home.manners().claims = [(name.to_owned(), value.clone())].into_iter().collect();
        let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
        assert_eq!(location(&answer), "/gallery", "{name}: {value}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_that_the_provider_has_not_signed_is_not_taken(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    // The right key stays published.
    let own = std::mem::replace(&mut home.manners().key, SigningKey::Nothing);
    home.manners().published = Some(own);
    for key in
        [SigningKey::Nothing, SigningKey::Secret, SigningKey::ec("first"), SigningKey::Rsa { kid: "first" }]
    {
        home.manners().key = key;
        // Long enough for the keys to be read anew.
        app.wait(Duration::minutes(2));
        refused(&Way::to_sign_in(&app, &home, "a").await.back(&app).await, "failed");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_way_back_is_taken_once_in_its_browser_and_in_time(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    let way = async || Way::to_sign_in(&app, &home, "a").await;
    refused(&way().await.with("state", "another").back(&app).await, "expired");
    refused(&way().await.with("state", "").back(&app).await, "expired");
    refused(&Way { cookie: String::new(), ..way().await }.back(&app).await, "expired");
    refused(&Way { cookie: "reflect-provider=x.y".into(), ..way().await }.back(&app).await, "expired");
    let (mine, theirs) = (way().await, way().await);
    refused(&Way { cookie: mine.cookie.clone(), query: theirs.query }.back(&app).await, "expired");
    assert_eq!(home.asked("token"), 1, "the provider wasn't asked: only when it was linked");

    let late = way().await;
    app.wait(Duration::minutes(10));
    refused(&late.back(&app).await, "expired");

    let replayed = way().await;
    assert_eq!(location(&replayed.back(&app).await), "/gallery");
    for _ in 0..2 {
        refused(&replayed.back(&app).await, "expired");
    }
    assert_eq!(home.asked("token"), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_code_is_bound_to_the_browser_that_asked_for_it(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    // Somebody has seen the address that Ada was sent back with, and plants her code in their own way.
    let (ada, mallory) = (Way::to_sign_in(&app, &home, "a").await, Way::to_sign_in(&app, &home, "m").await);
    let code = ada.query.iter().find(|(name, _)| *name == "code").unwrap().1.clone();
    refused(&mallory.with("code", &code).back(&app).await, "failed");
    assert_eq!(home.asked("token"), 2, "the provider has seen that the verifier is another's");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_answer_of_another_provider_is_refused_before_its_code_is_shown(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    for iss in ["https://other.example", ""] {
        refused(&Way::to_sign_in(&app, &home, "a").await.with("iss", iss).back(&app).await, "failed");
        let denied = Way::to_sign_in(&app, &home, "a").await.with("error", "access_denied");
        refused(&denied.with("iss", iss).back(&app).await, "failed");
    }
    assert_eq!(home.asked("token"), 1, "only when it was linked");
    home.manners().metadata.insert("authorization_response_iss_parameter_supported".into(), false.into());
    app.wait(Duration::HOUR);
    let way = Way::to_sign_in(&app, &home, "a").await.with("iss", "https://other.example");
    refused(&way.back(&app).await, "failed");
    let answer = Way::to_sign_in(&app, &home, "a").await.with("iss", "").back(&app).await;
    assert_eq!(location(&answer), "/gallery", "an older provider doesn't say");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whatever_comes_back_ends_on_a_page_of_ours(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let session = linked(&app, &home, "a").await.1;
    let way = async || Way::to_sign_in(&app, &home, "a").await;
    refused(&way().await.with("error", "access_denied").back(&app).await, "denied");
    refused(
        &way().await.with("error", "server_error").with("error_description", "<b>").back(&app).await,
        "failed",
    );
    refused(&way().await.with("code", "").back(&app).await, "failed");
    refused(&way().await.with("code", "made up").back(&app).await, "failed");
    let link = Way::to_link(&app, &home, &session, "b").await.with("error", "access_denied");
    assert_eq!(location(&link.back(&app).await), "/settings/linked-account?provider=denied");
    for query in ["", "?", "?state=a&state=b", "?%ff=%ff", "?provider=x&next=https://evil.example"] {
        let answer = app.get(&format!("/auth/oidc/callback{query}")).await;
        refused(&answer, "expired");
        assert_eq!(way_cookie(&answer).0, "reflect-provider=");
    }
    for path in ["/auth/oidc/start", "/auth/oidc/callback"] {
        assert_eq!(app.call(Method::POST, path).same_origin().await.status, 405);
    }
}
