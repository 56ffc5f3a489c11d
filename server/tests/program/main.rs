//! The program itself, as processes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests, all of it")]

mod process;

use bytes::Bytes;
use model::rules::links::image_path;
use reflect_core::{images::intake::accept, testing};
use sqlx::{ConnectOptions as _, PgPool, Row as _, migrate::Migrate as _};

use self::process::{Home, ends, http_status, migrate, pick};

const PICTURE: &[u8] = include_bytes!("../../core/tests/fixtures/grid.avif");

#[test]
fn it_brings_its_own_database_which_outlives_it() {
    let home = Home::new();
    let server = home.serve();
    let link = pick(&server.said, "Set up reflect: ");
    let host = pick(&server.said, "Listening on ");
    assert!(link.starts_with("http://127.0.0.1:0/enrol/"), "{link}");
    assert_eq!(http_status(host, "/readyz"), "200");

    let told = home.reflect(&["user", "add", "ada", "--secret-now"]);
    assert!(told.starts_with("ada can sign in.\nSecret:         "), "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("  ")).count(), 10, "{told}");
    // The server may have been told of a PostgreSQL that nobody else finds.
    let token = home.reflect_without_postgres(&["token", "create", "--user", "ada", "--scope", "upload"]);
    assert!(token.starts_with("rfl_") && token.lines().count() == 1, "{token}");
    server.kill();

    // PostgreSQL was left running, or on the way: whoever comes next finds what was there.
    let server = home.serve();
    assert!(!server.said.contains("Set up reflect"), "there is an account: {}", server.said);
    assert_eq!(http_status(pick(&server.said, "Listening on "), "/readyz"), "200");
    let told = home.reflect(&["user", "add", "bob"]);
    assert!(told.starts_with("Within a day, bob opens this link once:\nhttp://127.0.0.1:0/enrol/"), "{told}");
    assert!(home.refused(&["user", "add", "ada"]).starts_with("error: "));
    assert!(home.reflect(&["token", "list", "--user", "ada"]).contains("upload"));
    server.stop();
    assert!(home.postmaster().is_none(), "it ends with the server");
    // A command needs no server.
    assert!(home.reflect(&["verify"]).lines().count() > 1);
    assert!(home.postmaster().is_none());
}

#[sqlx::test(migrations = false)]
async fn it_can_be_told_to_end_before_its_database_is_there(pool: PgPool) {
    let home = Home::new();
    let mut connection = pool.acquire().await.unwrap();
    // Another reflect is at the schema.
    connection.lock().await.unwrap();
    let server = home.begin_on(pool.connect_options().to_url_lossy().as_str());
    let waits = "SELECT pg_sleep(0.01), EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS waits";
    while !sqlx::query(waits).fetch_one(&pool).await.unwrap().get::<bool, _>("waits") {}
    assert!(ends(server));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_it_counted_is_written_down_when_it_ends(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = testing::user(&pool, "ada", 1 << 20).await;
    let image = accept(&core, ada, "a.avif", Bytes::from_static(PICTURE)).await.unwrap().image;
    let home = Home::new();
    let server = home.serve_on(pool.connect_options().to_url_lossy().as_str());
    let host = pick(&server.said, "Listening on ").to_owned();
    for _ in 0..3 {
        assert_eq!(http_status(&host, &image_path(&image)), "200");
    }
    server.stop();
    let views: i64 = sqlx::query_scalar("SELECT views FROM image_views").fetch_one(&pool).await.unwrap();
    assert_eq!(views, 3);
}

#[test]
fn it_serves_no_network_without_tls() {
    let home = Home::new();
    let refused = home.refused(&["serve", "--addr", "0.0.0.0:0"]);
    assert!(refused.contains("REFLECT_PUBLIC_URL"), "{refused}");
    assert!(!home.has_data(), "refused before anything is made");
}

#[sqlx::test(migrations = false)]
async fn several_may_bring_the_schema_up_to_date_at_once(pool: PgPool) {
    // New databases may come with the schema.
    sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public").execute(&pool).await.unwrap();
    let url = pool.connect_options().to_url_lossy().to_string();
    let programs: Vec<_> = (0..4).map(|_| migrate(&url)).collect();
    for program in programs {
        let output = program.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let applied: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE success")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(usize::try_from(applied).unwrap(), reflect_core::db::MIGRATOR.iter().count());
}
