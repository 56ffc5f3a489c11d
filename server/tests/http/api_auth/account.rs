//! From a link to an account.

use model::types::{ChallengeProvider, Decision, SignUpMode};
use reflect_core::{audit::By, auth::enrolment, mail::Queued};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{confirm, finish, post, posting, secret};
use crate::support::{Answer, App};

async fn options(app: &App, body: Value) -> Answer {
    app.post("/api/v1/auth/totp/registration-options", &body).await
}

async fn invited(app: &App) -> String {
    app.enrol("ada").await;
    app.invite().await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_link_a_code_and_a_recovery_code_make_an_account(pool: PgPool) {
    let app = App::new(pool);
    let token = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let step = options(&app, json!({ "token": token, "name": "Ada" })).await.gives(200);
    assert_eq!(
        (&step["name"], &step["email"], &step["expires_in"]),
        (&json!("Ada"), &Value::Null, &json!(600))
    );
    assert!(step["secret"]["otpauth_url"].as_str().unwrap().contains(&secret(&step)));

    let verify = "/api/v1/auth/totp/registration-verify";
    let wrong = json!({ "ticket": step["ticket"], "code": app.wrong_code(&secret(&step)) });
    post(&app, "", verify, wrong).await.refuses(401, "wrong-code");
    let early = json!({ "ticket": step["ticket"], "recovery_code": "0000-0000-0000-0000" });
    post(&app, "", verify, early).await.refuses(410, "enrolment-expired");
    let codes = confirm(&app, "", &step).await.gives(200);
    let mistyped = json!({ "ticket": codes["ticket"], "recovery_code": "0000-0000-0000-0000" });
    post(&app, "", verify, mistyped).await.refuses(401, "wrong-recovery-code");
    assert_eq!(app.count("users").await, 0, "nothing of the account exists yet");

    let typed = json!({ "ticket": codes["ticket"], "recovery_code": codes["codes"][9] });
    let answer = post(&app, "", verify, typed).await;
    let done = answer.gives(200);
    assert_eq!((&done["status"], &done["session"]["me"]["is_admin"]), (&json!("signed_in"), &json!(true)));
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
    options(&app, json!({ "token": token, "name": "x" })).await.refuses(410, "enrolment-link-invalid");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn somebody_signed_in_may_make_an_account_for_another(pool: PgPool) {
    let app = App::new(pool);
    let token = invited(&app).await;
    let step = options(&app, json!({ "token": token, "name": "bob" })).await.gives(200);
    let carol = app.enrol("carol").await;
    let cookie = app.sign_in_as("carol", &carol).await;
    // The ticket says what it is for, not who brings it.
    assert_eq!(confirm(&app, &cookie, &step).await.gives(200)["status"], "need_recovery_code");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_address_is_proved_on_the_way(pool: PgPool) {
    let app = posting(pool);
    let token = invited(&app).await;
    let named = json!({ "token": token, "name": "bob", "email": "bob@mail.example" });
    let asked = options(&app, named).await.gives(200);
    assert_eq!(asked["status"], "need_email_code");
    let mailed = Queued::all(app.core()).await.pop().unwrap();
    assert_eq!(mailed.to, "bob@mail.example");
    let prove = async |code: &str| {
        let body = json!({ "token": token, "name": "bob", "ticket": asked["ticket"], "code": code });
        app.post("/api/v1/auth/email-code", &body).await
    };
    let wrong = format!("{:06}", (mailed.code().parse::<u32>().unwrap() + 1) % 1_000_000);
    prove(&wrong).await.refuses(401, "wrong-code");
    let step = prove(&mailed.code()).await.gives(200);
    assert_eq!(step["email"], "bob@mail.example");
    prove(&mailed.code()).await.refuses(410, "sign-in-expired");
    assert_eq!(finish(&app, &step).await.gives(200)["session"]["me"]["email"], "bob@mail.example");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_cannot_be_an_account_is_told(pool: PgPool) {
    let app = App::new(pool);
    let token = invited(&app).await;
    for (name, email, status, code) in [
        ("", "", 400, "name-invalid"),
        ("a b", "", 400, "name-invalid"),
        ("bob", "nowhere", 400, "email-invalid"),
        ("ADA", "", 409, "name-taken"),
    ] {
        let body = json!({ "token": token, "name": name, "email": email });
        options(&app, body).await.refuses(status, code);
    }
    options(&app, json!({ "token": "x", "name": "bob" })).await.refuses(410, "enrolment-link-invalid");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_sign_up_is_open_a_solved_challenge_gives_a_link(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.challenge = ChallengeProvider::Pow);
    let sign_up = async |body: Value| app.post("/api/v1/auth/sign-up", &body).await;
    sign_up(json!({})).await.refuses(403, "challenge-needed");
    let solve = async || {
        let asked = app.post("/api/v1/auth/captcha", &json!({ "purpose": "sign_up" })).await.gives(200);
        let challenge = serde_json::from_value(asked).unwrap();
        json!({ "challenge": reflect_core::challenge::solution(app.core(), &challenge).await.unwrap() })
    };
    sign_up(solve().await).await.refuses(403, "sign-up-closed");
    app.core().decide(By::SYSTEM, Decision::SignUp(SignUpMode::Open)).await.unwrap();
    let solved = solve().await;
    let link = sign_up(solved.clone()).await.gives(201);
    sign_up(solved).await.refuses(400, "challenge-failed");
    let step = options(&app, json!({ "token": link["token"], "name": "bob" })).await.gives(200);
    assert_eq!(finish(&app, &step).await.gives(200)["session"]["me"]["name"], "bob");
}
