//! A session in time and place: fresh codes, other networks, a person's own sessions.

use reflect_core::auth::enrolment::EnrolledNow;
use reflect_server::config::SessionIp;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Setup};

async fn confirm(app: &App, cookie: &str, code: &str) -> Answer {
    app.function("confirm-code", json!({ "code": code })).cookie(cookie).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_changes_how_one_signs_in_asks_for_a_code_of_the_last_ten_minutes(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let nobody = json!("01890000-0000-7000-8000-000000000000");
    let guarded = [
        ("trust-device", json!({})),
        ("rename-device", json!({ "id": nobody, "name": "x" })),
        ("revoke-device", json!({ "id": nobody })),
        ("revoke-devices", json!({})),
        ("begin-authenticator", json!({ "name": "x" })),
        ("rotate-authenticator", json!({ "id": nobody })),
        ("rename-authenticator", json!({ "id": nobody, "name": "x" })),
        ("remove-authenticator", json!({ "id": nobody })),
        ("begin-recovery-codes", json!({})),
    ];
    app.wait(Duration::minutes(10));
    for (function, arguments) in guarded.clone() {
        app.function(function, arguments.clone()).await.fails(401, "signed-out");
        app.function(function, arguments).cookie(&cookie).await.fails(403, "fresh-code-needed");
    }
    confirm(&app, &cookie, &app.wrong_code(&ada.secret)).await.fails(401, "wrong-code");
    confirm(&app, &cookie, "12").await.fails(401, "wrong-code");
    let answer = confirm(&app, &cookie, &app.code(&ada.secret)).await;
    answer.gives(200);
    let (fresh, _) = answer.session_cookie().unwrap();
    assert_ne!(fresh, cookie, "more rights, another id");
    assert!(!app.is_signed_in(&cookie).await);
    for (function, arguments) in guarded {
        let answer = app.function(function, arguments).cookie(&fresh).await;
        assert!(answer.status == 200 || answer.status == 404, "{function} {answer:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_device_that_signs_in_is_not_fresh(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let device = app.function("trust-device", json!({})).cookie(&cookie).await.device_cookie().unwrap().0;
    let session =
        app.function("sign-in-with-device", json!({})).cookie(&device).await.session_cookie().unwrap().0;
    app.function("revoke-devices", json!({})).cookie(&session).await.fails(403, "fresh-code-needed");
}

/// Behind a proxy that says where requests come from.
fn proxied(setup: &mut Setup, mode: SessionIp) {
    setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    setup.serve.session_ip = mode;
}

async fn sign_in_from(app: &App, ada: &EnrolledNow, address: &str) -> String {
    app.wait(Duration::seconds(30));
    let code = app.code(&ada.secret);
    let call = app.function("sign-in", json!({ "name": "", "code": code }));
    call.header("x-forwarded-for", address).await.session_cookie().unwrap().0
}

async fn session_from(app: &App, cookie: &str, address: &str) -> Value {
    app.function("session", json!({})).cookie(cookie).header("x-forwarded-for", address).await.gives(200)
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_that_moves_to_another_network_asks_for_a_code(pool: PgPool) {
    let app = App::with(pool, |setup| proxied(setup, SessionIp::Prefix));
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    let code = app.code(&ada.secret);
    let call = app.function("sign-in", json!({ "name": "ada", "code": code }));
    let cookie = call.header("x-forwarded-for", "192.0.2.1").await.session_cookie().unwrap().0;
    assert_eq!(session_from(&app, &cookie, "192.0.2.77").await["me"]["name"], "ada");
    let moved = session_from(&app, &cookie, "203.0.113.5").await;
    assert_eq!(
        (&moved["me"], &moved["sign_in"]["known"]),
        (&Value::Null, &json!({ "name": "ada", "trusted": false }))
    );
    let call = app.get("/api/v1/me").cookie(&cookie).header("x-forwarded-for", "203.0.113.5");
    call.await.refuses(401, "signed-out");
    assert_eq!(session_from(&app, &cookie, "192.0.2.1").await["me"]["name"], "ada", "at home it goes on");
    app.wait(Duration::seconds(30));
    let call = app.function("sign-in", json!({ "name": "ada", "code": app.code(&ada.secret) }));
    let answer = call.cookie(&cookie).header("x-forwarded-for", "203.0.113.5").await;
    let (here, _) = answer.session_cookie().unwrap();
    assert_eq!(session_from(&app, &here, "203.0.113.5").await["me"]["name"], "ada");
    assert_eq!(
        session_from(&app, &cookie, "192.0.2.1").await["me"],
        Value::Null,
        "it has moved, not doubled"
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_can_be_bound_to_an_address_or_not_at_all(pool: PgPool) {
    let strict = App::with(pool.clone(), |setup| proxied(setup, SessionIp::Strict));
    let ada = strict.enrol("ada").await;
    let cookie = sign_in_from(&strict, &ada, "192.0.2.1").await;
    assert_eq!(session_from(&strict, &cookie, "192.0.2.1").await["me"]["name"], "ada");
    assert_eq!(session_from(&strict, &cookie, "192.0.2.2").await["me"], Value::Null);
    let off = App::with(pool, |setup| proxied(setup, SessionIp::Off));
    off.wait(Duration::minutes(1));
    let cookie = sign_in_from(&off, &ada, "192.0.2.1").await;
    assert_eq!(session_from(&off, &cookie, "2001:db8::1").await["me"]["name"], "ada");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_forged_forwarding_header_moves_no_session(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    assert_eq!(session_from(&app, &cookie, "203.0.113.5").await["me"]["name"], "ada");
    let listed = app.function("sessions", json!({})).cookie(&cookie).await.gives(200);
    assert_eq!(listed[0]["address"], "127.0.0.1");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sessions_are_listed_and_ended(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let one = app.sign_in(&ada).await;
    app.wait(Duration::seconds(30));
    let two = app.sign_in(&ada).await;
    app.wait(Duration::seconds(30));
    let three = app.sign_in(&ada).await;
    let list = async || app.function("sessions", json!({})).cookie(&one).await.gives(200);
    let listed = list().await;
    let entries = listed.as_array().unwrap();
    assert_eq!((entries.len(), entries.iter().filter(|entry| entry["current"] == true).count()), (3, 1));
    // By when it was opened: the asking one was used at the same moment.
    let newest = entries.iter().max_by_key(|entry| entry["created_at"].to_string()).unwrap()["id"].clone();
    app.function("end-session", json!({ "id": newest })).cookie(&one).await.gives(200);
    app.function("end-session", json!({ "id": newest })).cookie(&one).await.fails(404, "not-found");
    assert!(!app.is_signed_in(&three).await && app.is_signed_in(&two).await);
    assert_eq!(app.function("end-other-sessions", json!({})).cookie(&one).await.gives(200), 1);
    assert!(!app.is_signed_in(&two).await && app.is_signed_in(&one).await);
    app.function("sessions", json!({})).await.fails(401, "signed-out");
}
