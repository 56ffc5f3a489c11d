//! Addresses and methods that are none, and what every answer has.

use http::Method;
use sqlx::PgPool;

use crate::support::App;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_method_is_a_problem_document(pool: PgPool) {
    let app = App::new(pool);
    for (method, path, allowed) in [
        (Method::PUT, "/api/v1/images", "GET,HEAD,POST"),
        (Method::DELETE, "/api/v1/images", "GET,HEAD,POST"),
        (Method::POST, "/api/v1/images/019aa000-0000-7000-8000-000000000000", "DELETE,GET,HEAD,PATCH"),
        (Method::POST, "/api/v1/me", "DELETE,GET,HEAD"),
        (Method::POST, "/oembed", "GET,HEAD"),
    ] {
        let answer = app.call(method.clone(), path).same_origin().await;
        answer.refuses(405, "method-not-allowed");
        let mut allow: Vec<_> = answer.header("allow").split(',').collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_server_function_is_only_posted_to(pool: PgPool) {
    let app = App::new(pool);
    for name in ["session", "sign-in", "sign-out"] {
        let answer = app.get(&format!("/api/app/{name}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{name}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_unknown_address_of_the_api_is_a_problem_document(pool: PgPool) {
    let app = App::new(pool);
    for path in ["/api/v1/nothing", "/api/v1/images/", "/api/v9", "/api/app/nothing", "/api/v1"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            app.call(method, path).same_origin().await.refuses(404, "not-found");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_answer_names_its_request(pool: PgPool) {
    let app = App::new(pool);
    let (first, second) = (app.get("/api/v1/me").await, app.get("/").await);
    assert_eq!((first.header("x-request-id").len(), second.header("x-request-id").len()), (16, 16));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let named = app.get("/api/v1/me").header("x-request-id", "from-the-proxy").await;
    assert_eq!(named.header("x-request-id"), "from-the-proxy");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn other_sites_may_not_read_the_api(pool: PgPool) {
    let app = App::new(pool);
    let answer = app.get("/api/v1/me").header("origin", "https://evil.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let preflight = app.call(Method::OPTIONS, "/api/v1/images").header("origin", "https://evil.example");
    let answer = preflight.header("access-control-request-method", "POST").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert!(!answer.status.is_success(), "{answer:?}");
}
