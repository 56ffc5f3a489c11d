//! Sealing anew, and who has which key, against a real database.

use std::{sync::Arc, time::Duration};

use model::types::{Action, Language};
use sqlx::{PgPool, Postgres, Transaction, postgres::PgListener};

use super::{Announced, Keyring, Rotating, Stored, What, missing, older, presence::Server, reseal, servers};
use crate::{
    Core, audit,
    mail::{Mail, Queued, Recipient, enqueue},
    testing,
};

const OLD: [u8; 32] = [7; 32];
const NEW: [u8; 32] = [9; 32];

fn id(secret: [u8; 32]) -> String {
    Keyring::from_secret(secret).id()
}

/// A core that sends mail under the old key.
fn core(pool: PgPool) -> Core {
    Core { settings: Arc::new(testing::posting()), ..testing::core(pool) }
}

async fn queue(core: &Core, mails: usize) {
    let to = Recipient { address: "ada@mail.example".parse().unwrap(), language: Language::English };
    let mut transaction = core.pool.begin().await.unwrap();
    for _ in 0..mails {
        enqueue(&mut transaction, core, &to, &Mail::Test).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn mails_under(core: &Core, secret: [u8; 32]) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM mail_outbox WHERE key_id = $1")
        .bind(id(secret))
        .fetch_one(&core.pool)
        .await
        .unwrap()
}

/// Holds the first mail's row as long as what it gives is open.
async fn hold_one(core: &Core) -> Transaction<'static, Postgres> {
    let mut holder = core.pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM mail_outbox ORDER BY id LIMIT 1 FOR UPDATE")
        .execute(&mut *holder)
        .await
        .unwrap();
    holder
}

/// What the log says of changes: key before and after, and how many rows.
async fn changes(core: &Core) -> Vec<(String, String, i64)> {
    sqlx::query_as(
        "SELECT details->>'before', details->>'after', (details->>'count')::int8 FROM audit_log \
         WHERE action = $1 ORDER BY sequence",
    )
    .bind(Action::KeysRotated.as_str())
    .fetch_all(&core.pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_that_was_killed_half_way_is_gone_on_with_and_recorded_once(pool: PgPool) {
    let core = core(pool);
    queue(&core, 450).await;
    core.keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    // Somebody holds one row, so that it can't have come to its end.
    let holder = hold_one(&core).await;
    let ours = core.clone();
    let killed = tokio::spawn(async move { reseal(&ours).await });
    while mails_under(&core, NEW).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    assert_eq!(Queued::all(&core).await.len(), 450, "each opens, under whichever key");
    assert_eq!(changes(&core).await, []);
    holder.rollback().await.unwrap();
    let left = u64::try_from(mails_under(&core, OLD).await).unwrap();
    assert!((1..450).contains(&left), "{left}");
    let report = reseal(&core).await.unwrap();
    assert_eq!((report.total(), report.unopened, report.left), (left, 0, 0));
    assert_eq!(reseal(&core).await.unwrap().total(), 0);
    assert_eq!(changes(&core).await, [(id(OLD), id(NEW), i64::try_from(left).unwrap())]);
    assert_eq!(audit::verify(&core, None).await.unwrap().damage, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_others_hold_is_waited_for(pool: PgPool) {
    let core = core(pool);
    queue(&core, 3).await;
    core.keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    let holder = hold_one(&core).await;
    let ours = core.clone();
    let resealing = tokio::spawn(async move { reseal(&ours).await });
    while mails_under(&core, NEW).await < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    holder.commit().await.unwrap();
    let report = resealing.await.unwrap().unwrap();
    assert_eq!((report.total(), report.left), (3, 0));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_row_that_somebody_changed_is_told_of_and_holds_up_nothing(pool: PgPool) {
    let core = core(pool);
    queue(&core, 3).await;
    sqlx::query(
        "UPDATE mail_outbox SET sealed = '\\x00' WHERE id = (SELECT id FROM mail_outbox ORDER BY id LIMIT 1)",
    )
    .execute(&core.pool)
    .await
    .unwrap();
    core.keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    let report = reseal(&core).await.unwrap();
    assert_eq!((report.total(), report.unopened, report.left), (2, 1, 0));
    assert_eq!(report.rows.iter().find(|(stored, _)| *stored == Stored::Mail).unwrap().1, 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nothing_is_recorded_where_there_is_one_key(pool: PgPool) {
    let core = core(pool);
    queue(&core, 1).await;
    assert_eq!(reseal(&core).await.unwrap().total(), 0);
    assert_eq!(changes(&core).await, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_needs_a_key_that_is_not_at_hand_is_counted(pool: PgPool) {
    let core = core(pool);
    assert_eq!(missing(&core.pool, &[]).await.unwrap(), [], "nothing needs a key yet");
    queue(&core, 2).await;
    crate::auth::enrolment::enrol_now(&core, "ada".parse().unwrap(), None, false).await.unwrap();
    assert_eq!(missing(&core.pool, &[id(OLD)]).await.unwrap(), []);
    let found = |uses: Vec<super::Use>| -> Vec<_> {
        assert!(uses.iter().all(|one| one.key_id == id(OLD)));
        uses.into_iter().map(|one| (one.what, one.count)).collect()
    };
    let vital = [(What::Authenticators, 1), (What::Mail, 2), (What::LogEnd, 1), (What::RecoveryCodes, 1)];
    assert_eq!(found(missing(&core.pool, &[id(NEW)]).await.unwrap()), vital);
    let entries: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log").fetch_one(&core.pool).await.unwrap();
    let all = found(older(&core.pool, &id(NEW)).await.unwrap());
    assert_eq!(all.last(), Some(&(What::LogEntries, u64::try_from(entries).unwrap())));
}

/// Who runs, by the keys they open and seal with.
async fn running(pool: &PgPool) -> Vec<(Vec<String>, Vec<String>)> {
    let all = servers(pool).await.unwrap();
    all.into_iter().map(|Server { opens, seals, .. }| (opens, seals)).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn servers_are_known_with_their_keys_as_long_as_they_run(pool: PgPool) {
    assert_eq!(running(&pool).await, []);
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    let keys = Keyring::from_secret(OLD);
    let mut announced = Announced::default();
    announced.update(&mut listener, &keys).await.unwrap();
    assert_eq!(running(&pool).await, [(vec![id(OLD)], vec![id(OLD)])]);
    keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    announced.update(&mut listener, &keys).await.unwrap();
    let mut both = vec![id(OLD), id(NEW)];
    both.sort();
    assert_eq!(running(&pool).await, [(both, vec![id(NEW)])]);
    let backend = servers(&pool).await.unwrap()[0].backend;
    sqlx::query("SELECT pg_terminate_backend($1)").bind(backend).execute(&pool).await.unwrap();
    while !running(&pool).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_at_a_time_changes_keys(pool: PgPool) {
    let first = Rotating::begin(&pool).await.unwrap().unwrap();
    assert!(Rotating::begin(&pool).await.unwrap().is_none());
    first.end().await.unwrap();
    while Rotating::begin(&pool).await.unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(running(&pool).await, [], "who rotates is no server");
}
