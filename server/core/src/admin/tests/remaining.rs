//! One administrator always remains.

use model::types::{InviteTerms, Language};

use super::*;

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, AdminError>) {
    assert!(matches!(outcome, Err(AdminError::LastAdministrator)), "{outcome:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn with_the_role_go_tokens_that_administer_and_invites(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", true).await.user_id;
    testing::token(&core, bob, &testing::terms("admin", [Scope::Admin, Scope::Read])).await;
    testing::token(&core, bob, &testing::terms("laptop", [Scope::Read])).await;
    let client = HOME.into();
    let terms = InviteTerms { note: None, quota: None, days: InviteTerms::USUAL_DAYS, mail_to: None };
    for by in [By::administrator(bob, &client), By::COMMAND_LINE] {
        enrolment::invite(&core, by, &terms, Language::English).await.unwrap();
    }
    account::change(&core, By::SYSTEM, bob, role(false)).await.unwrap();
    let tokens = token::list(&core, bob).await.unwrap();
    assert_eq!(tokens.iter().map(|token| &*token.name).collect::<Vec<_>>(), ["laptop"]);
    assert_eq!(enrolment::invites(&core).await.unwrap().len(), 1);
    assert_eq!(log(&core, bob, Action::TokenRevoked).await.len(), 1);
    account::change(&core, By::SYSTEM, bob, role(true)).await.unwrap();
    for forced in [true, false] {
        let by = By::administrator(bob, &client);
        enrolment::invite(&core, by, &terms, Language::English).await.unwrap();
        if forced {
            account::force_reset(&core, By::SYSTEM, bob).await.unwrap();
        }
        account::change(&core, By::SYSTEM, bob, suspended(!forced)).await.unwrap();
        assert_eq!(enrolment::invites(&core).await.unwrap().len(), 1);
    }
    account::change(&core, By::SYSTEM, bob, suspended(false)).await.unwrap();
    enrolment::invite(&core, By::administrator(bob, &client), &terms, Language::English).await.unwrap();
    removal::remove(&core, By::SYSTEM, bob, "bob", None).await.unwrap();
    assert_eq!(enrolment::invites(&core).await.unwrap().len(), 1);
    let revoked = count(&core, "audit_log WHERE action = 'invite_revoked'").await;
    assert_eq!(revoked, 4, "by role, reset, suspension and deletion");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_last_administrator_is_neither_demoted_nor_suspended_nor_removed(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", false).await.user_id;
    refused(account::change(&core, By::SYSTEM, ada, role(false)).await);
    refused(account::change(&core, By::SYSTEM, ada, suspended(true)).await);
    refused(removal::remove(&core, By::SYSTEM, ada, "ada", None).await);
    assert!(facts(&core, ada).await.unwrap().is_last_admin);
    account::change(&core, By::SYSTEM, bob, role(true)).await.unwrap();
    assert!(!facts(&core, ada).await.unwrap().is_last_admin);
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    refused(account::change(&core, By::SYSTEM, ada, role(false)).await);
    account::change(&core, By::SYSTEM, bob, suspended(false)).await.unwrap();
    account::change(&core, By::SYSTEM, ada, role(false)).await.unwrap();
    refused(account::change(&core, By::SYSTEM, bob, role(false)).await);
    let changes = log(&core, ada, Action::RoleChanged).await;
    assert_eq!(changes, [r#"{"after": "member", "before": "administrator"}"#], "refusals change nothing");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_several_changes_all_are_made_or_none(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", false).await.user_id;
    let space = "1 MiB".parse().ok();
    let all = Change { quota: space, is_admin: Some(true), suspended: Some(true) };
    account::change(&core, By::SYSTEM, bob, all).await.unwrap();
    let changed = facts(&core, bob).await.unwrap().entry;
    assert!(changed.is_admin && changed.suspended_at.is_some());
    assert_eq!(changed.usage.quota, model::types::ByteSize::mib(1));
    let before = (facts(&core, ada).await.unwrap(), count(&core, "audit_log").await);
    for last in [
        Change { quota: space, is_admin: Some(false), suspended: None },
        Change { quota: space, is_admin: Some(true), suspended: Some(true) },
    ] {
        refused(account::change(&core, By::SYSTEM, ada, last).await);
    }
    assert_eq!((facts(&core, ada).await.unwrap(), count(&core, "audit_log").await), before);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_administrators_who_take_each_other_away_at_once_one_remains(pool: PgPool) {
    let (core, _) = at(pool);
    let mut all = Vec::new();
    for n in 0..6 {
        all.push(enrolled(&core, &format!("a{n}"), true).await.user_id);
    }
    let acts = all.iter().enumerate().map(|(n, id)| {
        let (core, id) = (core.clone(), *id);
        tokio::spawn(async move {
            match n % 3 {
                0 => account::change(&core, By::SYSTEM, id, role(false)).await,
                1 => account::change(&core, By::SYSTEM, id, suspended(true)).await,
                _ => removal::remove(&core, By::SYSTEM, id, &format!("A{n}"), None).await,
            }
        })
    });
    let mut refusals = 0;
    for act in acts.collect::<Vec<_>>() {
        match act.await.unwrap() {
            Ok(()) => {}
            Err(AdminError::LastAdministrator) => refusals += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let left = count(&core, "users WHERE is_admin AND suspended_at IS NULL").await;
    assert_eq!((refusals, left), (1, 1));
}
