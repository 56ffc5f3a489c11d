//! Uploads that aren't what an upload is, or that end too soon.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{App, Form, Person, pictures};

async fn send(app: &App, person: &Person, body: impl Into<Body>) -> crate::support::Answer {
    let call = app.call(Method::POST, "/api/v1/images").token(&person.token);
    call.header("content-type", Form::TYPE).body(body).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_form_without_a_file_is_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    app.upload_form(&ada, Form::new()).await.refuses(400, "no-file");
    let text = Form::new().part("form-data; name=\"holidays\"", b"yes");
    app.upload_form(&ada, text).await.refuses(400, "no-file");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_multipart_body_is_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let call = || app.call(Method::POST, "/api/v1/images").token(&ada.token);
    call().json(&json!({"file": "x"})).await.refuses(400, "bad-multipart");
    call().await.refuses(400, "bad-multipart");
    let without_boundary = call().header("content-type", "multipart/form-data").body("x");
    without_boundary.await.refuses(400, "bad-multipart");
    send(&app, &ada, "this is no part").await.refuses(400, "bad-multipart");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_body_that_ends_too_soon_leaves_the_files_before_the_break(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file("whole.png", &pictures::png(40, 30)).file("cut.png", &pictures::png(41, 30));
    let report = send(&app, &ada, form.unfinished(60)).await.gives(207);
    assert_eq!(report["images"][0]["filename"], "whole.png");
    let error = &report["errors"][0];
    assert_eq!((&error["filename"], &error["code"]), (&"cut.png".into(), &"bad-multipart".into()));
    let images = app.images(&ada).await;
    assert_eq!(images.len(), 1);
    assert_eq!(images[0]["id"], report["images"][0]["id"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_connection_that_breaks_leaves_the_files_before_the_break(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file("whole.png", &pictures::png(40, 30)).file("cut.png", &pictures::png(41, 30));
    let sent = stream::once(async { Ok(Bytes::from(form.unfinished(60))) });
    let broken = stream::once({
        let core = app.core().clone();
        async move {
            // The first file is stored while the second is still on its way.
            while sqlx::query("SELECT FROM images").execute(&core.pool).await.unwrap().rows_affected() == 0 {}
            Err(std::io::Error::other("reset by peer"))
        }
    });
    let report = send(&app, &ada, Body::from_stream(sent.chain(broken))).await.gives(207);
    assert_eq!(report["errors"][0]["code"], "bad-multipart");
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_first_file_that_is_cut_off_is_not_stored(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    // The image is whole, only the form isn't: it can't be known that nothing is missing.
    let form = Form::new().file("cut.png", &pictures::png(41, 30));
    let problem = send(&app, &ada, form.unfinished(0)).await.refuses(400, "bad-multipart");
    assert_eq!(problem["errors"][0]["filename"], "cut.png");
    assert_eq!((app.count("images").await, app.count("blobs").await), (0, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_body_in_small_pieces_and_without_a_length_is_taken(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::noise(80, 80, 3);
    let body = Form::new().file("a.png", &bytes).finish();
    let pieces: Vec<_> =
        body.chunks(7).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
    let mut report = send(&app, &ada, Body::from_stream(stream::iter(pieces))).await.gives(201);
    assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_refusal_comes_when_the_body_has_been_sent_unless_the_client_asks_first(pool: PgPool) {
    let app = App::new(pool);
    for (address, expect, read) in [
        ("/api/v1/images", None, 40),
        ("/api/v2/upload", None, 40),
        ("/compat/lsky/api/v1/upload", None, 40),
        ("/api/1/upload", None, 40),
        ("/api/v1/images", Some("100-continue"), 0),
    ] {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let chunks = stream::iter(0..40).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[7; 50_000]))
        });
        let call = app.call(Method::POST, address).token("rfl_wrong").header("content-type", Form::TYPE);
        let call = if let Some(expect) = expect { call.header("expect", expect) } else { call };
        call.body(Body::from_stream(chunks)).await;
        assert_eq!(taken.load(Ordering::Relaxed), read, "{address} {expect:?}");
    }
}
