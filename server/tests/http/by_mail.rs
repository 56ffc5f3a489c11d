//! Making an account, proving an address and coming back, by mail.

use model::types::{Policy, SignUpMode};
use reflect_core::{auth::reset, mail::Queued};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App, Setup};

/// An instance that sends mail and lets everybody sign up.
fn open(setup: &mut Setup) {
    setup.settings.mail = Some("no-reply@pictures.example".parse().unwrap());
    setup.settings.policy = Policy { sign_up: SignUpMode::Open, ..setup.settings.policy.clone() };
}

fn secret(offer: &Value) -> String {
    offer["secret"]["groups"].as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect()
}

/// From the secret to the account, signed in.
async fn finish(app: &App, offer: &Value) -> Answer {
    let arguments = json!({ "ticket": offer["ticket"], "code": app.code(&secret(offer)) });
    let confirmed = app.function("confirm-enrolment", arguments).await.gives(200);
    let arguments = json!({ "ticket": offer["ticket"], "code": confirmed["codes"][0] });
    let answer = app.function("finish-enrolment", arguments).await;
    answer.gives(200);
    answer
}

/// An account with a proved address, made as its owner makes it; its session.
async fn sign_up(app: &App, name: &str, email: &str) -> String {
    let token = app.function("sign-up", json!({ "challenge": null })).await.gives(200);
    let typed = json!({ "token": token, "name": name, "email": email });
    let begun = app.function("begin-enrolment", typed).await.gives(200);
    let ticket = &begun["prove_email"]["ticket"];
    let code = Queued::all(app.core()).await.last().unwrap().code();
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    let proof =
        |code: &str| json!({ "token": token, "name": name, "ticket": ticket, "code": code.to_owned() });
    app.function("prove-enrolment-email", proof(&wrong)).await.fails(401, "wrong-code");
    let begun = app.function("prove-enrolment-email", proof(&code)).await.gives(200);
    app.function("prove-enrolment-email", proof(&code)).await.fails(410, "sign-in-expired");
    let answer = finish(app, &begun["offer"]).await;
    assert_eq!(answer.json()["me"]["email"], email);
    answer.session_cookie().unwrap().0
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn everybody_makes_an_account_with_a_proved_address_where_sign_up_is_open(pool: PgPool) {
    let app = App::with(pool, open);
    let form = app.function("session", json!({})).await.gives(200);
    assert_eq!(
        (&form["sign_in"]["sign_up"], &form["sign_in"]["reset_by_mail"]),
        (&json!(true), &json!(true))
    );
    let session = sign_up(&app, "ada", "ada@mail.example").await;
    assert!(app.is_signed_in(&session).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sign_up_is_refused_where_it_is_not_open(pool: PgPool) {
    let app = App::new(pool);
    app.function("sign-up", json!({ "challenge": null })).await.fails(403, "sign-up-closed");
    let reset = json!({ "email": "ada@mail.example", "challenge": null });
    app.function("request-reset", reset).await.fails(403, "forbidden");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn asking_for_a_way_back_answers_alike_and_the_link_leads_back(pool: PgPool) {
    let app = App::with(pool, open);
    let before = sign_up(&app, "ada", "ada@mail.example").await;
    let ask = async |email: &str| {
        let answer = app.function("request-reset", json!({ "email": email, "challenge": null })).await;
        (answer.status, answer.body)
    };
    let known = ask("ada@mail.example").await;
    assert_eq!(known, ask("nobody@mail.example").await, "whether it is somebody's isn't told");
    assert_eq!(known.0, 200);
    let bad = json!({ "email": "nonsense", "challenge": null });
    app.function("request-reset", bad).await.fails(400, "email-invalid");

    reset::answer_all(app.core()).await.unwrap();
    let mut mails = Queued::all(app.core()).await;
    while !mails.iter().any(|mail| mail.kind == "reset-link") {
        tokio::task::yield_now().await;
        mails = Queued::all(app.core()).await;
    }
    let token = mails.last().unwrap().enrolment_token();
    let info = app.function("enrolment-link", json!({ "token": token })).await.gives(200);
    assert_eq!((&info["name"], &info["kind"]), (&json!("ada"), &json!("reset")));
    let begin = json!({ "token": token, "name": "ada", "email": "" });
    let begun = app.function("begin-enrolment", begin).await.gives(200);
    assert!(app.is_signed_in(&before).await, "nothing has changed yet");
    let answer = finish(&app, &begun["offer"]).await;
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
    assert!(!app.is_signed_in(&before).await);
    app.function("enrolment-link", json!({ "token": token })).await.fails(410, "enrolment-link-invalid");
}
