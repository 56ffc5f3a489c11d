//! Writing and listing.

use futures::future::join_all;
use model::{
    Problem,
    types::{ActionGroup, ActorKind, AuditOutcome, Proof},
};
use std::sync::Arc;
use time::{Duration, macros::datetime};

use super::*;
use crate::{ManualClock, audit::verify};

fn numbers(entries: &[AuditEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.sequence).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_entry_tells_who_what_and_from_where(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    let boss = testing::user(&core.pool, "boss", 0).await;
    let mut client = client();
    client.agent = crate::auth::UserAgent::new("PicGo/2.3.1");
    let event = Event::new(By::administrator(boss, &client), Some(ada), Action::QuotaChanged);
    note(&core, event.with(AuditDetails::changed("1", "2"))).await;
    let [entry] = all(&core).await.try_into().unwrap();
    assert_eq!((entry.sequence, entry.user, entry.name.as_deref()), (1, Some(ada), Some("ada")));
    assert_eq!((entry.actor, entry.actor_name.as_deref()), (ActorKind::Administrator, Some("boss")));
    assert_eq!((entry.action, entry.outcome), (Action::QuotaChanged, AuditOutcome::Success));
    assert_eq!((entry.address.as_deref(), entry.device.as_deref()), (Some("192.0.2.1"), Some("PicGo")));
    assert_eq!(entry.details, AuditDetails::changed("1", "2"));
    assert_eq!(entry.at.as_str(), "2026-11-20T12:00:00Z");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_rolled_back_leaves_no_entry(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 1).await;
    let mut transaction = core.pool.begin().await.unwrap();
    let event = Event::new(By::COMMAND_LINE, Some(ada), Action::TokenRevoked);
    record(&mut transaction, &core, &event).await.unwrap();
    transaction.rollback().await.unwrap();
    fill(&core, ada, 1).await;
    assert_eq!(numbers(&all(&core).await), [1, 2]);
    assert_eq!(verify(&core, None).await.unwrap().damage, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn many_who_write_at_once_make_one_chain(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    let writers = (0..20).map(|_| {
        let core = core.clone();
        tokio::spawn(async move { fill(&core, ada, 5).await })
    });
    for written in join_all(writers).await {
        written.unwrap();
    }
    assert_eq!(numbers(&all(&core).await), (1..=100).collect::<Vec<_>>());
    assert_eq!(verify(&core, None).await.unwrap().damage, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn entries_outlive_the_account(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 1).await;
    let mut transaction = core.pool.begin().await.unwrap();
    sqlx::query("DELETE FROM users").execute(&mut *transaction).await.unwrap();
    let event = Event::new(By::COMMAND_LINE, Some(ada), Action::AccountDeleted).named("ada");
    record(&mut transaction, &core, &event).await.unwrap();
    transaction.commit().await.unwrap();
    let entries = all(&core).await;
    assert!(entries.iter().all(|entry| entry.user == Some(ada) && entry.name.as_deref() == Some("ada")));
    assert_eq!((entries.len(), verify(&core, None).await.unwrap().damage), (2, None));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn pages_follow_each_other_newest_first(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    let bob = testing::user(&core.pool, "bob", 0).await;
    for _ in 0..3 {
        fill(&core, ada, 2).await;
        fill(&core, bob, 1).await;
    }
    let page = async |scope, cursor: Option<String>| {
        list(&core, scope, &AuditFilter::default(), 4, cursor.as_deref()).await.unwrap()
    };
    let first = page(Scope::Own(ada), None).await;
    assert_eq!(numbers(&first.items), [8, 7, 5, 4]);
    let rest = page(Scope::Own(ada), first.next_cursor).await;
    assert_eq!((numbers(&rest.items), rest.next_cursor), (vec![2, 1], None));
    assert_eq!(numbers(&page(Scope::All, None).await.items), [9, 8, 7, 6]);
    for bad in ["x", "AAAA", "====", ""] {
        let refused = list(&core, Scope::All, &AuditFilter::default(), 4, Some(bad)).await.unwrap_err();
        assert!(matches!(Problem::from(refused), Problem::InvalidParameter { name, .. } if name == "cursor"));
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn filters_narrow_by_kind_outcome_and_day(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 23:59:59.9 UTC)));
    let core = testing::core_at(pool, Arc::clone(&clock));
    let client = client();
    let events = [
        Event::new(By::user(&client), None, Action::SignedIn).with(AuditDetails::by(Proof::Code)),
        Event::new(By::visitor(&client), None, Action::SignInFailed).failed(),
        Event::new(By::user(&client), None, Action::DeviceTrusted),
        Event::new(By::SYSTEM, None, Action::ImagesDeleted),
    ];
    for event in events {
        note(&core, event).await;
        clock.advance(Duration::milliseconds(100));
    }
    let found = async |filter: AuditFilter| {
        numbers(&list(&core, Scope::All, &filter, 200, None).await.unwrap().items)
    };
    let any = AuditFilter::default;
    assert_eq!(found(AuditFilter { group: Some(ActionGroup::SignIn), ..any() }).await, [2, 1]);
    assert_eq!(found(AuditFilter { action: Some(Action::SignedIn), ..any() }).await, [1]);
    let neither = AuditFilter { group: Some(ActionGroup::Means), action: Some(Action::SignedIn), ..any() };
    assert_eq!(found(neither).await, [0; 0]);
    assert_eq!(found(AuditFilter { outcome: Some(AuditOutcome::Failure), ..any() }).await, [2]);
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(found(AuditFilter { from: day("2026-11-21"), ..any() }).await, [4, 3, 2]);
    assert_eq!(found(AuditFilter { to: day("2026-11-20"), ..any() }).await, [1]);
    assert_eq!(found(AuditFilter { from: day("2026-11-20"), to: day("2026-11-21"), ..any() }).await.len(), 4);
    assert_eq!(found(AuditFilter { from: day(" "), ..any() }).await.len(), 4);
    for bad in ["today", "2026-13-01", "2026-11-20T00:00", "+999999-12-31", "-1"] {
        let filter = AuditFilter { to: day(bad), ..any() };
        let refused = list(&core, Scope::All, &filter, 200, None).await.unwrap_err();
        assert!(
            matches!(Problem::from(refused), Problem::InvalidParameter { name, .. } if name == "to"),
            "{bad}"
        );
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn names_of_a_newer_version_do_not_hide_the_rest(pool: PgPool) {
    let (core, ada) = ada(pool).await;
    fill(&core, ada, 1).await;
    sqlx::raw_sql(
        "ALTER TABLE audit_log DISABLE TRIGGER ALL; \
         UPDATE audit_log SET action = 'flew', actor = 'bird', details = '{\"height\": 3}'",
    )
    .execute(&core.pool)
    .await
    .unwrap();
    let [entry] = all(&core).await.try_into().unwrap();
    assert_eq!((entry.action, entry.actor), (Action::Unknown, ActorKind::Visitor));
    assert_eq!(entry.details, AuditDetails::default());
}
