//! Built files: scripts, styles, the module.

use http::Method;
use sqlx::PgPool;

use crate::support::App;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_with_a_hash_in_its_name_is_kept_for_ever(pool: PgPool) {
    let app = App::new(pool);
    for (path, media_type, text) in [
        ("/pkg/app.1.js", "text/javascript; charset=utf-8", "the script"),
        ("/pkg/app.2.wasm", "application/wasm", "the module"),
        ("/pkg/app.3.css", "text/css; charset=utf-8", "the style"),
        ("/pkg/worker.4.js", "text/javascript; charset=utf-8", "the worker"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, text));
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("set-cookie"), "");
    }
    assert_eq!(app.get("/robots.txt").await.header("cache-control"), "public, max-age=3600");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_compressed_form_is_sent_to_who_takes_it(pool: PgPool) {
    let app = App::new(pool);
    for (takes, encoding, text) in [
        ("gzip, deflate, br, zstd", "br", "the script in Brotli"),
        ("gzip", "gzip", "the script in gzip"),
        ("br;q=0, gzip;q=0.1", "gzip", "the script in gzip"),
        ("identity", "", "the script"),
        ("", "", "the script"),
    ] {
        let answer = app.get("/pkg/app.1.js").header("accept-encoding", takes).await;
        assert_eq!((answer.header("content-encoding"), answer.text()), (encoding, text), "{takes}");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
    let without = app.get("/pkg/app.3.css").header("accept-encoding", "br").await;
    assert_eq!((without.header("content-encoding"), without.text()), ("", "the style"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_has_the_file_is_told_that_it_is_unchanged(pool: PgPool) {
    let app = App::new(pool);
    let etag = app.get("/robots.txt").await.header("etag").to_owned();
    let answer = app.get("/robots.txt").header("if-none-match", &etag).await;
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.header("etag")), (304, 0, &*etag));
    let changed = app.get("/robots.txt").header("if-none-match", "W/\"old\"").await;
    assert_eq!(changed.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_head_of_a_file_has_its_length_and_no_body(pool: PgPool) {
    let app = App::new(pool);
    let answer = app.head("/pkg/app.1.js").await;
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.header("content-length")), (200, 0, "10"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_file_of_the_site_is_no_address(pool: PgPool) {
    let app = App::new(pool);
    for path in [
        "/assets.json",
        "/pkg/app.1.js.br",
        "/pkg/app.1.js.gz",
        "/pkg/",
        "/pkg/app.9.js",
        "/pkg/..%2Fassets.json",
    ] {
        app.get(path).await.page(404);
    }
    let answer = app.call(Method::POST, "/robots.txt").same_origin().await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET,HEAD"));
}
