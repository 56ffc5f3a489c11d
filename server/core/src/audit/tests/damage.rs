//! What somebody with the database can do to the log, and what is said of it.

use super::*;
use crate::{
    audit::{Damage, Head, Report, verify},
    auth::enrolment::enrol_now,
};

/// Runs statements as somebody would who owns the tables.
async fn tamper(core: &Core, statements: &str) {
    let open = "ALTER TABLE audit_log DISABLE TRIGGER ALL; ALTER TABLE audit_head DISABLE TRIGGER ALL;";
    let shut = "ALTER TABLE audit_log ENABLE TRIGGER ALL; ALTER TABLE audit_head ENABLE TRIGGER ALL;";
    let script = sqlx::AssertSqlSafe(format!("{open}{statements};{shut}"));
    sqlx::raw_sql(script).execute(&core.pool).await.unwrap();
}

async fn damage(core: &Core) -> Option<Damage> {
    verify(core, None).await.unwrap().damage
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_untouched_log_is_in_order(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    let empty = verify(&core, None).await.unwrap();
    assert_eq!(empty, Report { entries: 0, head: Head::default(), damage: None });
    fill(&core, ada, 3).await;
    let report = verify(&core, None).await.unwrap();
    assert_eq!((report.entries, report.head.sequence, &report.damage), (3, 3, &None));
    fill(&core, ada, 1).await;
    assert_eq!(verify(&core, Some(report.head)).await.unwrap().damage, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn statements_that_change_or_remove_entries_are_refused(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 1).await;
    for statement in [
        "UPDATE audit_log SET user_name = 'bob'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
    ] {
        let error = sqlx::query(statement).execute(&core.pool).await.unwrap_err().to_string();
        assert!(error.contains("is append-only"), "{statement}: {error}");
    }
    assert_eq!(damage(&core).await, None);
}

#[test]
fn one_missing_entry_and_several_are_told_in_words() {
    let missing = |first, last| Damage::Missing { first, last }.to_string();
    assert_eq!(missing(3, 3), "entry 3 is missing");
    assert_eq!(missing(3, 5), "entries 3 to 5 are missing");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_kind_of_damage_is_told_by_its_place(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 5).await;
    tamper(&core, "CREATE TABLE log_kept AS TABLE audit_log; CREATE TABLE head_kept AS TABLE audit_head")
        .await;
    for (statement, expected) in [
        ("DELETE FROM audit_log WHERE sequence IN (2, 3)", Damage::Missing { first: 2, last: 3 }),
        ("DELETE FROM audit_log WHERE sequence = 5", Damage::Missing { first: 5, last: 5 }),
        ("DELETE FROM audit_log", Damage::Missing { first: 1, last: 5 }),
        ("UPDATE audit_log SET address = '203.0.113.1' WHERE sequence = 4", Damage::Changed { sequence: 4 }),
        (
            "UPDATE audit_log SET details = '{\"name\":\"4\",\"more\":1}' WHERE sequence = 4",
            Damage::Changed { sequence: 4 },
        ),
        (
            "UPDATE audit_log SET sequence = 9 - sequence + 100 WHERE sequence IN (4, 5); \
             UPDATE audit_log SET sequence = sequence - 100 WHERE sequence > 100",
            Damage::Reordered { sequence: 4 },
        ),
        ("UPDATE audit_log SET seal = hash WHERE sequence = 2", Damage::Forged { sequence: 2 }),
        (
            "INSERT INTO audit_log SELECT 6, id, at, user_id, user_name, actor, actor_id, actor_name, action, outcome, \
             address, agent, device, details, hash, hash, key_id, seal FROM audit_log WHERE sequence = 5",
            Damage::Changed { sequence: 6 },
        ),
        (
            "DELETE FROM audit_log WHERE sequence = 5; UPDATE audit_head SET sequence = 4, \
             hash = (SELECT hash FROM audit_log WHERE sequence = 4)",
            Damage::HeadChanged,
        ),
    ] {
        tamper(&core, statement).await;
        assert_eq!(damage(&core).await, Some(expected), "{statement}");
        tamper(
            &core,
            "DELETE FROM audit_log; INSERT INTO audit_log TABLE log_kept; \
             DELETE FROM audit_head; INSERT INTO audit_head TABLE head_kept",
        )
        .await;
        assert_eq!(damage(&core).await, None);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_end_that_was_changed_is_not_covered_up_by_what_follows(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 5).await;
    let cut = "DELETE FROM audit_log WHERE sequence = 5; UPDATE audit_head SET sequence = 4, \
               hash = (SELECT hash FROM audit_log WHERE sequence = 4)";
    tamper(&core, cut).await;
    fill(&core, ada, 1).await;
    assert_eq!(damage(&core).await, Some(Damage::Marked { sequence: 5 }));
    let actions: Vec<_> = all(&core).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions[4..], [Action::LogDamaged, Action::TokenCreated], "told once");
    fill(&core, ada, 1).await;
    assert_eq!(all(&core).await.len(), 7);
}

/// As migrations leave it: nothing in it is secret.
const EMPTY: &str = "DELETE FROM audit_log; \
    UPDATE audit_head SET sequence = 0, hash = decode(repeat('00', 32), 'hex'), key_id = '', seal = ''";

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_log_that_was_removed_whole_is_no_new_one(pool: PgPool) {
    let core = testing::core(pool);
    let bob = enrol_now(&core, "bob".parse().unwrap(), None, false).await.unwrap();
    assert_eq!(damage(&core).await, None, "the first account begins it");
    tamper(&core, EMPTY).await;
    assert_eq!(damage(&core).await, Some(Damage::Emptied));
    fill(&core, bob.user_id, 1).await;
    assert_eq!(damage(&core).await, Some(Damage::Marked { sequence: 1 }));
    let actions: Vec<_> = all(&core).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::LogDamaged, Action::TokenCreated]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_that_is_made_covers_up_no_removed_log(pool: PgPool) {
    let core = testing::core(pool);
    enrol_now(&core, "bob".parse().unwrap(), None, false).await.unwrap();
    tamper(&core, EMPTY).await;
    enrol_now(&core, "eve".parse().unwrap(), None, false).await.unwrap();
    assert_eq!(damage(&core).await, Some(Damage::Marked { sequence: 1 }));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_is_shut_out_by_a_log_that_was_changed(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    for (statement, entries) in [
        ("DELETE FROM audit_log WHERE sequence > 2", 4),
        ("UPDATE audit_head SET sequence = 1, hash = ''", 9),
        ("UPDATE audit_head SET seal = ''", 14),
    ] {
        fill(&core, ada, 3).await;
        tamper(&core, statement).await;
        fill(&core, ada, 1).await;
        assert_eq!(all(&core).await.len(), entries, "{statement}");
    }
    let marked = all(&core).await.into_iter().filter(|entry| entry.action == Action::LogDamaged).count();
    assert_eq!(marked, 3);
}
