//! The way back by mail.

use model::types::ChallengeProvider;
use reflect_core::{audit::By, auth::enrolment};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{finish, posting};
use crate::support::{Answer, App};

async fn ask(app: &App, body: Value) -> Answer {
    app.post("/api/v1/auth/request-totp-reset", &body).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_known_and_an_unknown_address_differ_in_no_byte(pool: PgPool) {
    let app = posting(pool);
    app.enrol("ada").await;
    sqlx::query("UPDATE users SET email = 'ada@mail.example', email_verified_at = created_at")
        .execute(app.pool())
        .await
        .unwrap();
    let known = ask(&app, json!({ "email": " ADA@mail.example " })).await;
    let unknown = ask(&app, json!({ "email": "nobody@mail.example" })).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (202, 0));
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    ask(&app, json!({ "email": "nowhere" })).await.refuses(400, "email-invalid");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn asking_takes_a_challenge_and_a_mail_server(pool: PgPool) {
    let without = App::new(pool.clone());
    ask(&without, json!({ "email": "ada@mail.example" })).await.refuses(403, "forbidden");
    let app = App::with(pool, |setup| {
        setup.settings.mail = Some("reflect <no-reply@pictures.example>".parse().unwrap());
        setup.settings.policy.challenge = ChallengeProvider::Pow;
    });
    ask(&app, json!({ "email": "ada@mail.example" })).await.refuses(403, "challenge-needed");
    let asked = app.post("/api/v1/auth/captcha", &json!({ "purpose": "reset" })).await.gives(200);
    let challenge = serde_json::from_value(asked).unwrap();
    let solved = reflect_core::challenge::solution(app.core(), &challenge).await.unwrap();
    let body = json!({ "email": "ada@mail.example", "challenge": solved });
    assert_eq!(ask(&app, body.clone()).await.status, 202);
    ask(&app, body).await.refuses(400, "challenge-failed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_link_is_looked_at_without_using_it_up_and_ends_what_was(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let token = enrolment::reset_link(app.core(), By::COMMAND_LINE, &"ada".parse().unwrap()).await.unwrap();
    let with = json!({ "token": token });
    for _ in 0..2 {
        let info = app.post("/api/v1/auth/reset-totp/verify", &with).await.gives(200);
        assert_eq!(info, json!({ "name": "ada", "kind": "reset", "email_required": false }));
    }
    let step = app.post("/api/v1/auth/reset-totp/confirm", &with).await.gives(200);
    assert_eq!(step["name"], "ada");
    assert!(app.is_signed_in(&cookie).await, "nothing has changed yet");
    let answer = finish(&app, &step).await;
    assert_eq!(answer.gives(200)["session"]["me"]["id"], json!(ada.user_id));
    assert!(!app.is_signed_in(&cookie).await && app.is_signed_in(&answer.session_cookie().unwrap().0).await);
    for step in ["verify", "confirm"] {
        let again = app.post(&format!("/api/v1/auth/reset-totp/{step}"), &with).await;
        again.refuses(410, "enrolment-link-invalid");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_link_is_no_way_back(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    let name = "bob".parse().unwrap();
    let token = enrolment::create_link(app.core(), By::COMMAND_LINE, &name, false).await.unwrap();
    for step in ["verify", "confirm"] {
        let refused = app.post(&format!("/api/v1/auth/reset-totp/{step}"), &json!({ "token": token })).await;
        refused.refuses(410, "enrolment-link-invalid");
    }
}
