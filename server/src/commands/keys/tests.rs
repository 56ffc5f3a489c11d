use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

use model::types::{ByteSize, UserId};
use reflect_core::{auth::enrolment, keys::Keyring, testing};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use super::*;
use crate::{
    jobs::{self, Mailroom, Patience},
    serve::Images,
};

const SHORT: Duration = Duration::from_millis(300);

/// A core with the keys of `source`.
fn core(pool: &PgPool, source: &KeySource) -> Core {
    Core { keys: Arc::new(source.ring().unwrap().unwrap()), ..testing::core(pool.clone()) }
}

/// What hears and takes up keys in a server that runs, once others know of it.
async fn run(core: &Core, source: &KeySource) -> JoinHandle<()> {
    let before = keys::servers(&core.pool).await.unwrap().len();
    let (images, bell) = (Arc::new(Images::new(ByteSize(0))), Mailroom::new().bell());
    let hearing = tokio::spawn(jobs::hear(core.clone(), images, bell, source.clone(), Patience::default()));
    until(&core.pool, |servers| {
        servers.len() > before && servers.iter().all(|server| !server.seals.is_empty())
    })
    .await;
    hearing
}

/// Waits for what servers say of themselves to become so, however long a busy machine takes.
async fn until(pool: &PgPool, is_so: impl Fn(&[Server]) -> bool) {
    while !is_so(&keys::servers(pool).await.unwrap()) {
        tokio::time::sleep(LOOK / 20).await;
    }
}

async fn enrol(core: &Core, name: &str) -> UserId {
    enrolment::enrol_now(core, name.parse().unwrap(), None, true).await.unwrap().user_id
}

async fn key_ids(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("SELECT DISTINCT key_id FROM totp_credentials").fetch_all(pool).await.unwrap()
}

fn made_in(folder: &Path) -> KeySource {
    let source = KeySource::in_folder(folder);
    source.make().unwrap();
    source
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_new_key_comes_to_the_file_and_to_a_server_that_runs(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let source = made_in(folder.path());
    let server = core(&pool, &source);
    let hearing = run(&server, &source).await;
    enrol(&server, "ada").await;
    let old = server.keys.id();

    let command = core(&pool, &source);
    let rotation = turn(&command, &source, PATIENCE).await.unwrap();
    let new = rotation.key_id.clone();
    assert!(rotation.is_made && rotation.behind.is_empty() && new != old);
    assert_eq!(source.ring().unwrap().unwrap().ids(), [new.clone(), old.clone()]);
    assert_eq!(server.keys.ids(), [new.clone(), old.clone()], "without a restart");
    assert_eq!(key_ids(&pool).await, [new.as_str()]);
    let said = document(&rotation, &command);
    assert_eq!((&said["key"], &said["made"], &said["left"]), (&json!(new), &json!(true), &json!(0)));
    assert_eq!(said["resealed"]["authenticators"], 1);
    assert_eq!(said["kept"][0]["key"], old);
    assert_eq!(said["kept"][0]["at_hand"], true);
    assert_eq!(said["kept"][0]["needed_for"], json!({ "recovery_codes": 1, "log_entries": 2 }));

    let third = turn(&core(&pool, &source), &source, PATIENCE).await.unwrap();
    assert!(third.is_made);
    assert_eq!(server.keys.ids(), [third.key_id, new, old]);
    hearing.abort();
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_sealed_that_a_server_could_not_open(pool: PgPool) {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = made_in(ours.path());
    let copy = |file: &str| {
        fs::copy(ours.path().join(file), theirs.path().join(file)).unwrap();
        fs::set_permissions(theirs.path().join(file), fs::Permissions::from_mode(0o600)).unwrap();
    };
    copy("secret.key");
    let elsewhere = KeySource::in_folder(theirs.path());
    let server = core(&pool, &elsewhere);
    let hearing = run(&server, &elsewhere).await;
    enrol(&server, "ada").await;
    let old = server.keys.id();

    let refused = turn(&core(&pool, &source), &source, SHORT).await.err().unwrap();
    let CommandError::ServerWithoutKey { key_id: next, .. } = &refused else { panic!("{refused}") };
    assert!(refused.to_string().contains("REFLECT_SECRET_KEY_FALLBACKS"), "{refused}");
    assert_eq!(key_ids(&pool).await, [old.as_str()]);
    assert_eq!(server.keys.ids(), [old.as_str()]);

    // What was prepared is given to the other node; it goes on with the same key.
    copy("secret.key.next");
    keys::call(&pool).await.unwrap();
    until(&pool, |servers| servers.iter().all(|server| server.opens.contains(next))).await;
    let rotation = turn(&core(&pool, &source), &source, SHORT).await.unwrap();
    assert_eq!(&rotation.key_id, next);
    assert_eq!(rotation.behind.len(), 1, "its file doesn't say yet that the key seals");
    assert_eq!(key_ids(&pool).await, [next.as_str()]);
    copy("secret.key");
    keys::call(&pool).await.unwrap();
    enrol(&server, "bob").await;
    hearing.abort();
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_stopped_while_sealing_is_ended_and_no_other_key_made(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let source = made_in(folder.path());
    enrol(&core(&pool, &source), "ada").await;
    let next = source.prepare().unwrap();
    source.promote().unwrap();
    let rotation = turn(&core(&pool, &source), &source, SHORT).await.unwrap();
    assert_eq!((rotation.key_id.as_str(), rotation.is_made), (next.as_str(), false));
    assert_eq!(key_ids(&pool).await, [next.as_str()]);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn keys_of_settings_are_the_operators_to_change(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let hex = |byte: &str| byte.repeat(32);
    let id = |byte| Keyring::from_secret([byte; 32]).id();
    let set =
        |key: &str, fallbacks: &[&str]| KeySource::in_folder(folder.path()).with_setting(key, fallbacks);
    let (ten, eleven) = (hex("0a"), hex("0b"));

    let one = set(&ten, &[]);
    enrol(&core(&pool, &one), "ada").await;
    let refused = turn(&core(&pool, &one), &one, SHORT).await.err().unwrap();
    assert!(matches!(&refused, CommandError::OnlyKey(key) if *key == id(10)), "{refused}");

    let both = set(&eleven, &[&ten]);
    let behind = set(&ten, &[]);
    let hearing = run(&core(&pool, &behind), &behind).await;
    let refused = turn(&core(&pool, &both), &both, SHORT).await.err().unwrap();
    assert!(
        matches!(&refused, CommandError::ServerWithoutKey { key_id, .. } if *key_id == id(11)),
        "{refused}"
    );
    assert_eq!(key_ids(&pool).await, [id(10)]);
    hearing.abort();
    while !keys::servers(&pool).await.unwrap().is_empty() {
        tokio::time::sleep(LOOK / 20).await;
    }
    let rotation = turn(&core(&pool, &both), &both, SHORT).await.unwrap();
    assert_eq!((rotation.key_id, rotation.is_made), (id(11), false));
    assert_eq!(key_ids(&pool).await, [id(11)]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no file is made");
}
