//! What administrators see, and quotas.

use model::types::{ByteSize, Page};

use super::*;
use crate::images::intake;

async fn listed(core: &Core, search: &str, filter: Option<accounts::Filter>) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let Page { items, next_cursor } =
            accounts::list(core, search, filter, 2, cursor.as_deref()).await.unwrap();
        assert!(items.len() <= 2);
        names.extend(items.into_iter().map(|entry| entry.name.to_string()));
        cursor = next_cursor;
        if cursor.is_none() {
            return names;
        }
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn accounts_are_found_by_name_and_address_and_come_in_pages(pool: PgPool) {
    let (core, _) = at(pool);
    for (who, is_admin) in [("Ada", true), ("bob", false), ("李雷", false), ("a_b", false), ("Émile", true)]
    {
        enrolled(&core, who, is_admin).await;
    }
    sqlx::query("UPDATE users SET email = 'Bob%Builder@x.example' WHERE name = 'bob'")
        .execute(&core.pool)
        .await
        .unwrap();
    let mut all = listed(&core, "", None).await;
    assert_eq!(all.len(), 5);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5, "none twice");
    assert_eq!(listed(&core, " BUILDER", None).await, ["bob"]);
    assert_eq!(listed(&core, "b%b", None).await, ["bob"]);
    assert_eq!(listed(&core, "_", None).await, ["a_b"]);
    assert_eq!(listed(&core, "ÉMI", None).await, ["Émile"]);
    assert_eq!(listed(&core, "雷", None).await, ["李雷"]);
    assert_eq!(listed(&core, "nobody", None).await, [] as [String; 0]);
    assert!(listed(&core, "a\0", None).await.is_empty(), "no text in the database has that");
    let administrators = listed(&core, "", Some(accounts::Filter::Administrators)).await;
    assert!(administrators.len() == 2 && administrators.contains(&"Émile".to_owned()), "{administrators:?}");
    for bad in ["%", "AA", "gA"] {
        let refused = accounts::list(&core, "", None, 2, Some(bad)).await;
        assert!(matches!(refused, Err(AdminError::BadCursor)), "{bad} {refused:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_is_shown_with_what_is_behind_it(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await;
    open(&core, bob.user_id, b"one").await;
    testing::token(&core, bob.user_id, &testing::terms("t", [Scope::Read])).await;
    let seen = facts(&core, bob.user_id).await.unwrap();
    assert_eq!(seen.entry.last_sign_in_at, None);
    assert_eq!(
        (seen.authenticators, seen.recovery_codes_left, seen.devices, seen.sessions, seen.tokens),
        (1, 10, 0, 1, 1)
    );
    assert!(!seen.email_verified && !seen.is_last_admin && !seen.entry.is_admin);
    clock.advance(Duration::hours(2));
    let right = code(&bob.secret, &clock);
    sign_in::with_code(&core, &HOME.into(), Some(&name("bob")), right).await.unwrap();
    let seen = facts(&core, bob.user_id).await.unwrap();
    assert_eq!(seen.sessions, 0, "it was idle for too long");
    assert_eq!(seen.entry.last_sign_in_at.unwrap().as_str(), "2026-11-20T14:00:00Z");
    assert!(matches!(facts(&core, UserId(uuid::Uuid::nil())).await, Err(AdminError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_smaller_quota_takes_nothing_away(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    intake::accept(&core, ada, "a.png", picture(9)).await.unwrap();
    account::change(&core, By::SYSTEM, ada, quota(ByteSize(1).try_into().unwrap())).await.unwrap();
    let usage = facts(&core, ada).await.unwrap().entry.usage;
    assert_eq!((usage.quota, usage.images), (ByteSize(1), 1));
    assert!(intake::accept(&core, ada, "b.png", picture(8)).await.is_err());
    account::change(&core, By::SYSTEM, ada, quota("1 MiB".parse().unwrap())).await.unwrap();
    intake::accept(&core, ada, "b.png", picture(8)).await.unwrap();
    let changes = log(&core, ada, Action::QuotaChanged).await;
    assert_eq!(changes[1], r#"{"after": "1 MiB", "before": "1 B"}"#);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_overview_counts_by_day(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada", true).await;
    let size = intake::accept(&core, ada.user_id, "a.png", picture(9)).await.unwrap().image.byte_size.bytes();
    // The same bytes are an image of their own where the one before can't be opened by others.
    sqlx::query("UPDATE images SET visibility = 'private'").execute(&core.pool).await.unwrap();
    clock.advance(Duration::days(2));
    assert!(!intake::accept(&core, ada.user_id, "b.png", picture(9)).await.unwrap().existing);
    let right = code(&ada.secret, &clock);
    sign_in::with_code(&core, &HOME.into(), None, right).await.unwrap();
    assert!(sign_in::with_code(&core, &HOME.into(), None, right).await.is_err());
    let seen = overview(&core).await.unwrap();
    assert_eq!((seen.accounts, seen.administrators, seen.suspended, seen.images), (1, 1, 0, 2));
    assert_eq!((seen.used.bytes(), seen.stored.bytes()), (2 * size, size));
    let days: Vec<_> = seen.days.iter().map(|d| (d.stored, d.images, d.sign_ins, d.failures)).collect();
    assert_eq!(days.len(), 30);
    assert_eq!(days[26..], [(0, 0, 0, 0), (size, 1, 0, 0), (size, 0, 0, 0), (2 * size, 1, 1, 1)]);
    assert_eq!((&*seen.days[0].date, &*seen.days[29].date), ("2026-10-24", "2026-11-22"));
    clock.advance(Duration::days(60));
    let later = overview(&core).await.unwrap().days;
    assert!(later.iter().all(|day| day.stored == 2 * size && day.images == 0 && day.sign_ins == 0));
}
