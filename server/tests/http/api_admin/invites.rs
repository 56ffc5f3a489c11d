//! Invites.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Office, done, refuses_parameter};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_invite_is_made_listed_used_and_taken_back_once(pool: PgPool) {
    let office = Office::new(pool).await;
    let terms = json!({ "note": "Grace", "quota": "64 MiB", "days": 30 });
    let made = office.post("invites", terms).await.gives(201);
    assert_eq!(made["mailed_to"], Value::Null);
    let token = made["link"].as_str().unwrap().strip_prefix("http://localhost/enrol/").unwrap().to_owned();
    let listed = office.list("invites").await;
    let expected = json!({
        "id": made["id"],
        "note": "Grace",
        "quota": 64 << 20,
        "invited_by": "ada",
        "created_at": "2026-11-20T12:00:00Z",
        "expires_at": "2026-12-20T12:00:00Z",
    });
    assert_eq!(
        listed,
        json!({ "invites": [expected], "quota": 1_u64 << 30, "can_mail": false, "sign_up": "invite" })
    );
    let offer = json!({ "token": token, "name": "grace" });
    let begin = || office.app.post("/api/v1/auth/totp/registration-options", &offer);
    assert_eq!(begin().await.gives(200)["status"], "need_code");

    let one = format!("invites/{}", made["id"].as_str().unwrap());
    done(&office.delete(&one).await);
    office.delete(&one).await.refuses(404, "not-found");
    begin().await.refuses(410, "enrolment-link-invalid");
    assert_eq!(office.list("invites").await["invites"], json!([]));
    let acts: Vec<_> = office.last_acts(2).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(acts, ["invite_revoked", "invite_made"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_sign_up_is_closed_none_is_made_or_taken_and_it_says_what_to_do(pool: PgPool) {
    let office = Office::new(pool).await;
    let link = office.post("invites", json!({})).await.gives(201)["link"].take();
    let token = link.as_str().unwrap().rsplit('/').next().unwrap();
    done(&office.patch("settings", json!({ "sign_up": "closed" })).await);
    assert_eq!(office.list("invites").await["sign_up"], "closed");
    let refused = office.post("invites", json!({})).await;
    refused.refuses(403, "sign-up-closed");
    assert!(refused.json()["detail"].as_str().unwrap().contains("reflect user add"));
    let offer = json!({ "token": token, "name": "grace" });
    let begun = office.app.post("/api/v1/auth/totp/registration-options", &offer).await;
    begun.refuses(403, "sign-up-closed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_not_said_is_as_usual(pool: PgPool) {
    let office = Office::new(pool).await;
    office.post("invites", json!({})).await.gives(201);
    let listed = office.list("invites").await;
    assert_eq!(
        (&listed["invites"][0]["note"], &listed["invites"][0]["quota"], &listed["invites"][0]["expires_at"]),
        (&Value::Null, &Value::Null, &json!("2026-11-27T12:00:00Z"))
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn terms_that_are_none_are_refused_and_nothing_is_made(pool: PgPool) {
    let office = Office::new(pool).await;
    for (terms, name, expected) in [
        (json!({ "quota": "lots" }), "quota", "1024.0 TiB"),
        (json!({ "quota": 1_u64 << 51 }), "quota", "1024.0 TiB"),
        (json!({ "days": 0 }), "days", "1 to 90"),
        (json!({ "days": "91" }), "days", "1 to 90"),
        (json!({ "days": "" }), "days", "1 to 90"),
        (json!({ "note": "x".repeat(1000) }), "note", "character"),
        (json!({ "name": "grace" }), "body", "unknown field"),
        (json!({ "note": 7 }), "body", "string"),
    ] {
        let told = refuses_parameter(&office.post("invites", terms).await, name);
        assert!(told.contains(expected), "{told}");
    }
    office.post("invites", json!({ "mail_to": "nowhere" })).await.refuses(400, "email-invalid");
    office.post("invites", json!({ "mail_to": "grace@mail.example" })).await.refuses(403, "forbidden");
    office.call(Method::POST, "invites").await.refuses(400, "invalid-parameter");
    assert_eq!(office.app.count("enrolment_links").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_there_is_a_mail_server_one_is_mailed(pool: PgPool) {
    let office = Office::with(pool, |setup| {
        setup.settings.mail = Some("reflect <no-reply@pictures.example>".parse().unwrap());
    })
    .await;
    let made = office.post("invites", json!({ "mail_to": "grace@mail.example" })).await.gives(201);
    assert_eq!(made["mailed_to"], "grace@mail.example");
    let mails = office.list("mails?kind=invite").await;
    assert_eq!((&mails["mails"][0]["to"], &mails["can_mail"]), (&made["mailed_to"], &json!(true)));
    assert!(!mails.to_string().contains("/enrol/"), "what it says stays sealed");
}
