//! Administration: who may, and what comes of it elsewhere.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use model::types::UserId;
use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;
use uuid::Uuid;

use crate::support::{App, Form, path, pictures};

/// An administrator and a member, both signed in just now.
async fn two(app: &App) -> (EnrolledNow, String, EnrolledNow, String) {
    let (ada, bob) = (app.enrol_admin("ada").await, app.enrol("bob").await);
    let (admin, member) = (app.sign_in_as("ada", &ada).await, app.sign_in_as("bob", &bob).await);
    (ada, admin, bob, member)
}

/// Every function of administration.
fn functions(id: UserId) -> Vec<(&'static str, Value)> {
    vec![
        ("admin", json!({})),
        ("admin-overview", json!({})),
        ("admin-accounts", json!({ "search": "", "filter": "", "cursor": null })),
        ("admin-account", json!({ "id": id })),
        ("admin-set-quota", json!({ "id": id, "quota": "1 GiB" })),
        ("admin-set-role", json!({ "id": id, "is_admin": true })),
        ("admin-suspend", json!({ "id": id })),
        ("admin-restore", json!({ "id": id })),
        ("admin-end-sessions", json!({ "id": id })),
        ("admin-reset", json!({ "id": id, "force": true })),
        ("admin-remove", json!({ "id": id, "name": "bob" })),
        ("admin-invites", json!({})),
        ("admin-invite", json!({ "note": "", "quota": "", "days": "7", "mail_to": "" })),
        ("admin-revoke-invite", json!({ "id": id })),
        ("admin-policy", json!({})),
        ("admin-decide", json!({ "setting": "sign_up", "value": "open" })),
        ("admin-undecide", json!({ "setting": "sign_up" })),
        ("admin-outbox", json!({ "state": null, "cursor": null })),
        ("admin-retry-mail", json!({ "id": id })),
        ("admin-audit", json!({ "filter": {}, "cursor": null })),
    ]
}

#[test]
fn every_function_is_among_them() {
    let asked: BTreeSet<String> =
        functions(UserId(Uuid::nil())).into_iter().map(|(name, _)| format!("/api/app/{name}")).collect();
    let there = server_fn_paths().map(|(path, _)| path.to_owned());
    let there: BTreeSet<String> = there.filter(|path| path.starts_with("/api/app/admin")).collect();
    assert_eq!(asked, there);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_function_refuses_strangers_members_and_administrators_without_a_fresh_code(pool: PgPool) {
    let app = App::new(pool);
    let (ada, admin, bob, member) = two(&app).await;
    let before: Vec<i64> = vec![app.count("users").await, app.count("settings").await];
    for (function, arguments) in functions(bob.user_id) {
        app.function(function, arguments.clone()).await.fails(401, "signed-out");
        app.function(function, arguments).cookie(&member).await.fails(403, "forbidden");
    }
    app.wait(Duration::minutes(10));
    for (function, arguments) in functions(bob.user_id) {
        app.function(function, arguments.clone()).cookie(&admin).await.fails(403, "fresh-code-needed");
        // Whoever isn't an administrator isn't asked for a code either.
        app.function(function, arguments).cookie(&member).await.fails(403, "forbidden");
    }
    assert_eq!(vec![app.count("users").await, app.count("settings").await], before);
    assert_eq!(app.count("enrolment_links").await, 0);
    let confirmed =
        app.function("confirm-code", json!({ "code": app.code(&ada.secret) })).cookie(&admin).await;
    let (fresh, _) = confirmed.session_cookie().unwrap();
    app.function("admin", json!({})).cookie(&fresh).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_show_their_contents_to_administrators_only(pool: PgPool) {
    let app = App::new(pool);
    let (_, admin, _, member) = two(&app).await;
    for section in ["", "/users", "/invites", "/settings", "/mail", "/audit"] {
        let address = format!("/admin{section}");
        let page = app.get(&address).cookie(&admin).await;
        assert!(page.page(200).contains("settings-nav"), "{address}");
        let refused = app.get(&address).cookie(&member).await;
        let html = refused.page(403);
        assert!(html.contains("Not allowed") && !html.contains("settings-nav"), "{address}");
        assert!(!app.get(&address).await.page(200).contains("settings-nav"), "{address}");
    }
    app.wait(Duration::minutes(10));
    let stale = app.get("/admin/users").cookie(&admin).await;
    let html = stale.page(403);
    assert!(html.contains("Is it still you?") && !html.contains("bob"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_suspended_account_is_shut_at_every_door_and_its_images_stay(pool: PgPool) {
    let app = App::new(pool);
    let (_, admin, bob, member) = two(&app).await;
    let person = app.with_token(bob.user_id).await;
    let image = app.upload(&person, "a.png", &pictures::png(8, 8)).await;
    let device = app.function("trust-device", json!({})).cookie(&member).await.device_cookie().unwrap().0;
    app.function("admin-suspend", json!({ "id": bob.user_id })).cookie(&admin).await.gives(200);

    assert!(!app.is_signed_in(&member).await);
    app.get("/api/v1/me").token(&person.token).await.refuses(401, "invalid-token");
    app.upload_form(&person, Form::new().file("b.png", &pictures::png(9, 9)))
        .await
        .refuses(401, "invalid-token");
    let resumed = app.function("sign-in-with-device", json!({})).cookie(&device).await;
    assert!(resumed.session_cookie().is_none(), "{resumed:?}");
    app.wait(Duration::seconds(30));
    let wrong = json!({ "name": "bob", "code": app.wrong_code(&bob.secret) });
    app.function("sign-in", wrong).await.fails(401, "wrong-code");
    let right = json!({ "name": "bob", "code": app.code(&bob.secret) });
    let refused = app.function("sign-in", right).await;
    refused.fails(403, "forbidden");
    assert!(refused.session_cookie().is_none());
    let code = String::from(bob.recovery_codes[0]);
    let recovery = json!({ "name": "bob", "code": code });
    app.function("sign-in-with-recovery-code", recovery).await.fails(403, "forbidden");
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200, "other pages show it");

    app.function("admin-restore", json!({ "id": bob.user_id })).cookie(&admin).await.gives(200);
    app.wait(Duration::seconds(30));
    app.sign_in_as("bob", &bob).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_of_a_removed_account_are_gone_at_once(pool: PgPool) {
    let app = App::new(pool);
    let (_, admin, bob, _) = two(&app).await;
    let person = app.with_token(bob.user_id).await;
    let image = app.upload(&person, "a.png", &pictures::png(8, 8)).await;
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200, "and is in memory from now on");
    let remove =
        |name: &str| app.function("admin-remove", json!({ "id": bob.user_id, "name": name })).cookie(&admin);
    let slip = remove("bo").await;
    assert_eq!(slip.fails(400, "invalid-parameter")["name"], "name");
    remove("bob").await.gives(200);
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 404);
    assert_eq!((app.count("users").await, app.count("blobs").await), (1, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_only_administrator_stays_one(pool: PgPool) {
    let app = App::new(pool);
    let (ada, admin, bob, _) = two(&app).await;
    for (function, arguments) in [
        ("admin-set-role", json!({ "id": ada.user_id, "is_admin": false })),
        ("admin-suspend", json!({ "id": ada.user_id })),
        ("admin-remove", json!({ "id": ada.user_id, "name": "ada" })),
    ] {
        let refused = app.function(function, arguments).cookie(&admin).await.fails(400, "invalid-parameter");
        assert!(refused["expected"].as_str().unwrap().contains("last administrator"), "{refused}");
    }
    let both = json!({ "id": bob.user_id, "is_admin": true });
    app.function("admin-set-role", both).cookie(&admin).await.gives(200);
    let myself = json!({ "id": ada.user_id, "is_admin": false });
    app.function("admin-set-role", myself).cookie(&admin).await.gives(200);
    app.function("admin", json!({})).cookie(&admin).await.fails(403, "forbidden");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_invite_makes_an_account_with_its_quota(pool: PgPool) {
    let app = App::new(pool);
    let (_, admin, ..) = two(&app).await;
    let invite = |quota: &str, days: &str, mail_to: &str| {
        let terms = json!({ "note": "Grace", "quota": quota, "days": days, "mail_to": mail_to });
        app.function("admin-invite", terms).cookie(&admin)
    };
    for (quota, days, name, range) in [
        ("lots", "7", "quota", "1024.0 TiB"),
        ("2048 TiB", "7", "quota", "1024.0 TiB"),
        ("", "0", "days", "1 to 90"),
        ("", "91", "days", "1 to 90"),
    ] {
        let refused = invite(quota, days, "").await.fails(400, "invalid-parameter");
        assert_eq!(refused["name"], name);
        assert!(refused["expected"].as_str().unwrap().contains(range), "{refused}");
    }
    invite("", "7", "nowhere").await.fails(400, "email-invalid");
    invite("", "7", "grace@mail.example").await.fails(403, "forbidden");
    let made = invite("64 MiB", "7", "").await.gives(200);
    let token = made["link"].as_str().unwrap().strip_prefix("http://localhost/enrol/").unwrap().to_owned();
    let offer = app
        .function("begin-enrolment", json!({ "token": token, "name": "grace", "email": "" }))
        .await
        .gives(200);
    assert_eq!(offer["offer"]["name"], "grace");
    let listed = app.function("admin-invites", json!({})).cookie(&admin).await.gives(200);
    assert_eq!((&listed["invites"][0]["note"], &listed["can_mail"]), (&json!("Grace"), &json!(false)));
    let id = listed["invites"][0]["id"].clone();
    app.function("admin-revoke-invite", json!({ "id": id })).cookie(&admin).await.gives(200);
    app.function("admin-revoke-invite", json!({ "id": id })).cookie(&admin).await.fails(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_decided_holds_at_once(pool: PgPool) {
    let app = App::new(pool);
    let (_, admin, bob, _) = two(&app).await;
    let decide = |setting: &str, value: &str| {
        app.function("admin-decide", json!({ "setting": setting, "value": value })).cookie(&admin)
    };
    let refused = decide("session_hours", "25").await.fails(400, "invalid-parameter");
    assert_eq!(
        (&refused["name"], &refused["expected"]),
        (&json!("session_hours"), &json!("a whole number from 1 to 24"))
    );
    decide("sign_up", "open").await.gives(200);
    assert_eq!(app.function("session", json!({})).await.gives(200)["sign_in"]["sign_up"], true);
    decide("max_upload", "1 KiB").await.gives(200);
    assert_eq!(app.function("session", json!({})).await.gives(200)["max_upload"], 1024);
    let person = app.with_token(bob.user_id).await;
    let large = Form::new().file("a.bin", &[0; 2000]);
    let refused = app.upload_form(&person, large).await.refuses(413, "file-too-large");
    assert_eq!(refused["limit"], 1024);
    decide("challenge", "slider").await.gives(200);
    let challenge = app.function("challenge", json!({ "purpose": "sign_up" })).await.gives(200);
    assert!(challenge["task"]["slider"].is_object(), "{challenge}");

    let policy = app.function("admin-policy", json!({})).cookie(&admin).await.gives(200);
    assert_eq!(
        (&policy["now"]["sign_up"], &policy["at_start"]["sign_up"]),
        (&json!("open"), &json!("invite"))
    );
    assert_eq!(policy["decided"].as_array().unwrap().len(), 3);
    app.function("admin-undecide", json!({ "setting": "sign_up" })).cookie(&admin).await.gives(200);
    assert_eq!(app.function("session", json!({})).await.gives(200)["sign_in"]["sign_up"], false);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_shorter_session_ends_those_that_are_open(pool: PgPool) {
    let app = App::new(pool);
    let (ada, admin, bob, member) = two(&app).await;
    for (setting, value) in [("session_hours", "2"), ("session_idle_minutes", "90")] {
        let decision = json!({ "setting": setting, "value": value });
        app.function("admin-decide", decision).cookie(&admin).await.gives(200);
    }
    app.wait(Duration::minutes(80));
    assert!(app.is_signed_in(&member).await);
    app.wait(Duration::minutes(40));
    assert!(!app.is_signed_in(&member).await, "two hours");
    let answer = app.function("sign-in", json!({ "name": "bob", "code": app.code(&bob.secret) })).await;
    let (cookie, attributes) = answer.session_cookie().unwrap();
    assert!(attributes.contains(&"Max-Age=7200".to_owned()), "{attributes:?}");
    app.wait(Duration::minutes(91));
    assert!(!app.is_signed_in(&cookie).await, "idle");
    assert!(!ada.secret.is_empty());
}
