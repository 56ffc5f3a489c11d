//! Images that are fetched from an address which is sent instead of a file.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, future::BoxFuture};
use http::{HeaderMap, Method, header};
use model::types::{ByteSize, Scope, TokenTerms};
use reflect_core::{
    fetch::{Patience, Resolver},
    testing,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::{net::TcpListener, time::timeout};

use crate::support::{Answer, App, Form, Person, pictures};

/// Another server.
struct Source {
    origin: String,
    asked: Asked,
}

type Asked = Arc<Mutex<Vec<(String, HeaderMap)>>>;

impl Source {
    async fn saying(answer: fn(&str) -> Response<Body>) -> Self {
        let asked = Asked::default();
        let say = move |State(asked): State<Asked>, request: Request<Body>| async move {
            let path = request.uri().path().to_owned();
            asked.lock().unwrap().push((path.clone(), request.headers().clone()));
            answer(&path)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(say).with_state(Arc::clone(&asked));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, asked }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

fn picture() -> Vec<u8> {
    pictures::noise(40, 30, 1)
}

fn answer(path: &str) -> Response<Body> {
    let answer = Response::builder();
    match path {
        "/named" => answer
            .header(header::CONTENT_DISPOSITION, "attachment; filename*=utf-8''%E7%8C%AB.png")
            .body(picture().into()),
        "/lying.html" => answer.header(header::CONTENT_TYPE, "text/html").body(picture().into()),
        "/page.png" => answer.header(header::CONTENT_TYPE, "image/png").body("<!doctype html><html>".into()),
        "/moved" => answer.status(302).header(header::LOCATION, "/a/b/cat.png").body(Body::empty()),
        "/circle" => answer.status(301).header(header::LOCATION, "/circle").body(Body::empty()),
        "/inside" => {
            answer.status(302).header(header::LOCATION, "http://127.0.0.2:6379/").body(Body::empty())
        }
        "/metadata" => {
            answer.status(307).header(header::LOCATION, "http://169.254.169.254/").body(Body::empty())
        }
        "/large" => answer.body(pictures::noise(300, 300, 1).into()),
        "/endless" => {
            let pieces = futures::stream::repeat_with(|| Ok::<_, io::Error>(vec![0x89; 4096]));
            answer.body(Body::from_stream(pieces))
        }
        "/missing" => answer.status(404).body(picture().into()),
        _ => answer.body(picture().into()),
    }
    .unwrap()
}

/// An instance that may fetch from this machine, at 127.0.0.1 alone.
fn at_home(pool: PgPool) -> App {
    App::with(pool, |setup| {
        setup.serve.fetch_allow = vec!["127.0.0.1/32".parse().unwrap()];
        setup.settings.policy.max_upload = ByteSize(20_000).try_into().unwrap();
    })
}

async fn fetch(app: &App, person: &Person, address: &str) -> Answer {
    app.upload_form(person, Form::new().text("url", address)).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_at_an_address_is_stored_like_a_file(pool: PgPool) {
    let (app, source) = (at_home(pool), Source::saying(answer).await);
    let ada = app.person("ada").await;
    let report = fetch(&app, &ada, &source.at("/a/%E7%8C%AB%20a.png?w=9#x")).await.gives(201);
    let image = &report["images"][0];
    assert_eq!(
        (&image["filename"], &image["media_type"], &image["existing"]),
        (&"猫 a.png".into(), &"image/png".into(), &false.into())
    );
    assert_eq!(app.stored(image).await.len(), image["byte_size"]);
    let asked = source.asked.lock().unwrap()[0].1.clone();
    assert!(asked["user-agent"].to_str().unwrap().starts_with("reflect/"));
    assert!(
        ["cookie", "authorization", "referer"].iter().all(|name| !asked.contains_key(*name)),
        "{asked:?}"
    );
    // The same bytes are the same image, wherever they come from.
    assert_eq!(fetch(&app, &ada, &source.at("/b.png")).await.gives(200)["images"][0]["id"], image["id"]);
    // An album, files and addresses, in their order.
    let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&json!({ "name": "Sea" }));
    let album = album.await.gives(201)["id"].as_str().unwrap().to_owned();
    let form = Form::new()
        .text("album", &album)
        .file("f.png", &pictures::png(4, 4))
        .text("url", &source.at("/named"));
    let form = form.file("f.txt", b"no image").text("url", "ftp://x.example/a.png");
    let report = app.upload_form(&ada, form).await.gives(207);
    assert_eq!(
        (&report["images"][0]["filename"], &report["images"][1]["id"]),
        (&"f.png".into(), &image["id"])
    );
    assert_eq!(report["errors"][0]["filename"], "f.txt");
    let error = &report["errors"][1];
    assert_eq!(
        (&error["filename"], &error["code"]),
        (&"ftp://x.example/a.png".into(), &"address-invalid".into())
    );
    assert_eq!(error["problem"], json!({ "code": "address-invalid" }));
    let inside = app.get(&format!("/api/v1/albums/{album}/images")).token(&ada.token).await.gives(200);
    assert_eq!(inside["images"].as_array().unwrap().len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_picture_is_told_by_its_bytes_and_called_what_its_server_says(pool: PgPool) {
    let (app, source) = (at_home(pool), Source::saying(answer).await);
    let ada = app.person("ada").await;
    for (path, name) in
        [("/named", "猫.png"), ("/moved", "cat.png"), ("/lying.html", "lying.html"), ("/", "image")]
    {
        let bob = app.person(name.split('.').next().filter(|name| name.is_ascii()).unwrap_or("neko")).await;
        let report = fetch(&app, &bob, &source.at(path)).await.gives(201);
        assert_eq!(report["images"][0]["filename"], name);
    }
    let problem = fetch(&app, &ada, &source.at("/page.png")).await.refuses(415, "unsupported-format");
    assert_eq!(problem["found"], "HTML");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_reached_that_is_not_public(pool: PgPool) {
    let (app, source) = (at_home(pool), Source::saying(answer).await);
    let ada = app.person("ada").await;
    let port = source.origin.rsplit(':').next().unwrap().to_owned();
    let mut details = Vec::<Value>::new();
    for address in [
        source.at("/inside"),
        source.at("/metadata"),
        format!("http://127.0.0.2:{port}/"),
        "http://10.0.0.1/".to_owned(),
        "http://[::1]/".to_owned(),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://1.1.1.1:22/".to_owned(),
    ] {
        let mut problem = fetch(&app, &ada, &address).await.refuses(422, "address-not-public");
        details.push(problem["detail"].take());
    }
    assert!(
        details.iter().all(|detail| *detail == details[0]),
        "nothing tells one from another: {details:?}"
    );
    assert!(source.paths().iter().all(|path| matches!(&**path, "/inside" | "/metadata")));
    fetch(&app, &ada, "http://localhost/i/2026/11/20/a.png").await.refuses(400, "address-own");
    for address in ["", "x.png", "file:///etc/passwd", "http://ada:secret@1.1.1.1/"] {
        fetch(&app, &ada, address).await.refuses(400, "address-invalid");
    }
    let long = format!("https://x.example/{}", "a".repeat(20_000));
    fetch(&app, &ada, &long).await.refuses(400, "address-invalid");
    // What is kept of an answer counts against nobody's space.
    let problem = fetch(&app, &ada, &long[..9_000]).await.refuses(400, "address-invalid");
    assert_eq!(problem["errors"][0]["filename"], long[..255]);
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_name_that_stands_for_a_private_address_is_refused(pool: PgPool) {
    struct Inside;

    impl Resolver for Inside {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            Box::pin(async { Ok(vec!["93.184.215.14".parse().unwrap(), "192.168.1.1".parse().unwrap()]) })
        }
    }

    let app = App::with(pool, |setup| setup.resolver = Some(Box::new(Inside)));
    let ada = app.person("ada").await;
    fetch(&app, &ada, "https://router.example/a.png").await.refuses(422, "address-not-public");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_the_operator_denies_is_refused(pool: PgPool) {
    let source = Source::saying(answer).await;
    let app = App::with(pool, |setup| {
        setup.serve.fetch_allow = vec!["127.0.0.0/8".parse().unwrap()];
        setup.serve.fetch_deny = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let ada = app.person("ada").await;
    fetch(&app, &ada, &source.at("/a.png")).await.refuses(422, "address-not-public");
    assert!(source.paths().is_empty());
}

/// An address on this machine where nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    format!("http://{}/a.png", listener.local_addr().unwrap())
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_may_be_reached_later_is_asked_for_again_under_its_key(pool: PgPool) {
    let app = at_home(pool);
    let ada = app.person("ada").await;
    let nobody = nobody().await;
    let send = async || {
        let form = Form::new().file("a.png", &picture()).text("url", &nobody);
        app.upload_form(&ada, form).header("idempotency-key", "k").await
    };
    let first = send().await.gives(207);
    assert_eq!(first["errors"][0]["code"], "address-unreachable");
    let held = "SELECT count(*) FROM upload_keys WHERE held_until > '2026-11-20 12:00Z'";
    while sqlx::query_scalar::<_, i64>(held).fetch_one(app.pool()).await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    let again = send().await;
    assert_eq!(again.header("idempotency-replayed"), "", "the answer is no final one");
    assert_eq!(again.gives(207)["images"][0]["id"], first["images"][0]["id"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_room_of_an_address_is_given_back_before_what_is_there_needs_some(pool: PgPool) {
    let source = Source::saying(answer).await;
    let app = App::with(pool, |setup| {
        setup.serve.fetch_allow = vec!["127.0.0.1/32".parse().unwrap()];
        // Room for one thing at a time, which is waited for by nobody.
        setup.serve.upload_memory = ByteSize::mib(1);
        setup.settings.policy.max_upload = ByteSize::mib(2).try_into().unwrap();
        setup.patience = Some(Patience { queue: Duration::ZERO, ..Patience::default() });
    });
    let ada = app.person("ada").await;
    fetch(&app, &ada, &source.at("/one.png")).await.gives(201);
    let path = format!("/api/1/upload?key={}", ada.token);
    let form = Form::new().text("source", &source.at("/two.png"));
    app.call(Method::POST, &path).form(form).await.gives(200);
    app.get(&format!("{path}&source={}", source.at("/three.png"))).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_there_is_no_room_it_is_said_soon(pool: PgPool) {
    let source = Source::saying(answer).await;
    let app = Arc::new(App::with(pool, |setup| {
        setup.serve.fetch_allow = vec!["127.0.0.1/32".parse().unwrap()];
        setup.serve.upload_memory = ByteSize::mib(3);
        setup.settings.policy.max_upload = ByteSize::mib(2).try_into().unwrap();
        setup.patience = Some(Patience { queue: Duration::ZERO, ..Patience::default() });
    }));
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    // A file that doesn't come to its end takes two of three MiB, so there is one for the address.
    let (give, more) = futures::channel::mpsc::unbounded::<Bytes>();
    give.unbounded_send(Form::new().file("a.png", &picture()).unfinished(20).into()).unwrap();
    let slow = {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let call = app.call(Method::POST, "/api/v1/images").token(&bob.token);
            let body = Body::from_stream(more.map(Ok::<_, io::Error>));
            call.header("content-type", Form::TYPE).body(body).await
        })
    };
    let address = source.at("/endless");
    let told = async {
        loop {
            let answer = fetch(&app, &ada, &address).await;
            // Not before the file has its room.
            if answer.status != 413 {
                break answer;
            }
        }
    };
    let told = timeout(Duration::from_secs(60), told).await.unwrap();
    told.refuses(503, "unavailable");
    assert_eq!(told.header("retry-after"), "5");
    drop(give);
    slow.await.unwrap();
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_too_large_or_not_there_is_told(pool: PgPool) {
    let (app, source) = (at_home(pool), Source::saying(answer).await);
    let ada = app.person("ada").await;
    for path in ["/large", "/endless"] {
        let problem = fetch(&app, &ada, &source.at(path)).await.refuses(413, "file-too-large");
        assert_eq!(problem["limit"], 20_000);
    }
    let terms =
        TokenTerms { max_upload: Some("1 KiB".parse().unwrap()), ..testing::terms("t", [Scope::Upload]) };
    let less = Person { id: ada.id, token: testing::token(app.core(), ada.id, &terms).await.token };
    assert_eq!(fetch(&app, &less, &source.at("/a.png")).await.refuses(413, "file-too-large")["limit"], 1024);
    for path in ["/missing", "/circle"] {
        fetch(&app, &ada, &source.at(path)).await.refuses(422, "address-refused");
    }
    assert_eq!(source.paths().iter().filter(|path| *path == "/circle").count(), 6);
    let reads = Person { id: ada.id, token: app.token(ada.id, [Scope::Read]).await };
    fetch(&app, &reads, &source.at("/unasked")).await.refuses(403, "insufficient-scope");
    assert!(!source.paths().contains(&"/unasked".to_owned()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_retry_under_a_key_fetches_nothing_again(pool: PgPool) {
    let (app, source) = (at_home(pool.clone()), Source::saying(answer).await);
    let ada = app.person("ada").await;
    let send = async |path: &str| {
        let form = Form::new().text("url", &source.at(path));
        app.upload_form(&ada, form).header("idempotency-key", "k").await
    };
    let first = send("/a.png").await;
    first.gives(201);
    assert_eq!(send("/a.png").await.body, first.body);
    send("/b.png").await.refuses(422, "idempotency-key-reused");
    // As after a process that was killed before it could keep its answer.
    let killed = "UPDATE upload_keys SET answer = NULL, status = NULL, fingerprint = NULL";
    sqlx::query(killed).execute(&pool).await.unwrap();
    assert_eq!(send("/a.png").await.body, first.body);
    // Nor is another address given the picture of the first.
    sqlx::query(killed).execute(&pool).await.unwrap();
    send("/b.png").await.refuses(422, "idempotency-key-reused");
    assert_eq!(source.paths(), ["/a.png"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn chevereto_takes_addresses_too(pool: PgPool) {
    let (app, source) = (at_home(pool), Source::saying(answer).await);
    let ada = app.person("ada").await;
    let path = format!("/api/1/upload?key={}", ada.token);
    for (name, field) in [("one.png", "source"), ("two.png", "image")] {
        let form = Form::new().text(field, &source.at(&format!("/{name}")));
        app.call(Method::POST, &path).form(form).await.gives(200);
    }
    app.get(&format!("{path}&source={}", source.at("/three.png"))).await.gives(200);
    assert_eq!(source.paths(), ["/one.png", "/two.png", "/three.png"]);
    assert_eq!(app.images(&ada).await[0]["filename"], "one.png");
    let large = Form::new().text("source", &source.at("/large"));
    assert_eq!(app.call(Method::POST, &path).form(large).await.status, 413);
}
