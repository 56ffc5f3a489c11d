//! Session cookies and the sessions behind them.

use model::types::Within;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::App;

/// A well-formed session id that the server never gave out.
const PLANTED: &str = "reflect=AAAAAAAAAAAAAAAAAAAAAA";

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let answer = app.function("sign-in", json!({ "name": "", "code": app.code(&ada.secret) })).await;
    let (pair, attributes) = answer.session_cookie().unwrap();
    assert!(pair.starts_with("reflect=") && pair.len() > 28, "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict"]);
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn over_https_the_cookie_is_secure_and_bound_to_the_host(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.site = "https://pictures.example".into());
    let ada = app.enrol("ada").await;
    let answer = app.function("sign-in", json!({ "name": "", "code": app.code(&ada.secret) })).await;
    let (pair, attributes) = answer.session_cookie().unwrap();
    assert!(pair.starts_with("__Host-reflect="), "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict", "Secure"]);
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000");
    assert!(app.is_signed_in(&pair).await);
    // The plain name is not taken for it.
    assert!(!app.is_signed_in(&pair.replace("__Host-", "")).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn over_https_every_answer_keeps_browsers_there(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.origins.site = "https://pictures.example".into();
        setup.settings.origins.images = "https://i.pictures.example".into();
    });
    for path in ["/", "/nowhere", "/api/v1/me", "/i/2026/01/01/none.png", "/favicon.svg"] {
        assert_eq!(app.get(path).await.header("strict-transport-security"), "max-age=63072000", "{path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_stored_for_a_visitor(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    for path in ["/", "/gallery", "/sign-in", "/nowhere"] {
        assert_eq!(app.get(path).await.header("set-cookie"), "", "{path}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_planted_id_is_worth_nothing_after_signing_in(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let call = app.function("sign-in", json!({ "name": "", "code": app.code(&ada.secret) }));
    let answer = call.cookie(PLANTED).await;
    answer.gives(200);
    let (cookie, _) = answer.session_cookie().unwrap();
    assert_ne!(cookie, PLANTED);
    assert!(!app.is_signed_in(PLANTED).await && app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn signing_in_again_changes_the_id_and_ends_the_old_one(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let first = app.sign_in(&ada).await;
    app.wait(Duration::seconds(30));
    let call = app.function("sign-in", json!({ "name": "", "code": app.code(&ada.secret) }));
    let (second, _) = call.cookie(&first).await.session_cookie().unwrap();
    assert_ne!(first, second);
    assert!(!app.is_signed_in(&first).await && app.is_signed_in(&second).await);
    assert_eq!(app.count("sessions").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn signing_out_ends_the_session_on_the_server(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::seconds(30));
    let other = app.sign_in(&ada).await;
    let answer = app.function("sign-out", json!({})).cookie(&cookie).await;
    assert_eq!(answer.gives(200)["me"], Value::Null);
    let (_, attributes) = answer.session_cookie().unwrap();
    assert!(attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
    assert!(!app.is_signed_in(&cookie).await);
    assert!(app.is_signed_in(&other).await, "only that one");
    assert_eq!(app.count("sessions").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn over_https_a_browser_lets_the_cookie_be_removed(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.site = "https://pictures.example".into());
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let answer = app.function("sign-out", json!({})).cookie(&cookie).await;
    let (_, attributes) = answer.session_cookie().unwrap();
    // RFC 6265bis §5.7: a `__Host-` cookie without `Secure` is ignored, also one that removes.
    for needed in ["Secure", "Path=/", "Max-Age=0"] {
        assert!(attributes.contains(&needed.to_owned()), "{attributes:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn two_hours_without_a_request_end_a_session(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for _ in 0..3 {
        app.wait(Duration::minutes(119));
        assert!(app.is_signed_in(&cookie).await);
    }
    app.wait(Duration::minutes(121));
    assert!(!app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_day_ends_a_session_however_busy_it_is(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for hour in 1..24 {
        app.wait(Duration::HOUR);
        // Also functions and pages are uses, not only the API.
        match hour % 3 {
            0 => assert_eq!(app.get("/gallery").cookie(&cookie).await.status, 200),
            1 => assert_ne!(
                app.function("session", json!({})).cookie(&cookie).await.gives(200)["me"],
                Value::Null
            ),
            _ => assert!(app.is_signed_in(&cookie).await, "{hour}"),
        }
    }
    app.wait(Duration::minutes(59));
    assert!(app.is_signed_in(&cookie).await);
    app.wait(Duration::MINUTE);
    assert!(!app.is_signed_in(&cookie).await);
    let session = app.function("session", json!({})).cookie(&cookie).await.gives(200);
    assert_eq!(session["me"], Value::Null);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn lifetimes_can_be_set(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.policy.session_hours = Within::nearest(1);
        setup.settings.policy.session_idle_minutes = Within::nearest(5);
    });
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::minutes(6));
    assert!(!app.is_signed_in(&cookie).await);
    let answer = app.function("sign-in", json!({ "name": "", "code": app.code(&ada.secret) })).await;
    let (cookie, attributes) = answer.session_cookie().unwrap();
    assert!(attributes.contains(&"Max-Age=3600".to_owned()), "{attributes:?}");
    for _ in 0..14 {
        app.wait(Duration::minutes(4));
        assert!(app.is_signed_in(&cookie).await);
    }
    app.wait(Duration::minutes(4));
    assert!(!app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_cookie_that_is_none_of_ours_is_a_visitors(pool: PgPool) {
    let app = App::new(pool);
    for cookie in [PLANTED, "reflect=", "reflect=x", "reflect=%00", "reflect=AAAA; reflect=BBBB"] {
        app.get("/api/v1/me").cookie(cookie).await.refuses(401, "signed-out");
        app.get("/gallery").cookie(cookie).await.page(200);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_session_of_a_deleted_account_is_nobodys(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    sqlx::query("DELETE FROM users").execute(app.pool()).await.unwrap();
    app.get("/api/v1/me").cookie(&cookie).await.refuses(401, "signed-out");
}
