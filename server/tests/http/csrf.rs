//! Unsafe requests come from our own pages, or carry a token.

use http::Method;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{App, Form, pictures};

fn form() -> Form {
    Form::new().file("a.png", &pictures::png(4, 4))
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_uploads_only_from_our_own_pages(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let call = || app.call(Method::POST, "/api/v1/images").cookie(&cookie).form(form());
    call().await.refuses(403, "cross-site");
    for value in ["cross-site", "same-site", "none"] {
        call().header("sec-fetch-site", value).await.refuses(403, "cross-site");
    }
    let other = call().header("origin", "http://evil.example").header("host", "localhost");
    other.await.refuses(403, "cross-site");
    assert_eq!(app.count("images").await, 0);
    call().header("origin", "http://localhost").await.gives(201);
    call().header("origin", "http://10.0.0.7:3000").header("host", "10.0.0.7:3000").await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_uploads_from_anywhere(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    app.upload_form(&ada, form()).await.gives(201);
    app.upload_form(&ada, form()).header("sec-fetch-site", "cross-site").await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_server_function_refuses_other_sites(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let functions: Vec<_> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(functions.len() > 30 && functions.contains(&"/api/app/sign-in"), "{functions:?}");
    for path in functions {
        let call = app.call(Method::POST, path).cookie(&cookie).json(&json!({}));
        call.header("sec-fetch-site", "cross-site").await.refuses(403, "cross-site");
    }
    assert!(app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn credentials_that_are_no_token_excuse_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    // What a browser sends to every page behind a proxy that asks for a password.
    let call = app.call(Method::POST, "/api/app/sign-out").cookie(&cookie).json(&json!({}));
    call.header("authorization", "Basic YWRhOng=").await.refuses(403, "cross-site");
    assert!(app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_excuses_no_server_function_since_the_session_backs_those(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let bob = app.person("bob").await;
    let call = app.call(Method::POST, "/api/app/sign-out").cookie(&cookie).json(&json!({}));
    call.token(&bob.token).await.refuses(403, "cross-site");
    assert!(app.is_signed_in(&cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_take_no_unsafe_method_from_elsewhere(pool: PgPool) {
    let app = App::new(pool);
    for path in ["/", "/gallery", "/nowhere"] {
        app.call(Method::POST, path).await.refuses(403, "cross-site");
    }
}
