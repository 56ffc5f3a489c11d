//! Images over connections that ask for nothing else: they never meet hyper, and nobody can tell.

use std::{net::SocketAddr, time::Duration};

use http::Method;
use model::types::ByteSize;
use reflect_server::{listen, shortcut};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
};

use crate::{
    support::{App, Form, path, pictures},
    views::views,
    wire::{first, pipelined},
};

/// A header with which a request is hyper's, and its answer the same.
const DETOUR: &str = "te: trailers\r\n";
/// For what should come in a moment, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(50);

/// What ends a connection, in hyper's way.
const END: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
/// The date by the clock of the test: hyper has its own.
const OUR_DATE: &str = "date: Fri, 20 Nov 2026 12:00:00 GMT";

/// The lines of the head but the date, the body, and whether the date is ours.
async fn exchange(address: SocketAddr, path: &str, headers: &str) -> (Vec<String>, Vec<u8>, bool) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    let answers = pipelined(address, &[request, END.to_owned()]).await;
    let (head, body, _) = first(&answers, true);
    let (dates, lines): (Vec<&str>, Vec<&str>) = head.lines().partition(|line| line.starts_with("date: "));
    assert_eq!(dates.len(), 1, "{head}");
    (lines.into_iter().map(str::to_owned).collect(), body.to_vec(), dates[0] == OUR_DATE)
}

async fn asked(address: SocketAddr, path: &str, headers: &str) -> (Vec<String>, Vec<u8>) {
    let (head, body, _) = exchange(address, path, headers).await;
    (head, body)
}

/// Whether hyper never saw it.
async fn is_dated_by_us(address: SocketAddr, path: &str, headers: &str) -> bool {
    exchange(address, path, headers).await.2
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_answer_is_the_same_whichever_way_it_comes(pool: PgPool) {
    for origin in ["http://localhost", "https://pictures.example"] {
        let app = App::with(pool.clone(), |setup| setup.settings.origins.images = origin.into());
        let ada = app.person(if origin.starts_with("https") { "ada" } else { "bob" }).await;
        let address = app.listen().await;
        let mut paths = Vec::new();
        for (number, bytes) in
            [pictures::jpeg(400, 300), pictures::noise(200, 200, 7), pictures::AVIF.to_vec()]
                .iter()
                .enumerate()
        {
            let image = app.upload(&ada, &format!("ü {number}.x"), bytes).await;
            paths.push(image["links"]["url"].as_str().unwrap().strip_prefix(origin).unwrap().to_owned());
        }
        for path in &paths {
            for (query, headers) in [
                ("", ""),
                ("?utm=x", "accept: */*\r\nconnection: keep-alive\r\n"),
                ("?w=160", "accept: image/avif,image/webp,*/*;q=0.8\r\n"),
                ("?w=160", "accept: */*\r\n"),
                ("?w=320&f=jpeg", ""),
                ("?f=webp", "referer: https://elsewhere.example/\r\n"),
                // Not there, or not to be understood.
                ("?w=161", ""),
                ("?f=bmp", ""),
            ] {
                let address_in_full = format!("{path}{query}");
                // From the second time on it is in memory.
                let by_hyper = asked(address, &address_in_full, &format!("{headers}{DETOUR}")).await;
                let shortly = asked(address, &address_in_full, headers).await;
                assert!(
                    shortly == by_hyper,
                    "{address_in_full} {headers:?}: {:?}, {:?}",
                    shortly.0,
                    by_hyper.0
                );
                let is_refused = ["?w=161", "?f=bmp"].contains(&query);
                assert_eq!(is_dated_by_us(address, &address_in_full, headers).await, !is_refused, "{query}");
            }
        }
        assert!(!is_dated_by_us(address, &paths[0], DETOUR).await);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_that_was_changed_is_answered_so_too(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let url = path(&image["links"]["url"]);
    let address = app.listen().await;
    asked(address, url, "").await;
    assert!(is_dated_by_us(address, url, "").await);
    let file = format!("/api/v1/images/{}/file", image["id"].as_str().unwrap());
    let bytes = pictures::jpeg(50, 60);
    app.call(Method::PUT, &file).token(&ada.token).body(bytes.clone()).await.gives(200);
    for (query, cache) in [("", "public, max-age=60"), ("?v=2", "public, max-age=31536000, immutable")] {
        let path = format!("{url}{query}");
        let by_hyper = asked(address, &path, DETOUR).await;
        let shortly = asked(address, &path, "").await;
        assert_eq!(shortly, by_hyper, "{query}");
        assert!(is_dated_by_us(address, &path, "").await, "{query}");
        assert_eq!(shortly.1, bytes);
        assert!(shortly.0.contains(&format!("cache-control: {cache}")), "{:?}", shortly.0);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_isnt_for_everybody_or_isnt_an_image_takes_the_other_way(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let url = path(&image["links"]["url"]);
    let address = app.listen().await;
    assert!(!is_dated_by_us(address, url, "").await, "it isn't in memory");
    assert!(is_dated_by_us(address, url, "").await);
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let change = async |change: Value| {
        app.call(Method::PATCH, &one).token(&ada.token).json(&change).await.gives(200);
    };
    change(json!({ "visibility": "private" })).await;
    assert!(asked(address, url, "").await.0[0].contains("404"));
    let (head, body) = asked(address, url, &format!("authorization: Bearer {}\r\n", ada.token)).await;
    assert!(head[0].contains("200") && body == app.stored(&image).await);
    change(json!({ "visibility": "unlisted", "max_views": 1 })).await;
    assert!(asked(address, url, "").await.0[0].contains("200"));
    assert!(asked(address, url, "").await.0[0].contains("404"), "it was seen once");
    change(json!({ "max_views": null, "expires_at": "2026-11-21T12:00:00Z" })).await;
    for _ in 0..2 {
        assert!(!is_dated_by_us(address, url, "").await, "its time will come");
    }
    change(json!({ "expires_at": null })).await;
    assert!(!is_dated_by_us(address, url, "").await);
    assert!(is_dated_by_us(address, url, "").await);
    let renamed = url.replace(".png", ".jpg");
    assert!(!is_dated_by_us(address, &renamed, "").await);
    assert!(asked(address, &renamed, "").await.0[0].contains("404"));
    app.call(Method::DELETE, &one).token(&ada.token).await;
    assert!(asked(address, url, "").await.0[0].contains("404"));
    for other in ["/healthz", "/i/", "/i/2026/11/20/abcDEF012345678.png"] {
        assert!(!is_dated_by_us(address, other, "").await, "{other}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_too_large_to_keep_takes_the_other_way(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.cache_bytes = ByteSize(0));
    let ada = app.person("ada").await;
    let bytes = pictures::png(400, 300);
    let form = Form::new().file("a.png", &bytes);
    let image = app.upload_form(&ada, form).await.gives(201)["images"][0].take();
    let address = app.listen().await;
    assert_eq!(asked(address, path(&image["links"]["url"]), "").await.1, bytes);
    assert!(!is_dated_by_us(address, path(&image["links"]["url"]), "").await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_a_view_like_any_other(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let url = path(&image["links"]["url"]);
    let address = app.listen().await;
    asked(address, url, "").await;
    let public = "sec-fetch-site: same-origin\r\nreferer: http://localhost/p/x\r\n";
    for (headers, made) in
        [("", 1), ("sec-fetch-site: cross-site\r\n", 1), ("sec-fetch-site: same-origin\r\n", 0), (public, 1)]
    {
        let before = views(&app).await;
        assert!(is_dated_by_us(address, url, headers).await);
        assert_eq!(views(&app).await - before, made, "{headers:?}");
    }
}

/// An instance with an image in memory, and a request for that.
async fn with_image_in_memory(pool: PgPool) -> (App, String) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let url = path(&image["links"]["url"]);
    assert_eq!(app.get(url).await.status, 200);
    let request = format!("GET {url} HTTP/1.1\r\nhost: a\r\n\r\n");
    (app, request)
}

/// What becomes of a connection on which `request` is sent, if it may rest for a moment.
async fn left_to(
    app: &App,
    stop: watch::Receiver<bool>,
    idle: Duration,
    request: &str,
) -> (TcpStream, Option<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    let answered = shortcut::answer(server, &app.state, idle, stop);
    let handover = tokio::time::timeout(PATIENCE, answered).await.unwrap();
    (client, handover.map(|handover| handover.read.to_vec()))
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_rests_for_too_long_or_when_the_server_ends_is_left(pool: PgPool) {
    let (app, request) = with_image_in_memory(pool).await;
    let (stopping, stop) = watch::channel(false);
    for request in ["", &request, &request.repeat(3)] {
        let (mut client, handover) = left_to(&app, stop.clone(), MOMENT, request).await;
        assert_eq!(handover, None);
        let mut answers = Vec::new();
        client.read_to_end(&mut answers).await.unwrap();
        let wanted = request.matches("GET").count();
        assert_eq!(answers.windows(15).filter(|part| part == b"HTTP/1.1 200 OK").count(), wanted);
    }
    stopping.send_replace(true);
    let (mut client, handover) = left_to(&app, stop.clone(), 1000 * PATIENCE, &request).await;
    assert_eq!(handover, None, "it is answered all the same");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_read_and_not_answered_goes_along(pool: PgPool) {
    let (app, request) = with_image_in_memory(pool).await;
    let (_stopping, stop) = watch::channel(false);
    for rest in ["GET /", "POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\nx", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        for before in ["", &request] {
            let (_, handover) = left_to(&app, stop.clone(), PATIENCE, &format!("{before}{rest}")).await;
            assert_eq!(handover.unwrap(), rest.as_bytes());
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_server_ends_though_somebody_rests(pool: PgPool) {
    let (app, request) = with_image_in_memory(pool).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listen::serve(listener, app.front.clone(), async {
        let _ = stopped.await;
    }));
    client.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'H');
    drop(stop);
    // It would wait for ten seconds for what is under way.
    tokio::time::timeout(Duration::from_secs(8), serving).await.unwrap().unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
}
