//! What goes over a connection, byte for byte: images are sent past hyper's own buffers.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{App, path, pictures};

/// Sends the requests at once, the last of which ends the connection, and reads all answers.
pub async fn pipelined(address: SocketAddr, requests: &[String]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(requests.concat().as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).await.unwrap();
    answers
}

/// The first answer's head and body, and what follows it. A HEAD's has no body.
pub fn first(answers: &[u8], has_body: bool) -> (&str, &[u8], &[u8]) {
    let end = answers.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = std::str::from_utf8(&answers[..end]).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let end_of_body = end + if has_body { length.parse::<usize>().unwrap() } else { 0 };
    (head, &answers[end..end_of_body], &answers[end_of_body..])
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pipelined_images_large_and_small_arrive_whole_and_in_order(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (small, large) = (pictures::noise(90, 90, 1), pictures::noise(720, 720, 2));
    assert!(small.len() < 64 * 1024 && large.len() > 1_000_000);
    let urls = [app.upload(&ada, "s.png", &small).await, app.upload(&ada, "l.png", &large).await];
    let [small_path, large_path] = urls.each_ref().map(|image| path(&image["links"]["url"]));
    let address = app.listen().await;
    let ask = |method: &str, path: &str, more: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{more}\r\n")
    };
    // The first round fills the memory, the second is answered from it.
    for _ in 0..2 {
        let answers = pipelined(
            address,
            &[
                ask("GET", small_path, ""),
                ask("GET", large_path, ""),
                ask("HEAD", small_path, ""),
                ask("GET", small_path, "range: bytes=100-199\r\n"),
                ask("GET", "/healthz", ""),
                ask("GET", small_path, "connection: close\r\n"),
            ],
        )
        .await;
        let (head, body, rest) = first(&answers, true);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && body == small, "{head}");
        let (head, body, rest) = first(rest, true);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && body == large, "{head}");
        let (head, _, rest) = first(rest, false);
        assert!(head.contains(&format!("content-length: {}\r\n", small.len())), "{head}");
        let (head, body, rest) = first(rest, true);
        assert!(head.starts_with("HTTP/1.1 206 Partial Content\r\n") && body == &small[100..200], "{head}");
        let (head, _, rest) = first(rest, true);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let (_, body, rest) = first(rest, true);
        assert!(body == small && rest.is_empty());
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn many_images_at_once_arrive_whole_over_one_http_2_connection(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let pictures: Vec<Vec<u8>> =
        (0..5_u8).map(|i| pictures::noise(60 + 20 * u32::from(i), 90, i.into())).collect();
    let mut paths = Vec::new();
    for (i, picture) in pictures.iter().enumerate() {
        let image = app.upload(&ada, &format!("{i}.png"), picture).await;
        paths.push(path(&image["links"]["url"]).to_owned());
    }
    let stream = TcpStream::connect(app.listen().await).await.unwrap();
    let (client, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let ask = |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(format!("http://localhost{path}"));
        let answer = client.clone().send_request(request.body(Empty::new()).unwrap());
        async move {
            let (parts, body) = answer.await.unwrap().into_parts();
            (parts.status.as_u16(), body.collect().await.unwrap().to_bytes())
        }
    };
    for _ in 0..3 {
        let answers = futures::future::join_all(paths.iter().map(|path| ask(Method::GET, path))).await;
        for ((status, body), picture) in answers.iter().zip(&pictures) {
            assert!(*status == 200 && body == picture);
        }
    }
    for (path, status) in [(paths[0].as_str(), 200), ("/i/nope", 404)] {
        assert_eq!(ask(Method::HEAD, path).await, (status, Bytes::new()));
    }
}
