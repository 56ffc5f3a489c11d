//! `/api/v1/uploads`: files that come in pieces (tus).

use std::sync::Arc;

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::Method;
use model::types::{ByteSize, Scope};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use reflect_core::{
    images::intake::{
        Terms, once,
        pieces::{self, NewUpload},
    },
    testing,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Answer, App, Call, Form, Person, pictures};

const UPLOADS: &str = "/api/v1/uploads";
const STREAM: &str = "application/offset+octet-stream";

fn call<'a>(app: &'a App, token: &str, method: Method, path: &str) -> Call<'a> {
    app.call(method, path).token(token).header("tus-resumable", "1.0.0")
}

fn create<'a>(app: &'a App, token: &str, length: impl ToString) -> Call<'a> {
    call(app, token, Method::POST, UPLOADS).header("upload-length", length.to_string())
}

/// An upload that is begun; its address.
async fn begun(app: &App, person: &Person, length: usize) -> String {
    let name = STANDARD.encode("cat.png");
    let answer =
        create(app, &person.token, length).header("upload-metadata", format!("filename {name}")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").to_owned()
}

fn piece<'a>(app: &'a App, token: &str, path: &str, offset: impl ToString) -> Call<'a> {
    let call = call(app, token, Method::PATCH, path).header("upload-offset", offset.to_string());
    call.header("content-type", STREAM)
}

async fn send(app: &App, person: &Person, path: &str, offset: usize, bytes: &[u8]) -> Answer {
    piece(app, &person.token, path, offset).body(bytes.to_vec()).await
}

async fn look(app: &App, person: &Person, path: &str) -> Answer {
    call(app, &person.token, Method::HEAD, path).await
}

/// How much of it is here.
async fn offset(app: &App, person: &Person, path: &str) -> usize {
    let answer = look(app, person, path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.header("upload-offset").parse().unwrap()
}

/// What became of it.
async fn told(app: &App, person: &Person, path: &str) -> Answer {
    app.get(path).token(&person.token).await
}

/// What is said of an image, but for the moment and the keys.
fn facts(report: &Value) -> Value {
    let image = &report["images"][0];
    ["filename", "byte_size", "width", "height", "media_type", "existing", "similar"]
        .map(|member| image[member].clone())
        .into()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_comes_in_pieces_and_is_told_of_as_any(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let bytes = pictures::noise(80, 60, 1);
    let name = STANDARD.encode("猫.png");
    let metadata = format!("filename {name},is_confidential");
    let answer = create(&app, &ada.token, bytes.len()).header("upload-metadata", &metadata).await;
    assert_eq!((answer.status.as_u16(), answer.header("tus-resumable")), (201, "1.0.0"));
    assert_eq!(answer.header("upload-expires"), "Sat, 21 Nov 2026 12:00:00 GMT");
    let path = answer.header("location").to_owned();
    assert!(path.starts_with("/api/v1/uploads/"), "{path}");

    let at = look(&app, &ada, &path).await;
    assert_eq!((at.status.as_u16(), at.header("upload-offset")), (200, "0"));
    assert_eq!(at.header("upload-length"), bytes.len().to_string());
    assert_eq!((at.header("cache-control"), at.header("upload-metadata")), ("no-store", &*metadata));
    let under_way = told(&app, &ada, &path).await.gives(200);
    assert_eq!(
        under_way,
        json!({ "status": "under_way", "offset": 0, "length": bytes.len(), "expires_at": "2026-11-21T12:00:00Z" })
    );

    let (first, last) = bytes.split_at(1000);
    let sent = send(&app, &ada, &path, 0, first).await;
    assert_eq!((sent.status.as_u16(), sent.header("upload-offset")), (204, "1000"));
    assert_eq!(sent.header("upload-expires"), "Sat, 21 Nov 2026 12:00:00 GMT");
    assert_eq!(offset(&app, &ada, &path).await, 1000);
    // Nothing is a piece, too.
    assert_eq!(send(&app, &ada, &path, 1000, b"").await.header("upload-offset"), "1000");
    let sent = send(&app, &ada, &path, 1000, last).await;
    assert_eq!((sent.status.as_u16(), sent.header("upload-expires")), (204, ""));
    assert_eq!(sent.header("upload-offset"), bytes.len().to_string());
    assert_eq!(offset(&app, &ada, &path).await, bytes.len());

    let mut report = told(&app, &ada, &path).await.gives(201);
    let whole = app.upload_form(&bob, Form::new().file("猫.png", &bytes)).await.gives(201);
    assert_eq!((facts(&report), &report["errors"]), (facts(&whole), &json!([])));
    assert_eq!(told(&app, &ada, &path).await.gives(201), report);
    for member in ["links", "delete_url"] {
        assert!(!report["images"][0][member].is_null(), "{member}");
    }
    // It is done: the last piece again, whose answer got lost, is answered again, and deletes nothing.
    assert_eq!(send(&app, &ada, &path, bytes.len(), b"").await.status, 204);
    let gone = call(&app, &ada.token, Method::DELETE, &path).await;
    assert_eq!((gone.status.as_u16(), gone.header("tus-resumable")), (204, "1.0.0"));
    for method in [Method::HEAD, Method::DELETE, Method::PATCH] {
        let call = call(&app, &ada.token, method, &path).header("upload-offset", "0");
        assert_eq!(call.header("content-type", STREAM).await.status, 404);
    }
    told(&app, &ada, &path).await.refuses(404, "not-found");
    assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
    assert_eq!((app.count("images").await, app.count("upload_chunks").await), (2, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn however_it_is_cut_and_broken_it_is_the_same_image(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut runner = TestRunner::deterministic();
    for seed in 0..8 {
        let bytes = pictures::noise(60, 40, seed + 1);
        // Requests: how much each would bring of the rest, in frames of which size, and where it breaks off.
        let request = (1..5000_usize, 1..900_usize, prop::option::of(0..5000_usize));
        let requests = prop::collection::vec(request, 1..6).new_tree(&mut runner).unwrap().current();
        let path = begun(&app, &ada, bytes.len()).await;
        let mut at = 0;
        for (length, frame, break_at) in requests.into_iter().chain([(bytes.len(), 700, None)]) {
            let piece_ = &bytes[at..bytes.len().min(at + length)];
            let break_at = break_at.filter(|at| *at < piece_.len());
            let sent = &piece_[..break_at.unwrap_or(piece_.len())];
            let frames: Vec<_> = sent.chunks(frame).map(|frame| Ok(Bytes::copy_from_slice(frame))).collect();
            let broken = break_at.map(|_| Err(std::io::Error::other("reset by peer")));
            let body = Body::from_stream(stream::iter(frames.into_iter().chain(broken)));
            let answer = piece(&app, &ada.token, &path, at).body(body).await;
            at += sent.len();
            match break_at {
                Some(_) => drop(answer.refuses(400, "upload-interrupted")),
                None => assert_eq!(answer.header("upload-offset"), at.to_string(), "{answer:?}"),
            }
            assert_eq!(offset(&app, &ada, &path).await, at);
        }
        let mut report = told(&app, &ada, &path).await.gives(201);
        assert_eq!(report["images"][0]["existing"], false);
        assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
    }
    assert_eq!((app.count("images").await, app.count("upload_chunks").await), (8, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_offered_is_told(pool: PgPool) {
    let app = App::new(pool);
    let answer = app.call(Method::OPTIONS, UPLOADS).await;
    assert_eq!((answer.status.as_u16(), answer.header("tus-resumable")), (204, "1.0.0"));
    assert_eq!(answer.header("tus-version"), "1.0.0");
    assert_eq!(answer.header("tus-extension"), "creation,expiration,termination");
    assert_eq!(answer.header("tus-max-size"), (20 << 20).to_string());
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_version_is_not_spoken(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let path = begun(&app, &ada, 10).await;
    for method in [Method::POST, Method::HEAD, Method::PATCH, Method::DELETE] {
        let address = if method == Method::POST { UPLOADS } else { &path };
        for version in [None, Some("0.2.2"), Some("")] {
            let call = app.call(method.clone(), address).token(&ada.token).header("upload-length", "5");
            let call = call.header("upload-offset", "0").header("content-type", STREAM).body("12345");
            let answer =
                if let Some(version) = version { call.header("tus-resumable", version) } else { call };
            let answer = answer.await;
            assert_eq!((answer.status.as_u16(), answer.header("tus-version")), (412, "1.0.0"), "{method}");
        }
    }
    assert_eq!((app.count("uploads").await, offset(&app, &ada, &path).await), (1, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_may_not_come_is_refused_before_it_does(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person_with("ada", 9000).await;
    for length in ["", "-1", "1.5", "many"] {
        let problem = create(&app, &ada.token, length).await.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], "Upload-Length");
    }
    call(&app, &ada.token, Method::POST, UPLOADS).await.refuses(400, "invalid-parameter");
    let deferred = call(&app, &ada.token, Method::POST, UPLOADS).header("upload-defer-length", "1");
    deferred.await.refuses(400, "invalid-parameter");
    // Nothing is no image, and leaves none.
    create(&app, &ada.token, 0).await.refuses(400, "file-empty");
    let problem = create(&app, &ada.token, (20 << 20) + 1).await.refuses(413, "file-too-large");
    assert_eq!(problem["limit"], 20 << 20);
    create(&app, &ada.token, u64::MAX).await.refuses(413, "file-too-large");
    let problem = create(&app, &ada.token, 9001).await.refuses(413, "quota-exceeded");
    assert_eq!((&problem["quota"], &problem["needed"]), (&json!(9000), &json!(9001)));
    for metadata in ["filename cat.png", "filename !", &"x".repeat(5000)] {
        let refused = create(&app, &ada.token, 5).header("upload-metadata", metadata).await;
        assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "Upload-Metadata");
    }
    let bob = app.person("bob").await;
    let foreign = app.call(Method::POST, "/api/v1/albums").token(&bob.token).json(&json!({ "name": "Sea" }));
    let foreign = foreign.await.gives(201)["id"].as_str().unwrap().to_owned();
    for album in ["none", "019aa000-0000-7000-8000-000000000000", &foreign] {
        let metadata = format!("album {}", STANDARD.encode(album));
        let refused = create(&app, &ada.token, 5).header("upload-metadata", metadata).await;
        assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "album");
    }
    assert_eq!((app.count("uploads").await, app.count("images").await), (0, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_limit_is_passed_in_pieces(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let path = begun(&app, &ada, 100).await;
    // Told by its length, and by itself.
    let long = piece(&app, &ada.token, &path, 0).header("content-length", "101").body(vec![7; 101]).await;
    assert_eq!(long.refuses(400, "invalid-parameter")["name"], "Content-Length");
    let endless = |length| {
        let frames = (0..length).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[7])));
        Body::from_stream(stream::iter(frames))
    };
    piece(&app, &ada.token, &path, 0).body(endless(101)).await.refuses(400, "invalid-parameter");
    assert_eq!(send(&app, &ada, &path, 0, &[7; 60]).await.status, 204);
    for length in [41, 5000] {
        let refused = piece(&app, &ada.token, &path, 60).body(endless(length)).await;
        refused.refuses(400, "invalid-parameter");
    }
    assert_eq!(offset(&app, &ada, &path).await, 60);
    let kept: i64 = sqlx::query_scalar("SELECT sum(octet_length(data)) FROM upload_chunks")
        .fetch_one(app.pool())
        .await
        .unwrap();
    assert_eq!(kept, 60);

    // A token takes no more than it may, whoever began.
    let mut terms = testing::terms("small", [Scope::Upload]);
    terms.max_upload = Some(ByteSize(99).try_into().unwrap());
    let small = testing::token(app.core(), ada.id, &terms).await.token;
    let problem = create(&app, &small, 100).await.refuses(413, "file-too-large");
    assert_eq!(problem["limit"], 99);
    piece(&app, &small, &path, 60).body(vec![7; 40]).await.refuses(413, "file-too-large");
    assert_eq!(offset(&app, &ada, &path).await, 60);
    create(&app, &small, 99).await;
    assert_eq!(app.count("uploads").await, 2);

    // So many, and one more.
    let more = "INSERT INTO uploads (id, owner_id, length, filename, visibility, created_at, expires_at) \
                SELECT gen_random_uuid(), owner_id, 1, 'x', visibility, created_at, expires_at FROM uploads, \
                generate_series(1, 49)";
    sqlx::query(more).execute(app.pool()).await.unwrap();
    create(&app, &ada.token, 5).await.refuses(429, "too-many-uploads");
    assert_eq!(call(&app, &ada.token, Method::DELETE, &path).await.status, 204);
    assert_eq!(create(&app, &ada.token, 5).await.status, 201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_piece_says_what_it_is_and_where_it_belongs(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let path = begun(&app, &ada, 10).await;
    send(&app, &ada, &path, 0, b"1234").await;
    let typed = |kind: &str| {
        let call = call(&app, &ada.token, Method::PATCH, &path).header("upload-offset", "4");
        call.header("content-type", kind).body("5")
    };
    for kind in ["application/octet-stream", "multipart/form-data; boundary=x"] {
        typed(kind).await.refuses(415, "unsupported-media-type");
    }
    for at in ["", "-1", "four"] {
        let problem = piece(&app, &ada.token, &path, at).body("5").await.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], "Upload-Offset");
    }
    for at in [0, 3, 5, 10, 11] {
        let answer = send(&app, &ada, &path, at, b"5").await;
        assert_eq!(answer.refuses(409, "offset-mismatch")["offset"], 4);
        assert_eq!(answer.header("upload-offset"), "4");
    }
    let unknown = "/api/v1/uploads/019aa000-0000-7000-8000-000000000000";
    for (person, path) in [(&bob, &*path), (&ada, unknown), (&ada, "/api/v1/uploads/none")] {
        send(&app, person, path, 4, b"5").await.refuses(404, "not-found");
        told(&app, person, path).await.refuses(404, "not-found");
        assert_eq!(look(&app, person, path).await.status, 404);
        assert_eq!(call(&app, &person.token, Method::DELETE, path).await.status, 404);
    }
    assert_eq!(offset(&app, &ada, &path).await, 4);
    app.wait(Duration::hours(24));
    send(&app, &ada, &path, 4, b"5").await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_who_may_upload_does(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let path = begun(&app, &ada, 10).await;
    let reader = app.token(ada.id, [Scope::Read, Scope::Edit, Scope::Delete]).await;
    create(&app, &reader, 5).await.refuses(403, "insufficient-scope");
    piece(&app, &reader, &path, 0).body("1").await.refuses(403, "insufficient-scope");
    app.get(&path).token(&reader).await.refuses(403, "insufficient-scope");
    create(&app, "rfl_wrong", 5).await.refuses(401, "invalid-token");
    app.get(&path).await.refuses(401, "signed-out");

    // In person, from a page of ours.
    let account = app.enrol("grace").await;
    let cookie = app.sign_in_as("grace", &account).await;
    let begin = || {
        let call = app.call(Method::POST, UPLOADS).cookie(&cookie).header("tus-resumable", "1.0.0");
        call.header("upload-length", "4")
    };
    begin().await.refuses(403, "cross-site");
    begin().header("sec-fetch-site", "cross-site").await.refuses(403, "cross-site");
    let path = begin().same_origin().await.header("location").to_owned();
    let piece = || {
        let call = app.call(Method::PATCH, &path).cookie(&cookie).header("tus-resumable", "1.0.0");
        call.header("upload-offset", "0").header("content-type", STREAM).body("12")
    };
    piece().await.refuses(403, "cross-site");
    assert_eq!(piece().same_origin().await.header("upload-offset"), "2");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_image_is_told_by_the_last_piece_and_leaves_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut cut = pictures::noise(30, 20, 1);
    cut.truncate(cut.len() - 100);
    for (bytes, status, code) in [
        (&cut[..], 422, "broken-image"),
        (b"no image", 415, "unsupported-format"),
        (b"\0", 415, "unsupported-format"),
    ] {
        let path = begun(&app, &ada, bytes.len()).await;
        send(&app, &ada, &path, 0, bytes).await.refuses(status, code);
        let document = told(&app, &ada, &path).await.refuses(status, code);
        let whole = app.upload_form(&ada, Form::new().file("cat.png", bytes)).await.refuses(status, code);
        assert_eq!(document, whole);
        let at = look(&app, &ada, &path).await;
        assert_eq!((at.status.as_u16(), at.header("upload-offset")), (status, ""));
        send(&app, &ada, &path, bytes.len(), b"").await.refuses(status, code);
    }
    for table in ["images", "blobs", "upload_chunks"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

/// A body whose end doesn't come before `more` is dropped.
fn slow(first: &[u8]) -> (futures::channel::mpsc::UnboundedSender<Bytes>, Body) {
    let (give, more) = futures::channel::mpsc::unbounded::<Bytes>();
    give.unbounded_send(Bytes::copy_from_slice(first)).unwrap();
    (give, Body::from_stream(more.map(Ok::<_, std::io::Error>)))
}

async fn until_there_are(app: &App, bytes: i64) {
    let received = "SELECT coalesce(max(received), 0)::int8 FROM uploads";
    while sqlx::query_scalar::<_, i64>(received).fetch_one(app.pool()).await.unwrap() < bytes {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_comes_later_goes_on_and_bytes_are_never_mixed(pool: PgPool) {
    let app = Arc::new(App::new(pool));
    let ada = app.person("ada").await;
    let bytes = pictures::noise(80, 60, 1);
    let path = begun(&app, &ada, bytes.len()).await;
    // A connection that went silent: what it has brought is kept without its end.
    let (give, body) = slow(&bytes[..1000]);
    let silent = {
        let (app, token, path) = (Arc::clone(&app), ada.token.clone(), path.clone());
        tokio::spawn(async move { piece(&app, &token, &path, 0).body(body).await })
    };
    until_there_are(&app, 1000).await;
    let (first, last) = bytes[1000..].split_at(500);
    assert_eq!(send(&app, &ada, &path, 1000, first).await.status, 204);
    // It wakes up, and brings what somebody else has brought.
    give.unbounded_send(Bytes::from(vec![0; 700])).unwrap();
    drop(give);
    let late = silent.await.unwrap();
    assert_eq!(late.refuses(423, "upload-under-way")["retry_after"], 1);
    assert_eq!(late.header("retry-after"), "1");
    assert_eq!(offset(&app, &ada, &path).await, 1500);
    assert_eq!(send(&app, &ada, &path, 1500, last).await.status, 204);
    let mut report = told(&app, &ada, &path).await.gives(201);
    assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_connection_that_breaks_costs_what_had_not_come(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::noise(200, 150, 1);
    let path = begun(&app, &ada, bytes.len()).await;
    let address = app.listen().await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: 0\r\ncontent-type: {STREAM}\r\ncontent-length: {}\r\n\r\n",
        ada.token,
        bytes.len(),
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&bytes[..40_000]).await.unwrap();
    socket.shutdown().await.unwrap();
    let _ = socket.read_to_end(&mut Vec::new()).await;
    until_there_are(&app, 40_000).await;
    assert_eq!(offset(&app, &ada, &path).await, 40_000);
    assert_eq!(send(&app, &ada, &path, 40_000, &bytes[40_000..]).await.status, 204);
    let mut report = told(&app, &ada, &path).await.gives(201);
    assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
}

/// An upload that is whole, as a process leaves it that is killed after the last piece.
async fn killed(app: &App, person: &Person, bytes: &[u8]) -> (pieces::UploadId, String) {
    let length = ByteSize(bytes.len() as u64);
    let new = NewUpload {
        length,
        most: None,
        filename: "cat.png",
        terms: Terms::default(),
        album: None,
        metadata: None,
    };
    let id = pieces::create(app.core(), person.id, &new).await.unwrap().id;
    pieces::begin(app.core(), person.id, id, 0).await.unwrap().add(app.core(), bytes).await.unwrap();
    (id, format!("{UPLOADS}/{}", id.0))
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_a_killed_process_left_is_taken_once_by_whoever_asks(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for (seed, method) in (1..).zip([Method::HEAD, Method::GET, Method::PATCH]) {
        let bytes = pictures::noise(30, 20, seed);
        let (_, path) = killed(&app, &ada, &bytes).await;
        let call = call(&app, &ada.token, method.clone(), &path).header("content-type", STREAM);
        let answer = call.header("upload-offset", bytes.len().to_string()).await;
        assert!(answer.status.is_success(), "{method} {answer:?}");
        let images: i64 = seed.into();
        assert_eq!(app.count("images").await, images, "{method}");
        let mut report = told(&app, &ada, &path).await.gives(201);
        assert_eq!(report["images"][0]["existing"], false);
        assert_eq!(app.stored(&report["images"][0].take()).await, bytes);
        assert_eq!(app.count("images").await, images, "{method}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn while_somebody_takes_it_others_wait(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (id, path) = killed(&app, &ada, &pictures::noise(30, 20, 1)).await;
    let claimed = once::claim(app.core(), ada.id, id.key()).await.unwrap();
    assert!(matches!(claimed, once::Claimed::Ours(_)), "{claimed:?}");
    let waits = told(&app, &ada, &path).await;
    assert_eq!(waits.refuses(423, "upload-under-way")["retry_after"], 30);
    assert_eq!(look(&app, &ada, &path).await.status, 423);
    app.wait(Duration::seconds(30));
    told(&app, &ada, &path).await.gives(201);
    assert_eq!(app.count("images").await, 1);
    // Nobody can take the key for an upload of their own.
    assert!(
        app.upload_form(&ada, Form::new().file("a.png", &pictures::png(9, 9)))
            .header("idempotency-key", format!("upload\t{}", id.0))
            .await
            .status
            .is_client_error()
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn all_who_ask_at_once_have_it_taken_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (_, path) = killed(&app, &ada, &pictures::noise(30, 20, 1)).await;
    let asked = futures::future::join_all((0..12).map(|_| told(&app, &ada, &path))).await;
    assert!(asked.iter().any(|answer| answer.status == 201), "{asked:?}");
    assert!(asked.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 423)), "{asked:?}");
    assert_eq!(told(&app, &ada, &path).await.gives(201)["images"][0]["existing"], false);
    assert_eq!(app.count("images").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_had_no_space_is_taken_once_there_is_some(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::noise(30, 20, 1);
    let path = begun(&app, &ada, bytes.len()).await;
    let fill = "UPDATE users SET used_bytes = $1";
    sqlx::query(fill).bind(1_i64 << 30).execute(app.pool()).await.unwrap();
    send(&app, &ada, &path, 0, &bytes).await.refuses(413, "quota-exceeded");
    told(&app, &ada, &path).await.refuses(413, "quota-exceeded");
    sqlx::query(fill).bind(0_i64).execute(app.pool()).await.unwrap();
    told(&app, &ada, &path).await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_there_before_is_told_as_that_to_who_may_know(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::shapes(80, 60);
    let first = app.upload(&ada, "first.png", &bytes).await;
    let path = begun(&app, &ada, bytes.len()).await;
    send(&app, &ada, &path, 0, &bytes).await;
    let report = told(&app, &ada, &path).await.gives(200);
    assert_eq!((&report["images"][0]["id"], &report["images"][0]["existing"]), (&first["id"], &true.into()));
    assert!(report["images"][0]["delete_url"].is_string());
    // Others that show the same are told of to who may read.
    let other = pictures::shapes(160, 120);
    let alike = begun(&app, &ada, other.len()).await;
    send(&app, &ada, &alike, 0, &other).await;
    let report = told(&app, &ada, &alike).await.gives(201);
    assert_eq!(report["images"][0]["similar"][0]["id"], first["id"]);
    let less = Person { id: ada.id, token: app.token(ada.id, [Scope::Upload]).await };
    assert_eq!(told(&app, &less, &alike).await.gives(201)["images"][0]["similar"], json!([]));
    assert!(told(&app, &less, &path).await.gives(200)["images"][0]["delete_url"].is_null());
    // What was made of it is gone.
    let one = format!("/api/v1/images/{}", first["id"].as_str().unwrap());
    app.call(Method::DELETE, &one).token(&ada.token).await;
    told(&app, &ada, &path).await.gives(200);
    sqlx::query("DELETE FROM images").execute(app.pool()).await.unwrap();
    told(&app, &ada, &path).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_goes_into_its_album_if_that_is_there_still(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&json!({ "name": "Sea" }));
    let album = album.await.gives(201)["id"].as_str().unwrap().to_owned();
    let address = format!("/api/v1/albums/{album}");
    for (seed, status) in [(1, 201), (2, 207)] {
        let bytes = pictures::noise(30, 20, seed);
        let metadata = format!("album {}", STANDARD.encode(&album));
        let path = create(&app, &ada.token, bytes.len()).header("upload-metadata", metadata).await;
        let path = path.header("location").to_owned();
        if seed == 1 {
            send(&app, &ada, &path, 0, &bytes).await;
            let listed = app.get(&format!("{address}/images")).token(&ada.token).await.gives(200);
            assert_eq!(listed["images"].as_array().unwrap().len(), 1);
        } else {
            app.call(Method::DELETE, &address).token(&ada.token).await;
            assert_eq!(send(&app, &ada, &path, 0, &bytes).await.status, 204);
        }
        let report = told(&app, &ada, &path).await.gives(status);
        assert_eq!(report["errors"].as_array().unwrap().len(), usize::from(seed == 2));
    }
    assert_eq!(app.images(&ada).await.len(), 2);
}

/// `Upload-Metadata` of these.
fn metadata(said: &[(&str, &str)]) -> String {
    let said = said.iter().map(|(name, text)| format!("{name} {}", STANDARD.encode(text)));
    said.collect::<Vec<_>>().join(",")
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_taken_in_on_the_terms_that_were_said(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::noise(30, 20, 1);
    app.upload(&ada, "open.png", &bytes).await;
    let end = "2099-01-31T18:00:00Z";
    let terms = [("visibility", "private"), ("expires_at", end), ("max_views", " 3 ")];
    let path = create(&app, &ada.token, bytes.len()).header("upload-metadata", metadata(&terms)).await;
    let path = path.header("location").to_owned();
    assert_eq!(send(&app, &ada, &path, 0, &bytes).await.status, 204);
    let image = told(&app, &ada, &path).await.gives(201)["images"][0].take();
    assert_eq!(image["existing"], false, "what is open to all isn't what was asked for");
    let said = app.get(&format!("/api/v1/images/{}", image["id"].as_str().unwrap())).token(&ada.token);
    let said = said.await.gives(200);
    assert_eq!((&said["visibility"], &said["max_views"]), (&json!("private"), &json!(3)));
    assert_eq!(said["expires_at"], end);
    app.get(image["links"]["url"].as_str().unwrap()).await.gives(404);

    // From when it began, and empty ones say nothing.
    let bytes = pictures::noise(30, 20, 2);
    let terms = metadata(&[("expires_in", "3600"), ("visibility", "")]);
    let path = create(&app, &ada.token, bytes.len()).header("upload-metadata", terms).await;
    let path = path.header("location").to_owned();
    app.wait(Duration::minutes(10));
    send(&app, &ada, &path, 0, &bytes).await;
    let image = told(&app, &ada, &path).await.gives(201)["images"][0].take();
    let said = app.get(&format!("/api/v1/images/{}", image["id"].as_str().unwrap())).token(&ada.token);
    let said = said.await.gives(200);
    assert_eq!(
        (&said["visibility"], &said["expires_at"]),
        (&json!("unlisted"), &json!("2026-11-20T13:00:00Z"))
    );

    let bytes = pictures::telling_jpeg(30, 20, "taken at home");
    let path = create(&app, &ada.token, bytes.len())
        .header("upload-metadata", metadata(&[("metadata", "kept")]))
        .await;
    let path = path.header("location").to_owned();
    send(&app, &ada, &path, 0, &bytes).await;
    let image = told(&app, &ada, &path).await.gives(201)["images"][0].take();
    assert_eq!(app.stored(&image).await, bytes);

    for (field, text) in [
        ("visibility", "secret"),
        ("metadata", "some"),
        ("expires_at", "2001-01-01T00:00:00Z"),
        ("expires_in", "0"),
        ("expires_in", "4000000000"),
        ("max_views", "0"),
        ("album", ""),
    ] {
        let refused = create(&app, &ada.token, 5).header("upload-metadata", metadata(&[(field, text)])).await;
        assert_eq!(refused.refuses(400, "invalid-parameter")["name"], field, "{text}");
    }
    assert_eq!(app.count("uploads").await, 3);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn clients_without_other_methods_say_which_they_mean(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let path = begun(&app, &ada, 10).await;
    let meaning = |method: &str| {
        let call = call(&app, &ada.token, Method::POST, &path).header("x-http-method-override", method);
        call.header("upload-offset", "0").header("content-type", STREAM).body("1234")
    };
    assert_eq!(meaning("PATCH").await.header("upload-offset"), "4");
    assert_eq!(meaning("HEAD").await.header("upload-offset"), "4");
    meaning("GET").await.refuses(405, "method-not-allowed");
    call(&app, &ada.token, Method::POST, &path).await.refuses(405, "method-not-allowed");
    // A safe method stays one, whatever it says: other sites' pages can send it.
    let safe = app.get(&path).token(&ada.token).header("x-http-method-override", "DELETE").await;
    assert_eq!(safe.gives(200)["offset"], 4);
    assert_eq!(meaning("DELETE").await.status, 204);
    assert_eq!(app.count("uploads").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_is_put_out_meanwhile_finishes_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::noise(30, 20, 3);
    let path = begun(&app, &ada, bytes.len()).await;
    let (revoked, pool) = (bytes.clone(), app.pool().clone());
    let body = stream::once(async move {
        // The request was let in: its body is being read.
        sqlx::query("DELETE FROM api_tokens").execute(&pool).await.unwrap();
        Ok::<_, std::io::Error>(revoked)
    });
    let call = call(&app, &ada.token, Method::PATCH, &path).header("upload-offset", "0");
    let answer = call.header("content-type", STREAM).body(Body::from_stream(body)).await;
    answer.refuses(401, "signed-out");
    assert_eq!(app.count("images").await, 0);
}
