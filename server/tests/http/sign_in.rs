//! Signing in and out.

use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App};

async fn sign_in(app: &App, name: &str, code: &str) -> Answer {
    app.function("sign-in", json!({ "name": name, "code": code })).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn name_and_code_sign_in(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("Ada").await;
    app.enrol("bob").await;
    let answer = sign_in(&app, " aDA ", &app.code(&ada.secret)).await;
    let info = &answer.gives(200)["session"];
    assert_eq!((&info["me"]["name"], &info["me"]["id"]), (&"Ada".into(), &json!(ada.user_id)));
    assert_eq!(info["max_upload"], 20 * 1024 * 1024);
    assert_eq!(info["origins"], json!({ "site": "http://localhost", "images": "http://localhost" }));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_code_alone_is_enough_where_there_is_one_account(pool: PgPool) {
    let app = App::new(pool);
    let form = app.function("session", json!({})).await.gives(200);
    assert_eq!(
        form["sign_in"],
        json!({ "asks_name": true, "has_accounts": false, "sign_up": false, "reset_by_mail": false, "known": null, "copied": false, "provider": null })
    );
    let ada = app.enrol("ada").await;
    let form = app.function("session", json!({})).await.gives(200);
    assert_eq!(
        (&form["me"], &form["sign_in"]),
        (
            &Value::Null,
            &json!({ "asks_name": false, "has_accounts": true, "sign_up": false, "reset_by_mail": false, "known": null, "copied": false, "provider": null })
        )
    );
    assert_eq!(sign_in(&app, "", &app.code(&ada.secret)).await.gives(200)["session"]["me"]["name"], "ada");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_code_alone_is_not_enough_where_there_are_two(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    let form = app.function("session", json!({})).await.gives(200);
    assert_eq!(form["sign_in"]["asks_name"], true);
    let answer = sign_in(&app, "", &app.code(&ada.secret)).await;
    answer.fails(401, "wrong-code");
    assert!(answer.session_cookie().is_none());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_code_is_taken_however_it_is_typed(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let code = app.code(&ada.secret);
    let (front, back) = code.split_at(3);
    sign_in(&app, "ada", &format!(" {front} {back}\n")).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_name_and_a_wrong_code_are_answered_alike(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    let right = app.code(&ada.secret);
    let answers = [
        sign_in(&app, "ada", &app.wrong_code(&ada.secret)).await,
        sign_in(&app, "nobody", &right).await,
        sign_in(&app, "no name/at all", &right).await,
        sign_in(&app, "ada", "no code").await,
    ];
    for answer in answers {
        assert_eq!(answer.fails(401, "wrong-code"), json!({ "code": "wrong-code" }));
        assert!(answer.session_cookie().is_none());
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn beside_a_recovery_code_every_wrong_name_is_answered_alike(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    app.enrol("bob").await;
    let code = ada.recovery_codes[0].reveal();
    for (name, code) in [("nobody", &*code), ("bob", &*code), ("no name/at all", &*code), ("ada", "no code")]
    {
        let answer = app.function("sign-in-with-recovery-code", json!({ "name": name, "code": code })).await;
        let expected = json!({ "code": "wrong-recovery-code" });
        assert_eq!(answer.fails(401, "wrong-recovery-code"), expected, "{name}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_hangs_up_while_a_code_is_judged_is_recorded_all_the_same(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let named = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
    let code = json!({ "code": app.wrong_code(&ada.secret) });
    for (number, call) in [
        app.function("sign-in", named.clone()),
        app.post("/api/v1/auth/sign-in", &named),
        app.function("confirm-code", code.clone()).cookie(&cookie),
        app.post("/api/v1/auth/elevate", &code).cookie(&cookie),
    ]
    .into_iter()
    .enumerate()
    {
        // The try is counted, and waits to be recorded.
        let mut others = app.pool().begin().await.unwrap();
        sqlx::query("SELECT FROM audit_head FOR UPDATE").execute(&mut *others).await.unwrap();
        let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock')";
        tokio::select! {
            answer = call.into_future() => panic!("{answer:?}"),
            () = until(&app, waits) => {}
        }
        others.commit().await.unwrap();
        let recorded = format!("SELECT count(*) = {} FROM audit_log WHERE outcome <> 'success'", number + 1);
        until(&app, &recorded).await;
    }
}

/// Until this is so.
pub async fn until(app: &App, question: &str) {
    let asking = async {
        let question = || sqlx::query_scalar::<_, bool>(sqlx::AssertSqlSafe(question.to_owned()));
        while !question().fetch_one(app.pool()).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, asking).await.unwrap_or_else(|_| panic!("never: {question}"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_code_works_once_and_the_wait_for_the_next_is_told(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let code = app.code(&ada.secret);
    sign_in(&app, "", &code).await.gives(200);
    app.wait(Duration::seconds(10));
    let problem = sign_in(&app, "", &code).await.fails(401, "code-already-used");
    assert_eq!(problem["wait"], 20);
    app.wait(Duration::seconds(20));
    sign_in(&app, "", &app.code(&ada.secret)).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn five_failures_make_an_address_wait_an_hour(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    for _ in 0..5 {
        sign_in(&app, "ada", &app.wrong_code(&ada.secret)).await.fails(401, "wrong-code");
    }
    app.wait(Duration::minutes(10));
    let answer = sign_in(&app, "ada", &app.code(&ada.secret)).await;
    assert_eq!(answer.fails(429, "too-many-attempts")["retry_after"], 3000);
    assert_eq!(answer.header("retry-after"), "3000");
    let by_recovery = json!({ "name": "ada", "code": ada.recovery_codes[0] });
    app.function("sign-in-with-recovery-code", by_recovery).await.fails(429, "too-many-attempts");
    app.wait(Duration::minutes(50));
    // And the account, for a month, asks this device for two codes.
    let answer = sign_in(&app, "ada", &app.code(&ada.secret)).await;
    assert!(answer.gives(200)["ticket"].is_string());
    assert!(answer.session_cookie().is_none());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_account_under_attack_opens_to_a_second_code(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let ada = app.enrol("ada").await;
    let call = |name: &str, arguments: Value, from: String| {
        app.function(name, arguments).header("x-forwarded-for", from)
    };
    for host in 0..5 {
        let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
        call("sign-in", wrong, format!("203.0.113.{host}")).await.fails(401, "wrong-code");
    }
    let home = || "198.51.100.7".to_owned();
    let first = json!({ "name": "ada", "code": app.code(&ada.secret) });
    let step = call("sign-in", first, home()).await.gives(200);
    app.wait(Duration::seconds(30));
    let second = |ticket: &Value| json!({ "ticket": ticket, "code": app.code(&ada.secret) });
    let stolen = call("sign-in-second-code", second(&step["ticket"]), "203.0.113.1".into());
    stolen.await.fails(410, "sign-in-expired");
    call("sign-in-second-code", second(&"nonsense".into()), home()).await.fails(410, "sign-in-expired");
    let answer = call("sign-in-second-code", second(&step["ticket"]), home()).await;
    assert_eq!(answer.gives(200)["me"]["name"], "ada");
    let cookie = answer.session_cookie().unwrap().0;
    app.get("/api/v1/me").cookie(&cookie).header("x-forwarded-for", home()).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_right_code_is_not_counted(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    for _ in 0..7 {
        sign_in(&app, "", &app.code(&ada.secret)).await.gives(200);
        app.wait(Duration::seconds(30));
    }
    assert_eq!(app.count("auth_attempts").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn failures_from_one_address_are_not_anothers(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let ada = app.enrol("ada").await;
    let from = |address: &'static str, code: String| {
        app.function("sign-in", json!({ "name": "ada", "code": code })).header("x-forwarded-for", address)
    };
    for _ in 0..5 {
        from("203.0.113.9", app.wrong_code(&ada.secret)).await.fails(401, "wrong-code");
    }
    let right = app.code(&ada.secret);
    from("203.0.113.9", right.clone()).await.fails(429, "too-many-attempts");
    // What the client itself put in front changes nothing.
    from("198.51.100.7, 203.0.113.9", right.clone()).await.fails(429, "too-many-attempts");
    assert!(from("198.51.100.7", right).await.gives(200)["ticket"].is_string());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nobody_is_believed_about_an_address_who_is_no_trusted_proxy(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    for n in 0..5 {
        let arguments = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
        let call = app.function("sign-in", arguments).header("x-forwarded-for", format!("203.0.113.{n}"));
        call.await.fails(401, "wrong-code");
    }
    let call = app.function("sign-in", json!({ "name": "ada", "code": app.code(&ada.secret) }));
    call.header("x-forwarded-for", "203.0.113.77").await.fails(429, "too-many-attempts");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_recovery_code_signs_in_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let typed = ada.recovery_codes[3].reveal().to_lowercase().replace('-', " ");
    let arguments = json!({ "name": "", "code": typed });
    let answer = app.function("sign-in-with-recovery-code", arguments.clone()).await;
    assert_eq!(answer.gives(200)["session"]["me"]["recovery_codes_left"], 9);
    assert!(app.is_signed_in(&answer.session_cookie().unwrap().0).await);
    let again = app.function("sign-in-with-recovery-code", arguments).await;
    again.fails(401, "wrong-recovery-code");
    assert!(again.session_cookie().is_none());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_recovery_code_counts_as_a_failure(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let wrong = json!({ "name": "ada", "code": "0000-0000-0000-0000" });
    for _ in 0..5 {
        let answer = app.function("sign-in-with-recovery-code", wrong.clone()).await;
        answer.fails(401, "wrong-recovery-code");
    }
    sign_in(&app, "ada", &app.code(&ada.secret)).await.fails(429, "too-many-attempts");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn arguments_that_are_none_are_the_callers_fault(pool: PgPool) {
    let app = App::new(pool);
    let large = format!("{{\"name\":\"{}\",\"code\":\"\"}}", "a".repeat(600 * 1024));
    for body in ["", "no json", "[]", "{\"name\":1,\"code\":2}", "{\"name\":\"ada\"}", &large] {
        let call = app.call(http::Method::POST, "/api/app/sign-in").same_origin();
        let answer = call.header("content-type", "application/json").body(body.to_owned()).await;
        answer.fails(400, "invalid-parameter");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_body_beyond_all_measure_is_not_read_to_its_end(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let answer = sign_in(&app, &"a".repeat(600 * 1024), &app.code(&ada.secret)).await;
    assert!(!answer.status.is_success() && answer.session_cookie().is_none(), "{answer:?}");
    let piece = bytes::Bytes::from(vec![b'a'; 64 * 1024]);
    let endless = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()));
    let call = app.call(http::Method::POST, "/api/app/sign-in").same_origin();
    let call = call.header("content-type", "application/json").body(axum::body::Body::from_stream(endless));
    let answer = call.await;
    assert!(!answer.status.is_success(), "{answer:?}");
}
