//! `Idempotency-Key`: an upload that is sent again is taken once.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::Method;
use model::types::Scope;
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Form, Person, pictures};

async fn send(app: &App, person: &Person, key: &str, form: Form) -> Answer {
    app.upload_form(person, form).header("idempotency-key", key).await
}

/// Two files and one that is none.
fn three() -> Form {
    Form::new()
        .file("a.png", &pictures::noise(40, 30, 1))
        .file("b.txt", b"no image")
        .file("c.png", &pictures::noise(41, 30, 2))
}

#[track_caller]
fn same(first: &Answer, again: &Answer) {
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sent_again_it_is_answered_as_the_first_time_and_taken_once(pool: PgPool) {
    let app = App::new(pool.clone());
    let ada = app.person("ada").await;
    let first = send(&app, &ada, "k", three()).await;
    let report = first.gives(207);
    assert_eq!(
        (&report["images"][0]["existing"], &report["errors"][0]["filename"]),
        (&false.into(), &"b.txt".into())
    );
    let used = app.get("/api/v1/me").token(&ada.token).await.gives(200)["usage"].take();
    same(&first, &send(&app, &ada, "k", three()).await);
    // Whatever has become of the images since.
    for image in app.images(&ada).await {
        let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
        app.call(Method::DELETE, &one).token(&ada.token).await;
    }
    same(&first, &send(&app, &ada, "k", three()).await);
    assert_eq!(app.count("images").await, 2);
    let again = app.get("/api/v1/me").token(&ada.token).await.gives(200)["usage"].take();
    assert_eq!(again["used"], used["used"]);
    // Links that delete are secrets: none is written down.
    let kept: String = sqlx::query_scalar("SELECT answer FROM upload_keys").fetch_one(&pool).await.unwrap();
    assert!(report["images"][0]["delete_url"].as_str().unwrap().contains("/delete/"));
    assert!(!kept.contains("/delete/"), "{kept}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_there_before_is_answered_so_again(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::png(40, 30);
    app.upload(&ada, "a.png", &picture).await;
    let form = || Form::new().file("a.png", &picture);
    let first = send(&app, &ada, "k", form()).await;
    assert_eq!(first.gives(200)["images"][0]["existing"], true);
    same(&first, &send(&app, &ada, "k", form()).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_upload_under_the_same_key_is_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (one, other) = (pictures::png(40, 30), pictures::png(41, 30));
    send(&app, &ada, "k", Form::new().file("a.png", &one)).await.gives(201);
    let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&json!({ "name": "Sea" }));
    let album = album.await.gives(201)["id"].as_str().unwrap().to_owned();
    for form in [
        Form::new().file("a.png", &other),
        Form::new().file("b.png", &one),
        Form::new().file_in("picture", "a.png", &one),
        Form::new().file("a.png", &one).file("b.png", &other),
        Form::new().file("a.png", &one).text("album", &album),
        Form::new(),
    ] {
        let problem = send(&app, &ada, "k", form).await.refuses(422, "idempotency-key-reused");
        assert!(problem["detail"].as_str().unwrap().contains("new key"), "{problem}");
    }
    // What is no part of the request changes nothing.
    let form = Form::new().text("holidays", "yes").file("a.png", &one);
    assert_eq!(send(&app, &ada, "k", form).await.header("idempotency-replayed"), "true");
    // Who may see less of it isn't told what the other was.
    let less = Person { id: ada.id, token: app.token(ada.id, [Scope::Upload]).await };
    send(&app, &less, "k", Form::new().file("a.png", &one)).await.refuses(422, "idempotency-key-reused");
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_key_is_one_persons(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let first = send(&app, &ada, "k", three()).await.gives(207);
    let other = send(&app, &bob, "k", three()).await;
    assert_eq!(other.header("idempotency-replayed"), "");
    assert_ne!(other.gives(207)["images"][0]["id"], first["images"][0]["id"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn of_two_at_once_one_waits_for_the_other(pool: PgPool) {
    let app = Arc::new(App::new(pool));
    let ada = app.person("ada").await;
    let picture = pictures::png(40, 30);
    let (give, more) = futures::channel::mpsc::unbounded::<Bytes>();
    let body = Form::new().file("a.png", &picture).finish();
    let (head, rest) = body.split_at(body.len() - 20);
    give.unbounded_send(Bytes::copy_from_slice(head)).unwrap();
    let slow = {
        let (app, token) = (Arc::clone(&app), ada.token.clone());
        tokio::spawn(async move {
            let body = Body::from_stream(more.map(Ok::<_, std::io::Error>));
            let call = app.call(Method::POST, "/api/v1/images").token(&token).header("idempotency-key", "k");
            call.header("content-type", Form::TYPE).body(body).await
        })
    };
    while app.count("upload_keys").await == 0 {
        tokio::task::yield_now().await;
    }
    let waits = send(&app, &ada, "k", Form::new().file("a.png", &picture)).await;
    let problem = waits.refuses(409, "upload-under-way");
    assert_eq!(waits.header("retry-after"), problem["retry_after"].to_string());
    assert!((1..=30).contains(&problem["retry_after"].as_i64().unwrap()));
    give.unbounded_send(Bytes::copy_from_slice(rest)).unwrap();
    drop(give);
    let first = slow.await.unwrap();
    first.gives(201);
    same(&first, &send(&app, &ada, "k", Form::new().file("a.png", &picture)).await);
}

/// As a process leaves it that is killed after it has stored the first `images` of what it was sent.
async fn killed(app: &App, key: &str, images: i32) {
    let sql = "UPDATE upload_keys SET answer = NULL, status = NULL, fingerprint = NULL, \
               held_until = created_at + interval '30 s' WHERE key = $1";
    sqlx::query(sql).bind(key).execute(app.pool()).await.unwrap();
    let sql = "DELETE FROM images WHERE id IN (SELECT image_id FROM upload_key_images WHERE key = $1 AND position >= $2)";
    sqlx::query(sql).bind(key).bind(images).execute(app.pool()).await.unwrap();
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_a_killed_process_has_stored_is_answered_as_new(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let first = send(&app, &ada, "k", three()).await.gives(207);
    killed(&app, "k", 1).await;
    // It is not known to be dead before it has been silent for a while.
    send(&app, &ada, "k", three()).await.refuses(409, "upload-under-way");
    app.wait(Duration::seconds(30));
    // Nobody sees it as a new one would be: without the key it would be stored once more.
    sqlx::query("UPDATE images SET visibility = 'private'").execute(app.pool()).await.unwrap();
    let again = send(&app, &ada, "k", three()).await;
    let report = again.gives(207);
    assert_eq!(report["images"][0], first["images"][0]);
    assert_eq!(report["images"][1]["existing"], false);
    assert_eq!(report["errors"], first["errors"]);
    assert_eq!(app.count("images").await, 2);
    same(&again, &send(&app, &ada, "k", three()).await);
    // Another file in the place of one that is stored is another upload.
    killed(&app, "k", 1).await;
    app.wait(Duration::seconds(30));
    let other = Form::new().file("a.png", &pictures::noise(40, 30, 3));
    send(&app, &ada, "k", other).await.refuses(422, "idempotency-key-reused");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_broke_off_or_stored_nothing_may_be_sent_again_at_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form =
        || Form::new().file("a.png", &pictures::noise(40, 30, 1)).file("b.png", &pictures::noise(41, 30, 2));
    let call = app.call(Method::POST, "/api/v1/images").token(&ada.token).header("idempotency-key", "k");
    let broken = call.header("content-type", Form::TYPE).body(form().unfinished(60)).await.gives(207);
    released(&app).await;
    let whole = send(&app, &ada, "k", form()).await.gives(201);
    assert_eq!((&whole["images"][0], whole["images"].as_array().unwrap().len()), (&broken["images"][0], 2));
    assert_eq!(app.count("images").await, 2);

    send(&app, &ada, "j", Form::new().file("a.png", b"no image")).await.refuses(415, "unsupported-format");
    released(&app).await;
    send(&app, &ada, "j", Form::new().file("a.png", &pictures::png(9, 9))).await.gives(201);
}

/// Waits until nobody holds a key: it is left beside the answer.
async fn released(app: &App) {
    let held = "SELECT count(*) FROM upload_keys WHERE held_until > '2026-11-20 12:00Z'";
    while sqlx::query_scalar::<_, i64>(held).fetch_one(app.pool()).await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_connection_that_breaks_leaves_its_key(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::png(40, 30);
    let mut body = Form::new().file("a.png", &picture).finish();
    body.truncate(body.len() - 20);
    let endless = stream::iter([Ok::<_, std::io::Error>(Bytes::from(body))]).chain(stream::pending());
    let call = app.call(Method::POST, "/api/v1/images").token(&ada.token).header("idempotency-key", "k");
    let call = call.header("content-type", Form::TYPE).body(Body::from_stream(endless));
    let mut call = call.into_future();
    while app.count("upload_keys").await == 0 {
        let _ = futures::poll!(&mut call);
    }
    send(&app, &ada, "k", Form::new().file("a.png", &picture)).await.refuses(409, "upload-under-way");
    drop(call);
    released(&app).await;
    send(&app, &ada, "k", Form::new().file("a.png", &picture)).await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_key_lasts_a_day_and_a_thousand_uploads(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = || Form::new().file("a.png", &pictures::noise(40, 30, 1));
    send(&app, &ada, "k", form()).await.gives(201);
    app.wait(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(send(&app, &ada, "k", form()).await.header("idempotency-replayed"), "true");
    app.wait(Duration::seconds(1));
    // From now on it is a new one, for the same bytes.
    assert_eq!(send(&app, &ada, "k", form()).await.gives(200)["images"][0]["existing"], true);

    let many = "INSERT INTO upload_keys (owner_id, key, created_at, holder, held_until) SELECT owner_id, n::text, \
                created_at + interval '1 s', holder, held_until FROM upload_keys, generate_series(1, 999) n";
    sqlx::query(many).execute(app.pool()).await.unwrap();
    app.wait(Duration::seconds(2));
    assert_eq!(send(&app, &ada, "k", form()).await.header("idempotency-replayed"), "true");
    send(&app, &ada, "another", form()).await.gives(200);
    assert_eq!(app.count("upload_keys").await, 1001);
    assert_eq!(send(&app, &ada, "k", form()).await.header("idempotency-replayed"), "");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_key_is_visible_characters(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = || Form::new().file("a.png", &pictures::png(4, 4));
    for key in ["", "a b", "é", &"k".repeat(256)] {
        let problem = send(&app, &ada, key, form()).await.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], "Idempotency-Key");
    }
    let twice = app.upload_form(&ada, form()).header("idempotency-key", "a").header("idempotency-key", "b");
    twice.await.refuses(400, "invalid-parameter");
    send(&app, &ada, &"k".repeat(255), form()).await.gives(201);
    assert_eq!(app.count("images").await, 1);
}
