//! The `reflect` program, as scripts call it.

use std::process::Output;

use serde_json::Value;
use sqlx::{ConnectOptions as _, PgPool, raw_sql};
use tokio::process::Command;

use crate::support::App;

/// `reflect verify` on a test's database, with the key of its core.
async fn verify(pool: &PgPool, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reflect"));
    command.arg("verify").args(arguments);
    command.env("DATABASE_URL", pool.connect_options().to_url_lossy().as_str());
    command.env("REFLECT_SECRET_KEY", "07".repeat(32)).env("REFLECT_DATABASE_CONNECTIONS", "2");
    command.output().await.unwrap()
}

fn log_of(output: &Output) -> Value {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    document["audit_log"].clone()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn verify_tells_of_a_damaged_log_by_its_status_and_in_json(pool: PgPool) {
    let app = App::new(pool.clone());
    for name in ["ada", "bob"] {
        app.enrol(name).await;
    }
    let whole = verify(&pool, &["--json"]).await;
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");
    assert_eq!((&log_of(&whole)["entries"], &log_of(&whole)["damage"]), (&4.into(), &Value::Null));
    let head = log_of(&whole)["head"].as_str().unwrap().to_owned();

    raw_sql(
        "ALTER TABLE audit_log DISABLE TRIGGER ALL; DELETE FROM audit_log WHERE sequence = 2; \
         ALTER TABLE audit_log ENABLE TRIGGER ALL",
    )
    .execute(&pool)
    .await
    .unwrap();
    let damaged = verify(&pool, &["--json", "--log-only"]).await;
    assert_eq!(damaged.status.code(), Some(1), "{damaged:?}");
    let log = log_of(&damaged);
    assert_eq!((&log["entries"], &log["damage"]["sequence"]), (&1.into(), &2.into()), "{log}");
    assert_eq!(log["damage"]["code"], "missing");
    let said = String::from_utf8(damaged.stderr).unwrap();
    assert!(said.contains("error: audit log: "), "{said}");

    // For people the same, whether or not they noted the head; and nothing that looks like all is well.
    let plain = verify(&pool, &["--log-only", "--head", &head]).await;
    assert_eq!(plain.status.code(), Some(1), "{plain:?}");
    assert!(!String::from_utf8(plain.stdout).unwrap().contains("in order"));
}
