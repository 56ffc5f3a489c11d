//! Devices that sign in without a code.

use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

/// Somebody signed in on a device that they trust: both cookies.
async fn trusting(app: &App) -> (EnrolledNow, String, String) {
    let ada = app.enrol("ada").await;
    let session = app.sign_in(&ada).await;
    let answer = app.function("trust-device", json!({})).cookie(&session).header("user-agent", FIREFOX).await;
    answer.gives(200);
    let (device, _) = answer.device_cookie().unwrap();
    (ada, session, device)
}

async fn go_on(app: &App, device: &str) -> Answer {
    app.function("sign-in-with-device", json!({})).cookie(device).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_cookie_lives_for_ninety_days_out_of_reach_of_scripts_and_other_sites(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.site = "https://pictures.example".into());
    let ada = app.enrol("ada").await;
    let session = app.sign_in(&ada).await;
    let answer = app.function("trust-device", json!({})).cookie(&session).await;
    let (pair, attributes) = answer.device_cookie().unwrap();
    assert!(pair.starts_with("__Host-reflect-device=") && pair.len() == 22 + 64, "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=7776000", "Path=/", "SameSite=Strict", "Secure"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_signs_in_without_a_code_and_changes_each_time(pool: PgPool) {
    let app = App::new(pool);
    let (_, session, device) = trusting(&app).await;
    app.function("sign-out", json!({})).cookie(&session).await.gives(200);
    let info = app.function("session", json!({})).cookie(&device).await.gives(200);
    assert_eq!(
        (&info["me"], &info["sign_in"]["known"]),
        (&Value::Null, &json!({ "name": "ada", "trusted": true }))
    );
    app.wait(Duration::days(1));
    let answer = go_on(&app, &device).await;
    assert_eq!(answer.gives(200)["session"]["me"]["name"], "ada");
    let (next, attributes) = answer.device_cookie().unwrap();
    assert_ne!(next, device);
    assert!(attributes.contains(&"Max-Age=7689600".to_owned()), "{attributes:?}");
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_copy_of_an_old_cookie_ends_the_trust_and_the_sessions_it_opened(pool: PgPool) {
    let app = App::new(pool);
    let (ada, first_session, stolen) = trusting(&app).await;
    let answer = go_on(&app, &stolen).await;
    let (kept, opened) = (answer.device_cookie().unwrap().0, answer.session_cookie().unwrap().0);
    app.wait(Duration::minutes(1));
    let elsewhere = app.sign_in(&ada).await;
    let refused = go_on(&app, &stolen).await;
    assert_eq!(refused.gives(200)["status"], "need_code");
    assert!(refused.session_cookie().is_none());
    let (forgotten, attributes) = refused.device_cookie().unwrap();
    assert!(forgotten == "reflect-device=" && attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
    assert_eq!(go_on(&app, &kept).await.gives(200)["status"], "need_code");
    for ended in [first_session, opened] {
        assert!(!app.is_signed_in(&ended).await);
    }
    assert!(app.is_signed_in(&elsewhere).await, "what a code opened goes on");
}

/// A browser whose cookie was copied and used elsewhere a minute ago: whose it is, the cookie that it keeps, and
/// both of whoever has the copy.
async fn copied(app: &App) -> (EnrolledNow, String, [String; 2]) {
    let (ada, session, kept) = trusting(app).await;
    app.function("sign-out", json!({})).cookie(&session).await.gives(200);
    let answer = go_on(app, &kept).await;
    let theirs = [answer.device_cookie().unwrap().0, answer.session_cookie().unwrap().0];
    app.wait(Duration::minutes(1));
    (ada, kept, theirs)
}

/// The copy opens nothing any more, its owner is told once, and the browser is told to forget its cookie.
async fn assert_ended(app: &App, answer: &Answer, [copy, opened]: &[String; 2]) {
    let (forgotten, attributes) = answer.device_cookie().unwrap();
    assert!(forgotten == "reflect-device=" && attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
    assert_eq!(go_on(app, copy).await.gives(200)["status"], "need_code");
    assert!(!app.is_signed_in(opened).await);
    assert_eq!(app.count("audit_log WHERE action = 'device_reused'").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_that_sees_an_old_cookie_says_so_and_ends_the_copy(pool: PgPool) {
    let app = App::new(pool);
    let (_, kept, theirs) = copied(&app).await;
    let page = app.get("/sign-in").cookie(&kept).await;
    assert!(page.text().contains("Somebody has a copy"), "{}", page.text());
    assert_ended(&app, &page, &theirs).await;
    let again = app.get("/sign-in").cookie(&kept).await;
    assert!(!again.text().contains("notice-error") && again.device_cookie().is_none());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_function_that_sees_an_old_cookie_ends_the_copy(pool: PgPool) {
    let app = App::new(pool);
    let (_, kept, theirs) = copied(&app).await;
    let answer = app.function("session", json!({})).cookie(&kept).await;
    let form = &answer.gives(200)["sign_in"];
    assert_eq!((&form["known"], &form["copied"]), (&Value::Null, &json!(true)));
    assert_ended(&app, &answer, &theirs).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_code_beside_an_old_cookie_ends_the_copy_and_signs_in(pool: PgPool) {
    let app = App::new(pool);
    let (ada, kept, theirs) = copied(&app).await;
    let sign_in =
        async |code: String| app.function("sign-in", json!({ "name": "", "code": code })).cookie(&kept).await;
    let right = sign_in(app.code(&ada.secret)).await;
    assert_eq!(right.gives(200)["status"], "signed_in");
    assert!(
        app.is_signed_in(&right.session_cookie().unwrap().0).await,
        "what the code opens is not a part of it"
    );
    assert_ended(&app, &right, &theirs).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_code_beside_an_old_cookie_ends_the_copy(pool: PgPool) {
    let app = App::new(pool);
    let (ada, kept, theirs) = copied(&app).await;
    let form = json!({ "name": "", "code": app.wrong_code(&ada.secret) });
    let wrong = app.function("sign-in", form).cookie(&kept).await;
    wrong.fails(401, "wrong-code");
    assert_ended(&app, &wrong, &theirs).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn trusting_anew_beside_an_old_cookie_ends_the_copy(pool: PgPool) {
    let app = App::new(pool);
    let (ada, kept, [copy, opened]) = copied(&app).await;
    let session = app.sign_in(&ada).await;
    let both = format!("{session}; {kept}");
    let anew = app.function("trust-device", json!({})).cookie(&both).await;
    anew.gives(200);
    assert_eq!(go_on(&app, &copy).await.gives(200)["status"], "need_code");
    assert!(!app.is_signed_in(&opened).await && app.is_signed_in(&session).await);
    let listed = app.function("devices", json!({})).cookie(&session).await.gives(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(app.count("audit_log WHERE action = 'device_reused'").await, 1);
    assert_eq!(go_on(&app, &anew.device_cookie().unwrap().0).await.gives(200)["status"], "signed_in");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_token_asks_for_a_code(pool: PgPool) {
    let app = App::new(pool);
    trusting(&app).await;
    for cookie in ["", "reflect-device=", "reflect-device=x", &format!("reflect-device={}", "A".repeat(64))] {
        assert_eq!(go_on(&app, cookie).await.gives(200)["status"], "need_code", "{cookie}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn devices_are_listed_renamed_and_revoked(pool: PgPool) {
    let app = App::new(pool);
    let (_, session, device) = trusting(&app).await;
    let list = async || app.function("devices", json!({})).cookie(&session).await.gives(200);
    let listed = list().await;
    let (name, current) = (&listed[0]["name"], &listed[0]["current"]);
    assert_eq!((name, current), (&json!("Firefox on Linux"), &json!(true)), "{listed}");
    let id = listed[0]["id"].clone();
    let rename = async |name: &str| {
        app.function("rename-device", json!({ "id": id, "name": name })).cookie(&session).await
    };
    rename(" ").await.fails(400, "invalid-parameter");
    rename("Desk").await.gives(200);
    assert_eq!(list().await[0]["name"], "Desk");
    let revoked = app.function("revoke-device", json!({ "id": id })).cookie(&session).await;
    revoked.gives(200);
    assert_eq!(revoked.device_cookie().unwrap().0, "reflect-device=");
    assert_eq!(list().await, json!([]), "and the session that asked goes on");
    assert_eq!(go_on(&app, &device).await.gives(200)["status"], "need_code");
    app.function("revoke-device", json!({ "id": id })).cookie(&session).await.fails(404, "not-found");
}
