//! Who is let in: nobody but an administrator with a fresh code, to any address that is documented.

use http::Method;
use model::types::{Scope, Scopes, UserId};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{Office, user};
use crate::support::{Answer, App, Call};

const KEY: &str = "01890000-0000-7000-8000-000000000000";

/// Methods and addresses as the tables of `docs/api.md` have them. A unit test of the server sees to it
/// that these are all that there are.
fn documented() -> Vec<(Method, &'static str)> {
    let calls: Vec<_> = include_str!("../../../../docs/api.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next()?.split_once(" admin/"))
        .map(|(method, address)| (method.parse().unwrap(), address.split('?').next().unwrap()))
        .collect();
    assert!(calls.len() >= 17, "{calls:?}");
    calls
}

/// A call as it is meant, of an account that is there.
fn meant<'a>(app: &'a App, method: &Method, address: &str, id: UserId) -> Call<'a> {
    let path = address.replace("users/{id}", &user(id)).replace("{id}", KEY).replace("{name}", "sign_up");
    let query = if (method, address) == (&Method::DELETE, "users/{id}") { "?name=bob" } else { "" };
    let call = app.call(method.clone(), &format!("/api/v1/admin/{path}{query}"));
    let body = match (method.as_str(), address) {
        ("PATCH", "users/{id}") => json!({ "quota": "1 GiB", "is_admin": true }),
        ("PATCH", "settings") => json!({ "sign_up": "open" }),
        ("POST", "invites") => json!({ "note": "Grace" }),
        ("PATCH" | "PUT", _) => panic!("{method} {address} has no body here"),
        _ => return call,
    };
    call.json(&body)
}

fn with<'a>(call: Call<'a>, headers: &[(&str, &str)]) -> Call<'a> {
    headers.iter().fold(call, |call, (name, value)| call.header(name, value))
}

/// Everything that administration could have changed.
async fn state(app: &App) -> [i64; 5] {
    [
        app.count("users WHERE is_admin OR suspended_at IS NOT NULL").await,
        app.count("users").await,
        app.count("settings").await,
        app.count("enrolment_links").await,
        app.count("audit_log").await,
    ]
}

/// Asks every address, as it is meant and, which must make no difference, with what nobody understands.
async fn every(
    office: &Office,
    headers: &[(&str, &str)],
    keep: impl Fn(&Method) -> bool,
    expect: impl Fn(&Answer),
) {
    let before = state(&office.app).await;
    for (method, address) in documented() {
        if !keep(&method) {
            continue;
        }
        let answer = with(meant(&office.app, &method, address, office.bob.user_id), headers).await;
        expect(&answer);
        assert!(!answer.text().contains("bob"), "{answer:?}");
        let path = format!("/api/v1/admin/{}?limit=none&user=x", address.replace("{id}", "no-key"));
        expect(&with(office.app.call(method, &path).json(&Value::Null), headers).await);
    }
    assert_eq!(state(&office.app).await, before);
}

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn strangers_are_told_to_sign_in(pool: PgPool) {
    let office = Office::new(pool).await;
    every(&office, &[OURS], |_| true, |answer| drop(answer.refuses(401, "signed-out"))).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_api_token_without_the_scope_for_it_opens_any_of_it(pool: PgPool) {
    let office = Office::new(pool).await;
    let ada = format!("Bearer {}", office.app.token(office.ada.user_id, Scopes::IMAGES.iter()).await);
    for (token, status, code, scope) in [
        (&*ada, 403, "insufficient-scope", json!("admin")),
        ("Bearer rfl_wrong", 401, "invalid-token", Value::Null),
    ] {
        let expect = |answer: &Answer| assert_eq!(answer.refuses(status, code)["scope"], scope);
        every(&office, &[("authorization", token)], |_| true, expect).await;
        // Not beside the session of an administrator either.
        let both = [("authorization", token), ("cookie", &*office.cookie), OURS];
        every(&office, &both, |_| true, expect).await;
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_admin_token_opens_nothing_once_its_owner_administers_no_more(pool: PgPool) {
    let office = Office::new(pool).await;
    let root = office.app.enrol_admin("root").await;
    let token = format!("Bearer {}", office.app.token(root.user_id, [Scope::Admin]).await);
    let demoted = office.patch(&user(root.user_id), json!({ "is_admin": false })).await;
    assert_eq!(demoted.status, 204, "{demoted:?}");
    every(
        &office,
        &[("authorization", &token)],
        |_| true,
        |answer| drop(answer.refuses(401, "invalid-token")),
    )
    .await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_admin_token_opens_all_but_ways_into_accounts_and_the_end_of_one(pool: PgPool) {
    let office = Office::new(pool).await;
    let token = office.app.token(office.ada.user_id, [Scope::Admin]).await;
    for (method, address) in documented() {
        let answer = meant(&office.app, &method, address, office.bob.user_id).token(&token).await;
        match (method.as_str(), address) {
            // The latter with a role among what is to change: then nothing changes.
            ("POST", "users/{id}/reset") | ("PATCH" | "DELETE", "users/{id}") => {
                answer.refuses(403, "forbidden");
            }
            _ if address.starts_with("invites/") || address.starts_with("mails/") => {
                answer.refuses(404, "not-found");
            }
            _ => assert!(answer.status.is_success(), "{method} {address} {answer:?}"),
        }
        assert!(!answer.header("ratelimit").is_empty(), "{method} {address}");
        if (method.as_str(), address) == ("PATCH", "users/{id}") {
            let path = format!("/api/v1/admin/{}", user(office.bob.user_id));
            let patch = async |body| office.app.call(Method::PATCH, &path).token(&token).json(&body).await;
            assert_eq!(patch(json!({ "quota": "7 GiB", "suspended": true })).await.status, 204);
            patch(json!({ "quota": "8 GiB", "suspended": false })).await.refuses(403, "forbidden");
        }
    }
    assert_eq!(office.app.count("users WHERE is_admin").await, 1);
    let told: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT actor_name, details->>'token' FROM audit_log WHERE actor = 'administrator' ORDER BY sequence",
    )
    .fetch_all(office.app.pool())
    .await
    .unwrap();
    assert!(told.len() >= 4, "{told:?}");
    assert!(told.iter().all(|act| *act == ("ada".to_owned(), Some("test".to_owned()))), "{told:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_other_site_reaches_what_changes_something(pool: PgPool) {
    let office = Office::new(pool).await;
    let cookie = ("cookie", &*office.cookie);
    let cross_site = |answer: &Answer| drop(answer.refuses(403, "cross-site"));
    let unsafe_method = |method: &Method| !method.is_safe();
    every(&office, &[cookie], unsafe_method, cross_site).await;
    for site in ["cross-site", "same-site", "none"] {
        every(&office, &[cookie, ("sec-fetch-site", site)], unsafe_method, cross_site).await;
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whoever_does_not_administer_is_refused_and_not_asked_for_a_code(pool: PgPool) {
    let office = Office::new(pool).await;
    let member = office.app.sign_in_as("bob", &office.bob).await;
    let forbidden = |answer: &Answer| drop(answer.refuses(403, "forbidden"));
    for _ in 0..2 {
        every(&office, &[OURS, ("cookie", &member)], |_| true, forbidden).await;
        office.app.wait(Duration::minutes(10));
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_administrator_is_asked_for_a_fresh_code(pool: PgPool) {
    let office = Office::new(pool).await;
    office.app.wait(Duration::minutes(10));
    let stale = |answer: &Answer| drop(answer.refuses(403, "fresh-code-needed"));
    every(&office, &[OURS, ("cookie", &office.cookie)], |_| true, stale).await;
    let code = json!({ "code": office.app.code(&office.ada.secret) });
    let elevated = office.app.post("/api/v1/auth/elevate", &code).cookie(&office.cookie).await;
    let (fresh, _) = elevated.session_cookie().unwrap();
    office.app.get("/api/v1/admin/overview").cookie(&fresh).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn with_one_everything_is_open(pool: PgPool) {
    let office = Office::new(pool).await;
    // The account goes last.
    let (last, first): (Vec<_>, Vec<_>) =
        documented().into_iter().partition(|call| *call == (Method::DELETE, "users/{id}"));
    assert_eq!(last.len(), 1);
    for (method, address) in first.into_iter().chain(last) {
        let call = meant(&office.app, &method, address, office.bob.user_id);
        let answer = call.same_origin().cookie(&office.cookie).await;
        // No invite and no mail has the key of the calls.
        let missing = address.starts_with("invites/") || address.starts_with("mails/");
        assert_eq!(answer.status.is_success(), !missing, "{method} {address} {answer:?}");
        if missing {
            answer.refuses(404, "not-found");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_address_takes_the_methods_that_are_documented(pool: PgPool) {
    let app = App::new(pool);
    let documented = documented();
    for (_, address) in &documented {
        let answer = app.call(Method::OPTIONS, &format!("/api/v1/admin/{address}")).await;
        answer.refuses(405, "method-not-allowed");
        let mut allowed: Vec<&str> =
            answer.header("allow").split(',').filter(|name| *name != "HEAD").collect();
        allowed.sort_unstable();
        let mut methods: Vec<&str> = documented
            .iter()
            .filter(|(_, other)| other == address)
            .map(|(method, _)| method.as_str())
            .collect();
        methods.sort_unstable();
        assert_eq!(allowed, methods, "{address}");
    }
}
