//! One code and a mailed one, at both doors.

use reflect_core::{auth::sign_in::mailed_code, mail::Queued};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App};

const HOME: &str = "198.51.100.7";

/// An instance that sends mail, on which `ada` has proved an address and `bob` has none, and everybody
/// and nobody is being guessed at.
async fn attacked(pool: PgPool) -> (App, String) {
    let app = App::with(pool, |setup| {
        setup.settings.mail = Some("no-reply@pictures.example".parse().unwrap());
        setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    sqlx::query(
        "UPDATE users SET email = 'ada@mail.example', email_verified_at = created_at WHERE name = 'ada'",
    )
    .execute(app.pool())
    .await
    .unwrap();
    for name in ["ada", "bob", "nobody"] {
        for host in 0..5 {
            let wrong = json!({ "name": name, "code": app.wrong_code(&ada.secret) });
            let from = format!("203.0.113.{host}");
            app.function("sign-in", wrong).header("x-forwarded-for", from).await.fails(401, "wrong-code");
        }
    }
    (app, ada.secret)
}

/// The code that was mailed, once everything that was asked is answered.
async fn mailed(app: &App) -> String {
    mailed_code::answer_all(app.core()).await.unwrap();
    loop {
        if let Some(mail) = Queued::all(app.core()).await.iter().find(|mail| mail.kind == "sign-in-code") {
            return mail.code();
        }
        tokio::task::yield_now().await;
    }
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_take_a_mailed_code_in_the_place_of_a_second_one(pool: PgPool) {
    let (app, secret) = attacked(pool).await;
    let call = |name: &str, arguments: Value| app.function(name, arguments).header("x-forwarded-for", HOME);
    let step = call("sign-in", json!({ "name": "ada", "code": app.code(&secret) })).await.gives(200);
    assert_eq!((&step["status"], &step["by_mail"]), (&json!("need_second_code"), &json!(true)));
    let ticket = call("sign-in-ask-mailed-code", json!({ "ticket": step["ticket"] })).await.gives(200);
    let code = mailed(&app).await;
    let answer = |code: &str| call("sign-in-mailed-code", json!({ "ticket": ticket, "code": code }));
    answer("no code").await.fails(401, "wrong-code");
    answer(&wrong(&code)).await.fails(401, "wrong-code");
    let arrived = answer(&code).await;
    assert_eq!(arrived.gives(200)["me"]["name"], "ada");
    let cookie = arrived.session_cookie().unwrap().0;
    app.get("/api/v1/me").cookie(&cookie).header("x-forwarded-for", HOME).await.gives(200);
    answer(&code).await.fails(410, "sign-in-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn programs_do_so_too(pool: PgPool) {
    let (app, secret) = attacked(pool).await;
    let call = |path: &str, body: Value| {
        app.post(&format!("/api/v1/auth/{path}"), &body).header("x-forwarded-for", HOME)
    };
    let step = call("sign-in", json!({ "name": "ada", "code": app.code(&secret) })).await.gives(200);
    assert_eq!((&step["status"], &step["by_mail"]), (&json!("need_second_code"), &json!(true)));
    let asked =
        call("email-code", json!({ "purpose": "sign_in", "ticket": step["ticket"] })).await.gives(200);
    assert_eq!(asked["status"], "need_email_code");
    let code = mailed(&app).await;
    let verify = |code: &str| call("totp/verify", json!({ "ticket": asked["ticket"], "mailed_code": code }));
    verify(&wrong(&code)).await.refuses(401, "wrong-code");
    let arrived = verify(&code).await;
    assert_eq!(arrived.gives(200)["status"], "signed_in");
    assert!(arrived.session_cookie().is_some());
    verify(&code).await.refuses(410, "sign-in-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn asking_and_failing_differ_in_no_byte_whoever_is_named(pool: PgPool) {
    let (app, secret) = attacked(pool).await;
    // Everything but the ticket, which is sealed and differs each time, in the same length.
    let told = |answer: &Answer, ticket: &Value| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        let ticket = ticket.as_str().unwrap_or("no ticket");
        (answer.status, headers, answer.text().replace(ticket, "ticket"), ticket.len())
    };
    let mut seen = Vec::new();
    for (host, name, code) in [
        (1, "ada", app.code(&secret)),
        (2, "ada", app.wrong_code(&secret)),
        (3, "bob", app.wrong_code(&secret)),
        (4, "nobody", app.code(&secret)),
    ] {
        let call = |path: &str, body: Value| {
            let from = format!("198.51.100.{host}");
            app.post(&format!("/api/v1/auth/{path}"), &body).header("x-forwarded-for", from)
        };
        let first = call("sign-in", json!({ "name": name, "code": code })).await;
        let ticket = &first.gives(200)["ticket"];
        let asked = call("email-code", json!({ "purpose": "sign_in", "ticket": ticket })).await;
        let mailed = &asked.gives(200)["ticket"];
        let soon = call("email-code", json!({ "purpose": "sign_in", "ticket": ticket })).await;
        soon.refuses(429, "too-many-attempts");
        let failed = call("totp/verify", json!({ "ticket": mailed, "mailed_code": "x" })).await;
        let code = json!({ "ticket": mailed, "mailed_code": "000000" });
        let guessed = call("totp/verify", code).await;
        seen.push([
            told(&first, ticket),
            told(&asked, mailed),
            told(&soon, &Value::Null),
            told(&failed, &Value::Null),
            told(&guessed, &Value::Null),
        ]);
    }
    for (one, other) in seen.iter().zip(seen.iter().skip(1)) {
        assert_eq!(one, other);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_mail_server_none_is_offered(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let ada = app.enrol("ada").await;
    for host in 0..5 {
        let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
        let from = format!("203.0.113.{host}");
        app.function("sign-in", wrong).header("x-forwarded-for", from).await.fails(401, "wrong-code");
    }
    let first = json!({ "name": "ada", "code": app.code(&ada.secret) });
    let step = app.post("/api/v1/auth/sign-in", &first).await.gives(200);
    assert_eq!((&step["status"], &step["by_mail"]), (&json!("need_second_code"), &json!(false)));
    let ask = json!({ "purpose": "sign_in", "ticket": step["ticket"] });
    app.post("/api/v1/auth/email-code", &ask).await.refuses(403, "forbidden");
}
