//! Challenges, asked for and answered by programs and by our pages.

use http::Method;
use model::types::ChallengeProvider as Provider;
use model::types::{Challenge, ChallengeAnswer, ChallengePurpose, Solution};
use reflect_core::challenge::{self, SignUp};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::App;

fn app(pool: PgPool, provider: Provider) -> App {
    App::with(pool, |setup| setup.settings.policy.challenge = provider)
}

/// The right answer to a challenge as it came over the wire.
async fn solution(app: &App, challenge: &Value) -> ChallengeAnswer {
    let challenge: Challenge = serde_json::from_value(challenge.clone()).unwrap();
    challenge::solution(app.core(), &challenge).await.unwrap()
}

fn with_purpose(answer: &ChallengeAnswer) -> Value {
    json!({ "purpose": "sign_up", "id": answer.id, "answer": answer.answer })
}

const ASK: &str = "/api/v1/auth/captcha";
const TRADE: &str = "/api/v1/auth/captcha/verify";

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_program_gets_one_and_trades_its_answer(pool: PgPool) {
    for (provider, kind) in
        [(Provider::Pow, "work"), (Provider::Image, "image"), (Provider::Slider, "slider")]
    {
        let app = app(pool.clone(), provider);
        let challenge = app.post(ASK, &json!({ "purpose": "sign_up" })).await.gives(200);
        assert_eq!(challenge["expires_in"], 300);
        assert!(challenge["task"][kind].is_object(), "{challenge}");
        let right = with_purpose(&solution(&app, &challenge).await);
        let traded = app.post(TRADE, &right).await.gives(200);
        assert_eq!(traded["answer"], "done");
        assert_ne!(traded["id"], challenge["id"]);
        app.post(TRADE, &right).await.refuses(400, "challenge-failed");
        let token: ChallengeAnswer = serde_json::from_value(traded).unwrap();
        let here = "127.0.0.1".parse().unwrap();
        let _ = challenge::verify::<SignUp>(app.core(), here, Some(&token)).await.unwrap();
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_answer_is_not_in_the_challenge(pool: PgPool) {
    let app = app(pool, Provider::Image);
    let answer = app.post(ASK, &json!({ "purpose": "sign_up" })).await;
    let Solution::Text(text) = solution(&app, &answer.gives(200)).await.answer else { panic!("no text") };
    let mut document = answer.gives(200);
    // Five letters may well stand in the base64 of the picture, whose pixels they are.
    document["task"]["image"]["picture"]["url"].take();
    assert!(!document.to_string().contains(&text), "{document}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn our_pages_go_the_same_way(pool: PgPool) {
    let app = app(pool, Provider::Slider);
    let challenge = app.function("challenge", json!({ "purpose": "sign_in" })).await.gives(200);
    let mut answer = solution(&app, &challenge).await;
    let solve = async |answer: &ChallengeAnswer| {
        app.function("solve-challenge", json!({ "purpose": "sign_in", "answer": answer })).await
    };
    assert_eq!(solve(&answer).await.gives(200)["answer"], "done");
    answer.answer = Solution::Offset(0);
    solve(&answer).await.fails(400, "challenge-failed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_request_is_told_so(pool: PgPool) {
    let app = app(pool, Provider::Pow);
    for body in [json!({}), json!({ "purpose": "upload" }), json!([]), json!("sign_up")] {
        app.post(ASK, &body).await.refuses(400, "invalid-parameter");
        app.post(TRADE, &body).await.refuses(400, "invalid-parameter");
    }
    let other_type = app.call(Method::POST, ASK).same_origin().body("purpose=sign_up").await;
    other_type.refuses(400, "invalid-parameter");
    app.get(ASK).await.refuses(405, "method-not-allowed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_asks_for_too_many_waits(pool: PgPool) {
    let app = app(pool, Provider::Pow);
    let wanted = json!({ "purpose": ChallengePurpose::Reset });
    for _ in 0..30 {
        app.post(ASK, &wanted).await.gives(200);
    }
    let refused = app.post(ASK, &wanted).await;
    refused.refuses(429, "too-many-attempts");
    assert_eq!(refused.header("retry-after"), "300");
    app.function("challenge", json!({ "purpose": "reset" })).await.fails(429, "too-many-attempts");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_none_are_asked_there_is_nothing_to_do(pool: PgPool) {
    let app = app(pool, Provider::Off);
    let challenge = app.post(ASK, &json!({ "purpose": "sign_up" })).await.gives(200);
    assert_eq!(challenge["task"], "none");
    let done = json!({ "purpose": "sign_up", "id": challenge["id"], "answer": "done" });
    app.post(TRADE, &done).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn after_two_failures_signing_in_says_that_a_challenge_comes_next(pool: PgPool) {
    let app = app(pool, Provider::Pow);
    let ada = app.enrol("ada").await;
    let sign_in = async |code: &str, challenge: Value| {
        app.function("sign-in", json!({ "name": "ada", "code": code, "challenge": challenge })).await
    };
    for _ in 0..2 {
        sign_in(&app.wrong_code(&ada.secret), Value::Null).await.fails(401, "wrong-code");
    }
    let asked = sign_in(&app.code(&ada.secret), Value::Null).await;
    assert_eq!(asked.gives(200)["status"], "need_challenge");
    assert!(asked.session_cookie().is_none());
    let recovery = json!({ "name": "ada", "code": ada.recovery_codes[0].reveal() });
    assert_eq!(
        app.function("sign-in-with-recovery-code", recovery).await.gives(200)["status"],
        "need_challenge"
    );

    let wrong = json!({ "id": "nonsense", "answer": "done" });
    sign_in(&app.code(&ada.secret), wrong).await.fails(400, "challenge-failed");
    let challenge = app.function("challenge", json!({ "purpose": "sign_in" })).await.gives(200);
    let answer = json!(solution(&app, &challenge).await);
    let signed_in = sign_in(&app.code(&ada.secret), answer).await;
    assert_eq!(signed_in.gives(200)["session"]["me"]["name"], "ada");
}
