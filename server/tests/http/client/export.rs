//! `reflect export`, `reflect import`

use std::{fs, io::Write as _, process::Stdio};

use model::types::Scope;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Child,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Machine, Said, mode};
use crate::{
    import::{Export, ada, bulk, comparable, empty},
    support::App,
};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_account_is_saved_and_comes_back_as_it_was(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let bob = app.person("bob").await;
    let address = app.listen().await;
    let mut machine = Machine::using(address, &ada.token);
    assert_eq!(machine.reflect(&["export", "--to", "all.zip"]).await.lines(), ["exported: 3"]);
    assert_eq!(mode(&machine.path("all.zip")), 0o600);
    assert_eq!(fs::read_dir(machine.home.path()).unwrap().count(), 1);
    let said = machine.reflect(&["export", "--to", "all.zip"]).await;
    assert!(said.refusal(1).contains("is there already"), "{said:?}");
    let said = machine.reflect(&["export", "--to", "b.zip", "--only", "q=b.png"]).await;
    assert_eq!(said.lines(), ["exported: 1"]);
    let said = machine.reflect(&["export", "--to", "c.zip", "--only", "typ=png"]).await;
    assert!(said.refusal(1).contains("typ"), "{said:?}");

    let before = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    assert_eq!(machine.reflect(&["import", "b.zip"]).await.lines(), ["imported: 1"]);
    assert_eq!(machine.reflect(&["import", "all.zip"]).await.lines(), ["imported: 2", "already there: 1"]);
    assert_eq!(comparable(&Export::of(&app, &ada).await), comparable(&before));
    assert_eq!(machine.reflect(&["import", "all.zip"]).await.lines(), ["already there: 3"]);

    // What is in the bin is for those who may delete.
    bulk(&app, &ada, json!({ "search": "q=c.png", "action": "delete" })).await;
    let token = app.token(ada.id, [Scope::Upload, Scope::Edit]).await;
    let less = ["import", "all.zip", "--token", &token];
    let said = machine.reflect(&less).await;
    assert_eq!((said.status, said.out.as_str()), (1, "already there: 2\nnot imported: 1\n"), "{said:?}");
    assert!(said.err.contains("c.png: ") && said.err.contains("`delete`"), "{said:?}");
    let said = machine.reflect(&["import", "all.zip"]).await;
    assert_eq!(said.lines(), ["brought back from the bin: 1", "already there: 2"]);

    machine.variables.push(("REFLECT_CLIENT_TOKEN", bob.token.clone()));
    assert_eq!(machine.reflect(&["import", "all.zip"]).await.lines(), ["imported under new links: 3"]);
    let slug = |image: &serde_json::Value| image["slug"].as_str().unwrap().to_owned();
    assert!(
        app.images(&bob).await.iter().all(|image| !images.iter().any(|before| slug(before) == slug(image)))
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_import_for_which_there_is_no_space_goes_on_once_there_is(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let machine = Machine::using(app.listen().await, &ada.token);
    machine.reflect(&["export", "--to", "all.zip"]).await.lines();
    let size = images.iter().map(|image| image["byte_size"].as_i64().unwrap()).max().unwrap();
    let poor = app.person_with("poor", size).await;
    let machine = Machine { variables: Machine::using(app.listen().await, &poor.token).variables, ..machine };
    let said = machine.reflect(&["import", "all.zip", "--jobs", "1"]).await;
    assert_eq!(
        (said.status, said.out.as_str()),
        (1, "imported under new links: 1\nnot imported: 1\n"),
        "{said:?}"
    );
    assert!(said.err.contains("REFLECT_QUOTA") && said.err.contains("call it again to go on"), "{said:?}");
    sqlx::query("UPDATE users SET quota_bytes = $2 WHERE id = $1")
        .bind(poor.id.0)
        .bind(3 * size)
        .execute(app.pool())
        .await
        .unwrap();
    let said = machine.reflect(&["import", "all.zip"]).await;
    assert_eq!(said.lines(), ["imported under new links: 2", "already there: 1"]);
}

#[tokio::test]
async fn an_export_that_is_stopped_leaves_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let machine = Machine::using(listener.local_addr().unwrap(), "rfl_test");
    let mut command = machine.command(&["export", "--to", "all.zip"]);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    hear(&mut stream).await;
    let answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nPK\r\n";
    stream.write_all(answer).await.unwrap();
    let said = stop(process).await;
    assert_eq!(said.refusal(130), "reflect: stopped: nothing is kept\n");
    assert_eq!(fs::read_dir(machine.home.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn an_import_that_is_stopped_says_what_came() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let machine = Machine::using(listener.local_addr().unwrap(), "rfl_test");
    let mut zip = ZipWriter::new_stream(Vec::new());
    let line =
        |name: &str| json!({ "file": name, "hash": "", "created_at": "", "filename": name }).to_string();
    for (name, text) in [
        ("a.png", "a"),
        ("b.png", "b"),
        ("metadata/000001.jsonl", &*[line("a.png"), line("b.png")].join("\n")),
        ("reflect.json", r#"{"format":"reflect-export","version":1,"images":2}"#),
    ] {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    machine.file("all.zip", &zip.finish().unwrap().into_inner());
    let mut command = machine.command(&["import", "all.zip"]);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for (path, body) in
        [("/api/v1/import", r#"{"albums":[]}"#), ("/api/v1/import/known", r#"{"known":[true,false]}"#)]
    {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = hear(&mut stream).await;
        assert!(request.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{request}");
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
    }
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = hear(&mut stream).await;
    assert!(
        request.contains("name=\"file\"; filename=\"b.png\"") && request.contains("\r\n\r\nb\r\n--"),
        "{request}"
    );
    let said = stop(process).await;
    assert_eq!((said.status, said.out.as_str()), (130, "already there: 1\n"), "{said:?}");
    assert_eq!(said.err, "reflect: stopped: call it again to go on\n");
}

/// A request with its body.
async fn hear(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "it ended early");
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if body.len() >= length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

/// Presses Ctrl-C.
async fn stop(process: Child) -> Said {
    let id = process.id().unwrap().try_into().unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    Said::of(&process.wait_with_output().await.unwrap())
}
