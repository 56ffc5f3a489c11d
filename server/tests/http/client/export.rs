//! `reflect export`, `reflect import`

use std::{fs, process::Stdio};

use model::types::Scope;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

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
    stream.read_u8().await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nPK\r\n";
    stream.write_all(answer).await.unwrap();
    let id = process.id().unwrap().try_into().unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    let said = Said::of(&process.wait_with_output().await.unwrap());
    assert_eq!(said.refusal(130), "reflect: stopped: nothing is kept\n");
    assert_eq!(fs::read_dir(machine.home.path()).unwrap().count(), 0);
}
