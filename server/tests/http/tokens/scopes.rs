//! Each address takes the scopes that are documented, and no others.

use std::collections::BTreeSet;

use http::Method;
use model::types::Scope;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{App, Call, Form, pictures};

const DOCUMENTATION: &str = include_str!("../../../../docs/api.md");

/// Methods, addresses and what follows them in the tables of `text`.
fn calls(text: &'static str) -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(call, rest)| Some((call.split_once(' ')?, rest.split_once(" |")?.0)))
        .filter(|((method, _), _)| method.bytes().all(|byte| byte.is_ascii_uppercase()))
        .map(|((method, address), next)| (method.parse().unwrap(), address.split('?').next().unwrap(), next))
}

/// What is open to tokens, with the scopes that they need; none where any will do.
fn documented() -> Vec<(Method, &'static str, Vec<Scope>)> {
    let pictures = DOCUMENTATION
        .split_once("## Pictures")
        .and_then(|(_, text)| text.split_once("\n## "))
        .map(|(pictures, _)| pictures);
    let documented: Vec<_> = calls(pictures.unwrap())
        .filter(|(_, _, scopes)| *scopes != "anybody")
        .map(|(method, address, scopes)| {
            let named = scopes.split(", ").filter(|scope| *scope != "any");
            (method, address, named.map(|scope| scope.parse().unwrap()).collect())
        })
        .collect();
    assert!(documented.len() >= 5, "{documented:?}");
    documented
}

/// A call as it is meant, of an image, album or tag that isn't there.
fn meant<'a>(app: &'a App, method: &Method, address: &str) -> Call<'a> {
    const KEY: &str = "01890000-0000-7000-8000-000000000000";
    let path =
        address.replace("{id}", KEY).replace("{image}", KEY).replace("{number}", "1").replace("{link}", KEY);
    let query = if path.ends_with("/images") && *method == Method::DELETE { "?ids=" } else { "" };
    let key = if query.is_empty() { "" } else { KEY };
    let call = app.call(method.clone(), &format!("/api/v1/{path}{query}{key}"));
    match (method, address) {
        (&Method::POST, "images") => call.form(Form::new().file("a.png", &pictures::png(4, 4))),
        (&Method::POST, "images/bulk") => {
            call.json(&json!({ "ids": [KEY], "action": { "visibility": "private" } }))
        }
        (&Method::POST, "images/zip") => {
            call.header("content-type", "application/x-www-form-urlencoded").body(format!("ids={KEY}"))
        }
        (&Method::PUT, "images/{id}/file") => call.body(pictures::png(4, 4)),
        (&Method::POST, "images/{id}/edit") => call.json(&json!({ "rotate": 90 })),
        (&Method::POST, "import") => call.json(&json!({})),
        (&Method::POST, "import/known") => call.json(&json!({ "images": [] })),
        (&Method::POST, "import/images") => {
            let file = pictures::png(4, 4);
            let hash = <sha2::Sha256 as sha2::Digest>::digest(&file);
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            let said = json!({
                "hash": hash, "byte_size": file.len(), "media_type": "image/png", "slug": "0123456789abcde",
                "created_at": "2026-11-20T12:00:00Z", "filename": "a.png", "visibility": "unlisted",
            });
            call.form(Form::new().text("metadata", &said.to_string()).file("a.png", &file))
        }
        (&Method::PATCH, "me/profile") => call.json(&json!({ "is_on": true })),
        (&Method::PATCH, "images/{id}") => call.json(&json!({ "title": "x" })),
        (&Method::PATCH, "albums/{id}/images/{image}") => call.json(&json!({ "before": null })),
        (&(Method::POST | Method::PATCH), _) => call.json(&json!({ "name": "x" })),
        _ => call,
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_without_the_scope_is_refused_by_its_name(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol_admin("ada").await.user_id;
    let needed = |(method, address, scopes): (Method, &'static str, Vec<Scope>)| {
        scopes.into_iter().map(move |scope| (method.clone(), address, scope))
    };
    for (method, address, scope) in documented().into_iter().flat_map(needed) {
        let others = Scope::ALL.iter().copied().filter(|other| *other != scope);
        let token = app.token(ada, others).await;
        let answer = meant(&app, &method, address).token(&token).await;
        let problem = answer.refuses(403, "insufficient-scope");
        assert_eq!(problem["scope"], scope.as_str(), "{method} {address}");
        assert!(problem["detail"].as_str().unwrap().contains(scope.as_str()), "{problem}");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope.as_str());
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_with_the_scope_alone_is_let_in(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol_admin("ada").await.user_id;
    for (method, address, scopes) in documented() {
        let any = Scope::ALL.iter().map(|scope| vec![*scope]);
        let sets: Vec<Vec<Scope>> = if scopes.is_empty() { any.collect() } else { vec![scopes] };
        for scopes in sets {
            let token = app.token(ada, scopes).await;
            let answer = meant(&app, &method, address).token(&token).await;
            // Nothing is there, or nothing that one could have.
            if address.contains("{id}") || (&method, address) == (&Method::POST, "images/zip") {
                answer.refuses(404, "not-found");
            } else {
                assert!(answer.status.is_success(), "{method} {address} {answer:?}");
            }
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_address_of_pictures_is_documented(pool: PgPool) {
    let app = App::new(pool);
    let token = app.person("ada").await.token;
    for (_, address, _) in documented() {
        let answer = meant(&app, &Method::OPTIONS, address).token(&token).await;
        answer.refuses(405, "method-not-allowed");
        let allowed = answer.header("allow").split(',').map(str::trim).filter(|name| *name != "HEAD");
        let allowed: BTreeSet<String> = allowed.map(str::to_owned).collect();
        // Some methods of an address may be for people alone.
        let of = calls(DOCUMENTATION).filter(|(_, other, _)| *other == address);
        assert_eq!(allowed, of.map(|(method, ..)| method.to_string()).collect(), "{address}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_needs_no_scope(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for (method, address, _) in documented() {
        let answer = meant(&app, &method, address).same_origin().cookie(&cookie).await;
        assert!(answer.status.is_success() || answer.status == 404, "{method} {address} {answer:?}");
        assert_eq!(answer.header("ratelimit"), "", "nor has it a token's minute");
    }
}
