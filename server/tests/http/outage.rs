//! Health, and what is answered while the database is gone.

use http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{App, Form, path, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_server_in_order_is_healthy_and_ready(pool: PgPool) {
    let app = App::new(pool);
    for path in ["/healthz", "/readyz"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok\n"), "{path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_database_a_server_is_healthy_but_not_ready(pool: PgPool) {
    let app = App::new(pool);
    app.pool().close().await;
    assert_eq!(app.get("/healthz").await.status, 200);
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (503, "the database does not answer\n"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn before_the_migrations_a_server_is_not_ready(pool: PgPool) {
    let app = App::new(pool);
    sqlx::query("ALTER TABLE users RENAME TO people").execute(app.pool()).await.unwrap();
    assert_eq!(app.get("/readyz").await.status, 503);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_database_pages_say_so_and_when_to_come_again(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.pool().close().await;
    let chinese = app.get("/gallery").header("accept-language", "zh").await;
    assert!(chinese.page(503).contains("<html lang=\"zh\"") && chinese.page(503).contains("暂时无法使用"));
    for path in ["/", "/gallery", "/p/abcDEF012345678", "/nowhere"] {
        for cookie in ["", &cookie] {
            let answer = app.get(path).cookie(cookie).await;
            assert!(answer.page(503).contains("out of order"), "{path}");
            assert_eq!(answer.header("retry-after"), "5");
            assert_eq!(
                (answer.header("cache-control"), answer.header("x-content-type-options")),
                ("no-store", "nosniff")
            );
            assert_eq!(answer.header("set-cookie"), "", "nobody is signed out by an outage");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_database_the_api_says_so_and_when_to_come_again(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let bob = app.person("bob").await;
    app.pool().close().await;
    for path in ["/api/v1/me", "/api/v1/images"] {
        for call in [app.get(path).token(&bob.token), app.get(path).cookie(&cookie)] {
            let answer = call.await;
            answer.refuses(503, "unavailable");
            assert_eq!((answer.header("retry-after"), answer.header("set-cookie")), ("5", ""), "{path}");
        }
    }
    let form = Form::new().file("a.png", &pictures::png(4, 4));
    let answer = app.call(Method::POST, "/api/v1/images").token(&bob.token).form(form).await;
    answer.refuses(503, "unavailable");
    app.get("/oembed?url=http://localhost/p/abcDEF012345678").await.refuses(503, "unavailable");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_database_server_functions_say_so(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.pool().close().await;
    for (name, arguments) in [
        ("session", json!({})),
        ("sign-in", json!({ "name": "", "code": "123456" })),
        ("sign-out", json!({})),
        ("list-images", json!({ "place": "Newest", "search": "" })),
        ("public-image", json!({ "slug": "abcDEF012345678" })),
    ] {
        let answer = app.function(name, arguments).cookie(&cookie).await;
        answer.fails(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "5", "{name}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_in_memory_outlive_the_database(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (seen, unseen) = (
        app.upload(&ada, "seen.png", &pictures::png(400, 300)).await,
        app.upload(&ada, "unseen.png", &pictures::png(400, 301)).await,
    );
    let (url, small) = (path(&seen["links"]["url"]), path(&seen["links"]["thumbnail"]));
    let (whole, thumbnail) = (app.get(url).await, app.get(small).await);
    app.pool().close().await;
    assert_eq!(app.get(url).await.body, whole.body);
    assert_eq!(app.get(small).await.body, thumbnail.body);
    assert_eq!(app.get(url).header("range", "bytes=0-9").await.status, 206);
    assert_eq!(app.get(url).header("if-none-match", "*").await.status, 304);

    let answer = app.get(path(&unseen["links"]["url"])).await;
    answer.refuses(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn built_files_need_no_database(pool: PgPool) {
    let app = App::new(pool);
    app.pool().close().await;
    assert_eq!(app.get("/pkg/app.1.js").await.text(), "the script");
}
