//! A session in time and place: fresh codes, other networks, a person's own sessions.

use std::collections::BTreeSet;

use http::Method;
use leptos::server_fn::axum::server_fn_paths;
use reflect_core::auth::enrolment::EnrolledNow;
use reflect_server::config::SessionIp;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Setup};

/// What a function asks of who calls it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    Nothing,
    Session,
    FreshCode,
}
use Needs::{FreshCode, Nothing, Session};

/// Every function but those of administration, what it asks for, and what a well-formed call of it carries.
fn functions() -> Vec<(&'static str, Needs, Value)> {
    let id = json!("01890000-0000-7000-8000-000000000000");
    let ticket = json!({ "ticket": "x", "code": "000000" });
    let named = json!({ "name": "ada", "code": "000000", "challenge": null });
    let solved = json!({ "id": "x", "answer": { "work": [1] } });
    let token = json!({
        "name": "x", "scopes": ["upload"], "expires_in_days": "", "requests_per_minute": "", "max_upload": ""
    });
    vec![
        ("session", Nothing, json!({})),
        ("sign-in", Nothing, named.clone()),
        ("sign-in-second-code", Nothing, ticket.clone()),
        ("sign-in-ask-mailed-code", Nothing, json!({ "ticket": "x" })),
        ("sign-in-mailed-code", Nothing, ticket.clone()),
        ("sign-in-with-recovery-code", Nothing, named),
        ("sign-in-with-device", Nothing, json!({})),
        ("sign-out", Nothing, json!({})),
        ("challenge", Nothing, json!({ "purpose": "sign_up" })),
        ("solve-challenge", Nothing, json!({ "purpose": "sign_up", "answer": solved })),
        ("sign-up", Nothing, json!({ "challenge": null })),
        ("request-reset", Nothing, json!({ "email": "ada@mail.example", "challenge": null })),
        ("enrolment-link", Nothing, json!({ "token": "x" })),
        ("begin-enrolment", Nothing, json!({ "token": "x", "name": "x", "email": "" })),
        (
            "prove-enrolment-email",
            Nothing,
            json!({ "token": "x", "name": "x", "ticket": "x", "code": "000000" }),
        ),
        ("confirm-enrolment", Nothing, ticket.clone()),
        ("finish-enrolment", Nothing, ticket.clone()),
        ("public-image", Nothing, json!({ "slug": "x" })),
        ("open-guest-link", Nothing, json!({ "secret": "x" })),
        ("confirm-code", Session, json!({ "code": "000000" })),
        ("confirm-recovery-code", Session, json!({ "code": "x" })),
        ("devices", Session, json!({})),
        ("sessions", Session, json!({})),
        ("authenticators", Session, json!({})),
        ("recovery-codes", Session, json!({})),
        // Tickets are given for a fresh code.
        ("confirm-authenticator", Session, ticket.clone()),
        ("confirm-recovery-codes", Session, ticket.clone()),
        ("linked-identity", Session, json!({})),
        ("tokens", Session, json!({})),
        ("activity", Session, json!({ "filter": {}, "cursor": null })),
        ("list-images", Session, json!({ "place": "Newest", "search": "", "most": null })),
        ("timeline", Session, json!({})),
        ("count-images", Session, json!({ "search": "" })),
        ("image-range", Session, json!({ "search": "", "ends": null })),
        ("list-bin", Session, json!({ "cursor": null })),
        ("image-details", Session, json!({ "id": id })),
        ("image-statistics", Session, json!({ "id": id, "days": 30 })),
        ("statistics", Session, json!({ "days": 30 })),
        ("image-versions", Session, json!({ "id": id })),
        ("edit-image", Session, json!({ "id": id, "edit": { "rotate": 90 } })),
        ("restore-version", Session, json!({ "id": id, "number": 1 })),
        ("delete-version", Session, json!({ "id": id, "number": 1 })),
        ("export-parts", Session, json!({})),
        ("change-image", Session, json!({ "id": id, "change": {} })),
        ("bulk", Session, json!({ "request": { "ids": [id], "action": "delete" } })),
        ("purge-images", Session, json!({ "ids": [id] })),
        ("empty-bin", Session, json!({})),
        ("albums", Session, json!({})),
        ("guest-links", Session, json!({ "album": id })),
        ("make-guest-link", Session, json!({ "album": id, "draft": { "name": "x" } })),
        ("end-guest-link", Session, json!({ "album": id, "link": id })),
        ("profile", Session, json!({})),
        ("change-profile", Session, json!({ "change": {} })),
        ("album-images", Session, json!({ "id": id, "cursor": null })),
        ("create-album", Session, json!({ "draft": { "name": "x" } })),
        ("change-album", Session, json!({ "id": id, "change": {} })),
        ("delete-album", Session, json!({ "id": id })),
        ("remove-from-album", Session, json!({ "id": id, "images": [id] })),
        ("place-in-album", Session, json!({ "id": id, "image": id, "before": null })),
        ("tags", Session, json!({})),
        ("known-tags", Session, json!({})),
        ("change-tag", Session, json!({ "id": id, "change": {} })),
        ("delete-tag", Session, json!({ "id": id })),
        ("end-session", FreshCode, json!({ "id": id })),
        ("end-other-sessions", FreshCode, json!({})),
        ("trust-device", FreshCode, json!({})),
        ("rename-device", FreshCode, json!({ "id": id, "name": "x" })),
        ("revoke-device", FreshCode, json!({ "id": id })),
        ("revoke-devices", FreshCode, json!({})),
        ("begin-authenticator", FreshCode, json!({ "name": "x" })),
        ("rotate-authenticator", FreshCode, json!({ "id": id })),
        ("rename-authenticator", FreshCode, json!({ "id": id, "name": "x" })),
        ("remove-authenticator", FreshCode, json!({ "id": id })),
        ("begin-recovery-codes", FreshCode, json!({})),
        ("ask-email", FreshCode, json!({ "email": "ada@mail.example" })),
        ("prove-email", FreshCode, ticket),
        ("forget-email", FreshCode, json!({})),
        ("link-identity", FreshCode, json!({})),
        ("unlink-identity", FreshCode, json!({})),
        ("create-token", FreshCode, token),
        ("revoke-token", FreshCode, json!({ "id": id })),
        ("revoke-tokens", FreshCode, json!({})),
        ("remove-account", FreshCode, json!({ "name": "x" })),
    ]
}

fn needing(needs: Needs) -> impl Iterator<Item = (&'static str, Value)> {
    functions().into_iter().filter(move |(_, asks, _)| *asks == needs).map(|(name, _, call)| (name, call))
}

#[test]
fn every_function_says_what_it_needs() {
    let said: BTreeSet<String> =
        functions().into_iter().map(|(name, ..)| format!("/api/app/{name}")).collect();
    let there = server_fn_paths().map(|(path, _)| path.to_owned());
    // Those of administration are asked in `admin`.
    let there: BTreeSet<String> = there.filter(|path| !path.starts_with("/api/app/admin")).collect();
    assert_eq!(said, there);
}

async fn confirm(app: &App, cookie: &str, code: &str) -> Answer {
    app.function("confirm-code", json!({ "code": code })).cookie(cookie).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_changes_how_one_signs_in_asks_for_a_code_of_the_last_ten_minutes(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::minutes(10));
    for (function, arguments) in needing(Session).chain(needing(FreshCode)) {
        app.function(function, arguments).await.fails(401, "signed-out");
    }
    for (function, arguments) in needing(FreshCode) {
        app.function(function, arguments).cookie(&cookie).await.fails(403, "fresh-code-needed");
    }
    confirm(&app, &cookie, &app.wrong_code(&ada.secret)).await.fails(401, "wrong-code");
    confirm(&app, &cookie, "12").await.fails(401, "wrong-code");
    let answer = confirm(&app, &cookie, &app.code(&ada.secret)).await;
    answer.gives(200);
    let (fresh, _) = answer.session_cookie().unwrap();
    assert_ne!(fresh, cookie, "more rights, another id");
    assert!(!app.is_signed_in(&cookie).await);
    for (function, arguments) in needing(FreshCode) {
        let answer = app.function(function, arguments).cookie(&fresh).await;
        assert!(![401, 403, 500].contains(&answer.status.as_u16()), "{function} {answer:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_else_asks_for_a_fresh_code(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::minutes(10));
    for (function, arguments) in needing(Session) {
        let answer = app.function(function, arguments).cookie(&cookie).await;
        assert!(answer.status != 403 && answer.status != 500, "{function} {answer:?}");
        assert!(!answer.text().contains("signed-out"), "{function} {answer:?}");
    }
    for (function, arguments) in needing(Nothing) {
        let answer = app.function(function, arguments).await;
        assert!(answer.status != 500 && !answer.text().contains("signed-out"), "{function} {answer:?}");
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

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whoever_has_a_devices_cookie_ends_no_session_but_that_one(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let owner = app.sign_in(&ada).await;
    let device = app.function("trust-device", json!({})).cookie(&owner).await.device_cookie().unwrap().0;
    let opened = app.function("sign-in-with-device", json!({})).cookie(&device).await;
    let theirs = opened.session_cookie().unwrap().0;
    let listed = app.function("sessions", json!({})).cookie(&theirs).await.gives(200);
    let id = |current: bool| {
        let mut entries = listed.as_array().unwrap().iter();
        entries.find(|entry| entry["current"] == current).unwrap()["id"].clone()
    };
    let end = async |id: Value| app.function("end-session", json!({ "id": id })).cookie(&theirs).await;
    end(id(false)).await.fails(403, "fresh-code-needed");
    app.function("end-other-sessions", json!({})).cookie(&theirs).await.fails(403, "fresh-code-needed");
    for path in ["", &format!("/{}", id(false).as_str().unwrap())] {
        let call = app.call(Method::DELETE, &format!("/api/v1/sessions{path}")).same_origin();
        call.cookie(&theirs).await.refuses(403, "fresh-code-needed");
    }
    assert!(app.is_signed_in(&owner).await);
    end(id(true)).await.gives(200);
    assert!(!app.is_signed_in(&theirs).await && app.is_signed_in(&owner).await);
}
