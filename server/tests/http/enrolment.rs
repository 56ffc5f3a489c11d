//! The wizard's functions, from a link to an account.

use reflect_core::{audit::By, auth::enrolment};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::App;

pub async fn begin(app: &App, link: &str, name: &str) -> Value {
    let arguments = json!({ "token": link, "name": name, "email": "" });
    app.function("begin-enrolment", arguments).await.gives(200)["offer"].take()
}

fn secret(offer: &Value) -> String {
    offer["secret"]["groups"].as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect()
}

pub async fn confirm(app: &App, offer: &Value) -> Vec<Value> {
    let arguments = json!({ "ticket": offer["ticket"], "code": app.code(&secret(offer)) });
    let confirmed = app.function("confirm-enrolment", arguments).await.gives(200);
    confirmed["codes"].as_array().unwrap().clone()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_set_up_link_leads_to_the_first_account_signed_in(pool: PgPool) {
    let app = App::new(pool);
    let link = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let info = app.function("enrolment-link", json!({ "token": link })).await.gives(200);
    assert_eq!(info, json!({ "name": null, "kind": "setup", "email_required": false }));

    let arguments = json!({ "token": link, "name": " Ada ", "email": "ada@example.org" });
    let offer = app.function("begin-enrolment", arguments).await.gives(200)["offer"].take();
    assert_eq!((&offer["name"], &offer["email"]), (&"Ada".into(), &"ada@example.org".into()));
    assert_eq!(offer["expires_in"], 600);
    assert_eq!(secret(&offer).len(), 32, "160 bits");
    assert!(offer["secret"]["qr_svg"].as_str().unwrap().starts_with("<svg"));
    let url = offer["secret"]["otpauth_url"].as_str().unwrap();
    assert!(url.starts_with("otpauth://totp/reflect:Ada?") && url.contains(&secret(&offer)), "{url}");

    let codes = confirm(&app, &offer).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(app.count("users").await, 0, "nothing of the account exists yet");

    let arguments = json!({ "ticket": offer["ticket"], "code": codes[6] });
    let answer = app.function("finish-enrolment", arguments).await;
    let me = &answer.gives(200)["me"];
    assert_eq!(
        (&me["name"], &me["is_admin"], &me["email"]),
        (&"Ada".into(), &true.into(), &"ada@example.org".into())
    );
    assert_eq!(me["recovery_codes_left"], 10, "typing one back doesn't use it up");
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);

    app.function("enrolment-link", json!({ "token": link })).await.fails(410, "enrolment-link-invalid");
    app.wait(Duration::seconds(30));
    let arguments = json!({ "name": "", "code": app.code(&secret(&offer)) });
    app.function("sign-in", arguments).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_administrators_link_decides_the_name(pool: PgPool) {
    let app = App::new(pool);
    let link =
        enrolment::create_link(app.core(), By::COMMAND_LINE, &"bob".parse().unwrap(), false).await.unwrap();
    let info = app.function("enrolment-link", json!({ "token": link })).await.gives(200);
    assert_eq!(info, json!({ "name": "bob", "kind": "account", "email_required": false }));
    let offer = begin(&app, &link, "mallory").await;
    assert_eq!(offer["name"], "bob");
    let codes = confirm(&app, &offer).await;
    let arguments = json!({ "ticket": offer["ticket"], "code": codes[0] });
    let info = app.function("finish-enrolment", arguments).await.gives(200);
    assert_eq!((&info["me"]["name"], &info["me"]["is_admin"]), (&"bob".into(), &false.into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_cannot_be_a_name_or_an_address_is_told(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    let link =
        enrolment::create_link(app.core(), By::COMMAND_LINE, &"bob".parse().unwrap(), false).await.unwrap();
    for (name, email, status, code) in [
        ("a b", "", 400, "name-invalid"),
        (&*"a".repeat(33), "", 400, "name-invalid"),
        ("bob", "nowhere", 400, "email-invalid"),
    ] {
        let arguments = json!({ "token": link, "name": name, "email": email });
        app.function("begin-enrolment", arguments).await.fails(status, code);
    }
    let nameless = app.invite().await;
    let arguments = json!({ "token": nameless, "name": " ", "email": "" });
    app.function("begin-enrolment", arguments).await.fails(400, "name-invalid");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_taken_name_is_told(pool: PgPool) {
    let app = App::new(pool);
    let link =
        enrolment::create_link(app.core(), By::COMMAND_LINE, &"bob".parse().unwrap(), false).await.unwrap();
    app.enrol("BOB").await;
    let arguments = json!({ "token": link, "name": "bob", "email": "" });
    app.function("begin-enrolment", arguments).await.fails(409, "name-taken");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_unknown_or_lapsed_link_is_told(pool: PgPool) {
    let app = App::new(pool);
    let link =
        enrolment::create_link(app.core(), By::COMMAND_LINE, &"bob".parse().unwrap(), false).await.unwrap();
    app.wait(Duration::hours(24));
    for token in [&*link, "", "x"] {
        app.function("enrolment-link", json!({ "token": token })).await.fails(410, "enrolment-link-invalid");
        let arguments = json!({ "token": token, "name": "bob", "email": "" });
        app.function("begin-enrolment", arguments).await.fails(410, "enrolment-link-invalid");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_step_can_be_left_out(pool: PgPool) {
    let app = App::new(pool);
    let link = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let offer = begin(&app, &link, "ada").await;
    let finish =
        |code: Value| app.function("finish-enrolment", json!({ "ticket": offer["ticket"], "code": code }));
    finish("0000-0000-0000-0000".into()).await.fails(410, "enrolment-expired");

    let wrong = json!({ "ticket": offer["ticket"], "code": app.wrong_code(&secret(&offer)) });
    app.function("confirm-enrolment", wrong).await.fails(401, "wrong-code");
    let codes = confirm(&app, &offer).await;
    for wrong in ["0000-0000-0000-0000", "no code"] {
        finish(wrong.into()).await.fails(401, "wrong-recovery-code");
    }
    assert_eq!(app.count("users").await, 0);
    finish(codes[0].clone()).await.gives(200);
    finish(codes[0].clone()).await.fails(410, "enrolment-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn ten_minutes_end_an_enrolment(pool: PgPool) {
    let app = App::new(pool);
    let link = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let offer = begin(&app, &link, "ada").await;
    app.wait(Duration::minutes(10));
    let arguments = json!({ "ticket": offer["ticket"], "code": app.code(&secret(&offer)) });
    app.function("confirm-enrolment", arguments).await.fails(410, "enrolment-expired");
    // The link is still good.
    let offer = begin(&app, &link, "ada").await;
    assert_eq!(confirm(&app, &offer).await.len(), 10);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_enrolment_takes_ten_wrong_codes(pool: PgPool) {
    let app = App::new(pool);
    let link = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let offer = begin(&app, &link, "ada").await;
    let arguments = |code: String| json!({ "ticket": offer["ticket"], "code": code });
    for _ in 0..10 {
        let wrong = arguments(app.wrong_code(&secret(&offer)));
        app.function("confirm-enrolment", wrong).await.fails(401, "wrong-code");
    }
    let right = arguments(app.code(&secret(&offer)));
    app.function("confirm-enrolment", right).await.fails(410, "enrolment-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_reset_link_keeps_the_account_and_ends_its_sessions(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let before = app.sign_in(&ada).await;
    let link =
        enrolment::reset_link(app.core(), By::COMMAND_LINE, &"ada".parse().unwrap()).await.unwrap().unwrap();
    let info = app.function("enrolment-link", json!({ "token": link })).await.gives(200);
    assert_eq!(info, json!({ "name": "ada", "kind": "reset", "email_required": false }));
    let offer = begin(&app, &link, "mallory").await;
    let codes = confirm(&app, &offer).await;
    assert!(app.is_signed_in(&before).await, "nothing has changed yet");
    let arguments = json!({ "ticket": offer["ticket"], "code": codes[0] });
    let answer = app.function("finish-enrolment", arguments).await;
    assert_eq!(answer.gives(200)["me"]["id"], json!(ada.user_id));
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
    assert!(!app.is_signed_in(&before).await);
}
