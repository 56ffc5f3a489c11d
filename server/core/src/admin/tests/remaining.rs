//! One administrator always remains.

use super::*;

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, AdminError>) {
    assert!(matches!(outcome, Err(AdminError::LastAdministrator)), "{outcome:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_last_administrator_is_neither_demoted_nor_suspended_nor_removed(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", false).await.user_id;
    refused(account::set_role(&core, By::SYSTEM, ada, false).await);
    refused(account::suspend(&core, By::SYSTEM, ada).await);
    refused(removal::remove(&core, By::SYSTEM, ada, "ada").await);
    assert!(facts(&core, ada).await.unwrap().is_last_admin);
    account::set_role(&core, By::SYSTEM, bob, true).await.unwrap();
    assert!(!facts(&core, ada).await.unwrap().is_last_admin);
    account::suspend(&core, By::SYSTEM, bob).await.unwrap();
    refused(account::set_role(&core, By::SYSTEM, ada, false).await);
    account::restore(&core, By::SYSTEM, bob).await.unwrap();
    account::set_role(&core, By::SYSTEM, ada, false).await.unwrap();
    refused(account::set_role(&core, By::SYSTEM, bob, false).await);
    let changes = log(&core, ada, Action::RoleChanged).await;
    assert_eq!(changes, [r#"{"after": "member", "before": "administrator"}"#], "refusals change nothing");
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
                0 => account::set_role(&core, By::SYSTEM, id, false).await,
                1 => account::suspend(&core, By::SYSTEM, id).await,
                _ => removal::remove(&core, By::SYSTEM, id, &format!("A{n}")).await,
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
