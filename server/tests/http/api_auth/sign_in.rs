//! Signing in and out, and fresh codes.

use model::types::ChallengeProvider;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::post;
use crate::support::{Answer, App};

const SIGN_IN: &str = "/api/v1/auth/sign-in";
/// A well-formed session id that the server never gave out.
const PLANTED: &str = "reflect=AAAAAAAAAAAAAAAAAAAAAA";

async fn sign_in(app: &App, body: Value) -> Answer {
    app.post(SIGN_IN, &body).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_code_opens_a_session_in_a_cookie_out_of_reach(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.site = "https://pictures.example".into());
    let ada = app.enrol("ada").await;
    let answer = sign_in(&app, json!({ "name": "ada", "code": app.code(&ada.secret) })).await;
    let step = answer.gives(200);
    assert_eq!((&step["status"], &step["session"]["me"]["name"]), (&json!("signed_in"), &json!("ada")));
    assert_eq!(answer.header("cache-control"), "no-store");
    let (pair, attributes) = answer.session_cookie().unwrap();
    assert!(pair.starts_with("__Host-reflect="), "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict", "Secure"]);
    assert!(app.is_signed_in(&pair).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_planted_id_is_worth_nothing_and_an_old_one_ends(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let body = || json!({ "code": app.code(&ada.secret) });
    let (first, _) = post(&app, PLANTED, SIGN_IN, body()).await.session_cookie().unwrap();
    assert!(first != PLANTED && !app.is_signed_in(PLANTED).await);
    app.wait(Duration::seconds(30));
    let (second, _) = post(&app, &first, SIGN_IN, body()).await.session_cookie().unwrap();
    assert!(second != first && app.is_signed_in(&second).await && !app.is_signed_in(&first).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_name_and_a_wrong_code_differ_in_no_byte(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    let right = app.code(&ada.secret);
    let wrong = sign_in(&app, json!({ "name": "ada", "code": app.wrong_code(&ada.secret) })).await;
    wrong.refuses(401, "wrong-code");
    for (name, code) in [("nobody", &*right), ("no name/at all", &right), ("ada", "no code"), ("", &right)] {
        let answer = sign_in(&app, json!({ "name": name, "code": code })).await;
        let headers = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            headers
        };
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body), "{name} {code}");
        assert_eq!(headers(&answer), headers(&wrong), "{name} {code}");
    }
    let recovery = ada.recovery_codes[0].reveal();
    let answer = sign_in(&app, json!({ "name": "nobody", "recovery_code": recovery })).await;
    let other = sign_in(&app, json!({ "name": "bob", "recovery_code": recovery })).await;
    assert_eq!((answer.status, &answer.body), (other.status, &other.body));
    other.refuses(401, "wrong-recovery-code");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_nobody_has_an_account_enrolment_comes_next(pool: PgPool) {
    let app = App::new(pool);
    let need = json!({ "status": "need_enrolment" });
    for body in [json!({}), json!({ "code": "000000" }), json!({ "name": "ada", "recovery_code": "x" })] {
        assert_eq!(sign_in(&app, body).await.gives(200), need);
    }
    assert_eq!(app.function("sign-in", json!({ "name": "", "code": "000000" })).await.gives(200), need);
    assert_eq!(app.count("auth_attempts").await, 0);
    app.enrol("ada").await;
    assert_eq!(sign_in(&app, json!({})).await.gives(200), json!({ "status": "need_code" }));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_account_under_attack_takes_a_second_code(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let ada = app.enrol("ada").await;
    let call = |path: &str, body: Value, from: &str| app.post(path, &body).header("x-forwarded-for", from);
    for host in 0..5 {
        let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
        call(SIGN_IN, wrong, &format!("203.0.113.{host}")).await.refuses(401, "wrong-code");
    }
    let first = json!({ "name": "ada", "code": app.code(&ada.secret) });
    let asked = call(SIGN_IN, first, "198.51.100.7").await;
    let step = asked.gives(200);
    assert!(step["status"] == "need_second_code" && asked.session_cookie().is_none(), "{asked:?}");
    app.wait(Duration::seconds(30));
    let second = |ticket: &Value| json!({ "ticket": ticket, "code": app.code(&ada.secret) });
    let verify = "/api/v1/auth/totp/verify";
    call(verify, second(&step["ticket"]), "203.0.113.1").await.refuses(410, "sign-in-expired");
    call(verify, second(&"x".into()), "198.51.100.7").await.refuses(410, "sign-in-expired");
    let answer = call(verify, second(&step["ticket"]), "198.51.100.7").await;
    assert_eq!(answer.gives(200)["status"], "signed_in");
    assert!(answer.session_cookie().is_some());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn failures_are_the_same_at_both_doors(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.challenge = ChallengeProvider::Pow);
    let ada = app.enrol("ada").await;
    let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
    sign_in(&app, wrong.clone()).await.refuses(401, "wrong-code");
    app.function("sign-in", wrong).await.fails(401, "wrong-code");
    let right = || json!({ "name": "ada", "code": app.code(&ada.secret) });
    assert_eq!(sign_in(&app, right()).await.gives(200), json!({ "status": "need_challenge" }));
    let mut failed = right();
    failed["challenge"] = json!({ "id": "x", "answer": "done" });
    sign_in(&app, failed).await.refuses(400, "challenge-failed");
    let ask = json!({ "purpose": "sign_in" });
    let challenge = app.post("/api/v1/auth/captcha", &ask).await.gives(200);
    let challenge = serde_json::from_value(challenge).unwrap();
    let mut solved = right();
    solved["challenge"] = json!(reflect_core::challenge::solution(app.core(), &challenge).await.unwrap());
    assert_eq!(sign_in(&app, solved).await.gives(200)["status"], "signed_in");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn five_failures_make_an_address_wait(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    for _ in 0..5 {
        let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
        sign_in(&app, wrong).await.refuses(401, "wrong-code");
    }
    let answer = sign_in(&app, json!({ "name": "ada", "code": app.code(&ada.secret) })).await;
    assert_eq!(answer.refuses(429, "too-many-attempts")["retry_after"], 3600);
    assert_eq!(answer.header("retry-after"), "3600");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_recovery_code_signs_in_once_and_elevates_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let with = |n: usize| json!({ "recovery_code": ada.recovery_codes[n].reveal() });
    let answer = sign_in(&app, with(0)).await;
    assert_eq!(answer.gives(200)["session"]["me"]["recovery_codes_left"], 9);
    sign_in(&app, with(0)).await.refuses(401, "wrong-recovery-code");
    let cookie = answer.session_cookie().unwrap().0;
    app.wait(Duration::minutes(10));
    post(&app, &cookie, "/api/v1/auth/elevate", with(0)).await.refuses(401, "wrong-recovery-code");
    let elevated = post(&app, &cookie, "/api/v1/auth/elevate", with(1)).await;
    assert_eq!(elevated.gives(200), json!({ "fresh_for": 600 }));
    let (fresh, _) = elevated.session_cookie().unwrap();
    assert!(fresh != cookie && !app.is_signed_in(&cookie).await, "more rights, another id");
    post(&app, &fresh, "/api/v1/devices", json!({})).await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_code_elevates_nobody(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::minutes(10));
    for code in [&*app.wrong_code(&ada.secret), "no code"] {
        let answer = post(&app, &cookie, "/api/v1/auth/elevate", json!({ "code": code })).await;
        answer.refuses(401, "wrong-code");
        assert!(answer.session_cookie().is_none());
    }
    post(&app, &cookie, "/api/v1/devices", json!({})).await.refuses(403, "fresh-code-needed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn signing_out_ends_the_session_and_asks_for_none(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let answer = post(&app, &cookie, "/api/v1/auth/sign-out", json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert!(answer.session_cookie().unwrap().1.contains(&"Max-Age=0".to_owned()));
    assert!(!app.is_signed_in(&cookie).await);
    assert_eq!(post(&app, &cookie, "/api/v1/auth/sign-out", json!({})).await.status, 204);
}
