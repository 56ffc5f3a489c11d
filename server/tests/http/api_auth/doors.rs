//! Who is let in to which address.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::stale;
use crate::support::{Answer, App};

/// What an address asks of the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    Nothing,
    Session,
    FreshCode,
}
use Needs::{FreshCode, Nothing, Session};

const KEY: &str = "01890000-0000-7000-8000-000000000000";

/// Every address and what a well-formed call of it carries.
fn addresses() -> Vec<(Method, String, Option<Value>, Needs)> {
    let get = |path: &str| (Method::GET, path.to_owned(), None, Session);
    let post =
        |path: &str, body: Value, needs| (Method::POST, format!("/api/v1/auth/{path}"), Some(body), needs);
    vec![
        post("sign-in", json!({ "name": "ada", "code": "000000" }), Nothing),
        (Method::POST, "/api/v1/auth/sign-out".into(), None, Nothing),
        post("sign-up", json!({}), Nothing),
        post("email-code", json!({ "token": "x", "name": "x", "ticket": "x", "code": "000000" }), Nothing),
        post("email-code", json!({ "purpose": "sign_in", "ticket": "x" }), Nothing),
        post("email-code", json!({ "email": "ada@mail.example" }), FreshCode),
        post("email-code", json!({ "ticket": "x", "code": "000000" }), FreshCode),
        post("request-totp-reset", json!({ "email": "ada@mail.example" }), Nothing),
        post("reset-totp/verify", json!({ "token": "x" }), Nothing),
        post("reset-totp/confirm", json!({ "token": "x" }), Nothing),
        post("totp/verify", json!({ "ticket": "x", "code": "000000" }), Nothing),
        post("totp/verify", json!({ "ticket": "x", "mailed_code": "000000" }), Nothing),
        post("totp/registration-verify", json!({ "ticket": "x", "code": "000000" }), Nothing),
        post("elevate", json!({ "code": "000000" }), Session),
        post("totp/registration-options", json!({ "name": "more" }), FreshCode),
        post("totp/registration-options", json!({ "replaces": KEY }), FreshCode),
        post("totp/disable", json!({ "id": KEY }), FreshCode),
        post("totp/recovery-codes/regenerate", json!({}), FreshCode),
        get("/api/v1/auth/totp/status"),
        get("/api/v1/auth/totp/recovery-codes"),
        get("/api/v1/audit"),
        get("/api/v1/audit.csv"),
        get("/api/v1/authenticators"),
        (Method::PATCH, format!("/api/v1/authenticators/{KEY}"), Some(json!({ "name": "x" })), FreshCode),
        (Method::DELETE, format!("/api/v1/authenticators/{KEY}"), None, FreshCode),
        get("/api/v1/devices"),
        (Method::POST, "/api/v1/devices".into(), None, FreshCode),
        (Method::DELETE, "/api/v1/devices".into(), None, FreshCode),
        (Method::PATCH, format!("/api/v1/devices/{KEY}"), Some(json!({ "name": "x" })), FreshCode),
        (Method::DELETE, format!("/api/v1/devices/{KEY}"), None, FreshCode),
        get("/api/v1/sessions"),
        (Method::DELETE, "/api/v1/sessions".into(), None, FreshCode),
        (Method::DELETE, format!("/api/v1/sessions/{KEY}"), None, FreshCode),
        get("/api/v1/tokens"),
        (
            Method::POST,
            "/api/v1/tokens".into(),
            Some(json!({ "name": "x", "scopes": ["upload"] })),
            FreshCode,
        ),
        (Method::DELETE, "/api/v1/tokens".into(), None, FreshCode),
        (Method::DELETE, format!("/api/v1/tokens/{KEY}"), None, FreshCode),
        // Nobody is there any more after this one.
        (Method::DELETE, "/api/v1/me?name=ada".into(), None, FreshCode),
    ]
}

/// Those of challenges, which token and session make no difference to.
fn challenges() -> Vec<(Method, String, Option<Value>, Needs)> {
    let post = |path: &str, body: Value| (Method::POST, format!("/api/v1/auth/{path}"), Some(body), Nothing);
    vec![
        post("captcha", json!({ "purpose": "sign_up" })),
        post("captcha/verify", json!({ "purpose": "sign_up", "id": "x", "answer": { "work": [1] } })),
    ]
}

/// Methods and addresses as the tables of `docs/api.md` have them, but for what is asked otherwise: pictures and
/// administration.
fn documented() -> BTreeSet<String> {
    let (_, in_person) = include_str!("../../../../docs/api.md").split_once("\n## Tokens").unwrap();
    in_person
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .flat_map(|line| line.split(" | ").next().unwrap_or_default().split(", "))
        .filter_map(|call| call.strip_prefix('`')?.strip_suffix('`')?.split('?').next())
        .filter(|call| call.contains(' ') && !call.contains(" admin/"))
        .map(|call| call.replace(' ', " /api/v1/").replace("{id}", KEY))
        .collect()
}

#[test]
fn every_documented_call_is_among_them() {
    let asked: BTreeSet<String> = addresses()
        .into_iter()
        .chain(challenges())
        .map(|(method, path, ..)| format!("{method} {}", path.split('?').next().unwrap()))
        .collect();
    assert_eq!(asked, documented());
}

async fn call(
    app: &App,
    method: &Method,
    path: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let call =
        headers.iter().fold(app.call(method.clone(), path), |call, (name, value)| call.header(name, value));
    match body {
        Some(body) => call.json(body).await,
        None => call.await,
    }
}

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_api_token_opens_any_of_them(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let before = app.count("audit_log").await;
    let good = format!("Bearer {}", app.person("bob").await.token);
    let made = app.count("audit_log").await - before;
    for token in [&*good, "Bearer rfl_wrong"] {
        for (method, path, body, _) in addresses() {
            let with = |more: &[(&'static str, &str)]| {
                let mut headers = vec![("authorization".to_owned(), token.to_owned())];
                headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
                headers
            };
            // Neither alone, nor beside a session with a fresh code.
            for headers in [with(&[]), with(&[OURS, ("cookie", &cookie)])] {
                let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
                let answer = call(&app, &method, &path, body.as_ref(), &headers).await;
                answer.refuses(403, "forbidden");
                assert!(answer.session_cookie().is_none() && answer.device_cookie().is_none(), "{path}");
            }
        }
    }
    assert_eq!(app.count("audit_log").await, before + made, "and nothing has happened");
    assert!(app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_other_site_reaches_any_that_changes_something(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for (method, path, body, _) in addresses().into_iter().chain(challenges()) {
        if method == Method::GET {
            continue;
        }
        for site in ["cross-site", "same-site", "none"] {
            let headers = [("sec-fetch-site", site), ("cookie", &*cookie)];
            call(&app, &method, &path, body.as_ref(), &headers).await.refuses(403, "cross-site");
        }
        call(&app, &method, &path, body.as_ref(), &[("cookie", &cookie)]).await.refuses(403, "cross-site");
    }
    assert!(app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn those_for_people_who_are_signed_in_say_so(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    for (method, path, body, needs) in addresses() {
        if needs != Nothing {
            call(&app, &method, &path, body.as_ref(), &[OURS]).await.refuses(401, "signed-out");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn those_that_change_how_one_signs_in_and_no_others_ask_for_a_fresh_code(pool: PgPool) {
    let app = App::new(pool);
    let (ada, cookie) = stale(&app).await;
    let guarded = |needs| addresses().into_iter().filter(move |(.., asked)| *asked == needs);
    let headers = [OURS, ("cookie", &*cookie)];
    for (method, path, body, _) in guarded(FreshCode) {
        let answer = call(&app, &method, &path, body.as_ref(), &headers).await;
        answer.refuses(403, "fresh-code-needed");
    }
    for (method, path, body, _) in guarded(Session) {
        let answer = call(&app, &method, &path, body.as_ref(), &headers).await;
        assert_ne!(answer.status, 403, "{method} {path} {answer:?}");
    }
    let elevated =
        super::post(&app, &cookie, "/api/v1/auth/elevate", json!({ "code": app.code(&ada.secret) })).await;
    let (fresh, _) = elevated.session_cookie().unwrap();
    for (method, path, body, _) in guarded(FreshCode) {
        let headers = [OURS, ("cookie", &*fresh)];
        let answer = call(&app, &method, &path, body.as_ref(), &headers).await;
        // No such key, or ticket.
        let is_let_in = answer.status.is_success() || answer.status == 404 || answer.status == 410;
        assert!(is_let_in, "{method} {path} {answer:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_body_that_is_none_is_told_so(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let large = json!({ "code": "0".repeat(17 * 1024) }).to_string();
    for (method, path, body, _) in addresses().into_iter().chain(challenges()) {
        if body.is_none() {
            continue;
        }
        for bad in ["", "no json", "[]", "{\"name\":1,\"code\":2}", "{\"kode\":\"000000\"}", "null", &large] {
            let call = app.call(method.clone(), &path).same_origin().cookie(&cookie);
            let answer = call.header("content-type", "application/json").body(bad.to_owned()).await;
            answer.refuses(400, "invalid-parameter");
        }
        let untyped = app.call(method, &path).same_origin().cookie(&cookie).body("{}");
        untyped.await.refuses(400, "invalid-parameter");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn members_that_contradict_each_other_are_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for (path, body) in [
        ("sign-in", json!({ "name": "ada" })),
        ("sign-in", json!({ "code": "000000", "recovery_code": "x" })),
        ("elevate", json!({})),
        ("elevate", json!({ "code": "000000", "recovery_code": "x" })),
        ("email-code", json!({})),
        ("email-code", json!({ "email": "ada@mail.example", "ticket": "x", "code": "000000" })),
        ("email-code", json!({ "ticket": "x" })),
        ("email-code", json!({ "purpose": "sign_in" })),
        ("email-code", json!({ "purpose": "fun", "ticket": "x" })),
        ("email-code", json!({ "purpose": "sign_in", "ticket": "x", "code": "000000" })),
        ("totp/verify", json!({ "ticket": "x" })),
        ("totp/verify", json!({ "ticket": "x", "code": "000000", "mailed_code": "000000" })),
        ("email-code", json!({ "name": "x", "ticket": "x", "code": "000000" })),
        ("totp/registration-options", json!({})),
        ("totp/registration-options", json!({ "name": "x", "replaces": KEY })),
        ("totp/registration-options", json!({ "token": "x", "replaces": KEY })),
        ("totp/registration-options", json!({ "replaces": "x" })),
        ("totp/registration-verify", json!({ "ticket": "x" })),
        ("totp/registration-verify", json!({ "ticket": "x", "code": "000000", "recovery_code": "x" })),
        ("totp/recovery-codes/regenerate", json!({ "ticket": "x" })),
        ("totp/disable", json!({ "id": "x" })),
        ("captcha", json!({ "purpose": "sign_up", "kode": 1 })),
        ("captcha/verify", json!({ "purpose": "sign_up", "id": "x", "answer": "done", "kode": 1 })),
    ] {
        let answer = super::post(&app, &cookie, &format!("/api/v1/auth/{path}"), body).await;
        answer.refuses(400, "invalid-parameter");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_takes_its_own_methods(pool: PgPool) {
    let app = App::new(pool);
    for (method, path, ..) in addresses().into_iter().chain(challenges()) {
        let other = if method == Method::GET { Method::PUT } else { Method::OPTIONS };
        let answer = app.call(other, &path).same_origin().await;
        answer.refuses(405, "method-not-allowed");
        assert!(answer.header("allow").contains(method.as_str()), "{path}");
    }
    let key = "no-key";
    for path in ["authenticators", "devices", "sessions", "tokens"] {
        let answer = app.call(Method::DELETE, &format!("/api/v1/{path}/{key}")).same_origin().await;
        answer.refuses(404, "not-found");
    }
}
