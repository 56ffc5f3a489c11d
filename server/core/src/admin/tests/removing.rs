//! Deleting an account leaves nothing of it behind.

use sqlx::postgres::PgListener;

use super::*;
use crate::images::{ImageError, intake};

/// Every table that has a column with this key in it, but for the log.
async fn mentions(core: &Core, user: UserId) -> Vec<String> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND data_type = 'uuid' AND table_name <> 'audit_log' \
         AND table_name NOT LIKE '\\_%'",
    )
    .fetch_all(&core.pool)
    .await
    .unwrap();
    assert!(columns.len() > 15, "{columns:?}");
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE {column} = $1"));
        let rows: i64 = sqlx::query_scalar(sql).bind(user.0).fetch_one(&core.pool).await.unwrap();
        if rows > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nothing_of_an_account_is_left_and_nothing_of_others_is_missing(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "Bob", true).await.user_id;
    let shared = intake::accept(&core, ada, "a.png", picture(8)).await.unwrap().image;
    let mut slugs =
        vec![intake::accept(&core, bob, "b.png", picture(8)).await.unwrap().image.slug.to_string()];
    slugs.push(intake::accept(&core, bob, "c.png", picture(9)).await.unwrap().image.slug.to_string());
    let binned = intake::accept(&core, bob, "d.png", picture(10)).await.unwrap().image;
    crate::images::library::delete(&core, By::SYSTEM, bob, &[binned.id]).await.unwrap();
    slugs.push(binned.slug.to_string());
    testing::token(&core, bob, &testing::terms("t", [Scope::Read])).await;
    testing::trust(&core, bob, &HOME.into()).await;
    open(&core, bob, b"one").await;
    let client: Client = HOME.into();
    let terms = model::types::InviteTerms {
        note: None,
        quota: None,
        days: model::types::Within::nearest(7),
        mail_to: None,
    };
    let by = By::administrator(bob, &client);
    enrolment::invite(&core, by, &terms, model::types::Language::English).await.unwrap();
    account::reset(&core, By::SYSTEM, bob).await.unwrap();
    assert!(mentions(&core, bob).await.len() >= 7, "{:?}", mentions(&core, bob).await);

    let mut ear = PgListener::connect_with(&core.pool).await.unwrap();
    ear.listen("image_gone").await.unwrap();
    let other = removal::remove(&core, By::SYSTEM, bob, "bo", None).await;
    assert!(matches!(other, Err(AdminError::OtherName)), "{other:?}");
    assert!(facts(&core, bob).await.unwrap().entry.suspended_at.is_none(), "a slip changes nothing");
    removal::remove(&core, By::SYSTEM, bob, " bob ", None).await.unwrap();

    assert_eq!(mentions(&core, bob).await, [] as [String; 0]);
    assert_eq!((count(&core, "images").await, count(&core, "blobs").await), (1, 1));
    let refs: i32 = sqlx::query_scalar("SELECT refs FROM blobs").fetch_one(&core.pool).await.unwrap();
    assert_eq!(
        (refs, count(&core, "enrolment_links").await),
        (1, 0),
        "neither what was made for them nor by them"
    );
    assert_eq!(facts(&core, ada).await.unwrap().entry.usage.used, shared.byte_size);
    assert!(matches!(facts(&core, bob).await, Err(AdminError::NotFound)));
    for _ in 0..slugs.len() {
        let said = ear.recv().await.unwrap();
        slugs.retain(|slug| slug != said.payload());
    }
    assert_eq!(slugs, [] as [String; 0], "every node forgets its images");
    assert_eq!(log(&core, bob, Action::AccountDeleted).await.len(), 1);
    assert_eq!(crate::audit::verify(&core, None).await.unwrap().damage, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_removal_that_was_cut_short_is_carried_on(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    intake::accept(&core, bob, "b.png", picture(8)).await.unwrap();
    sqlx::query("UPDATE users SET removed_at = now(), suspended_at = now() WHERE id = $1")
        .bind(bob.0)
        .execute(&core.pool)
        .await
        .unwrap();
    for act in [
        account::change(&core, By::SYSTEM, bob, suspended(false)).await,
        account::change(&core, By::SYSTEM, bob, role(true)).await,
        removal::remove(&core, By::SYSTEM, bob, "bob", None).await,
    ] {
        assert!(matches!(act, Err(AdminError::NotFound)), "{act:?}");
    }
    // By a node whose clock is ahead.
    sqlx::query("UPDATE images SET deleted_at = '2030-01-01'").execute(&core.pool).await.unwrap();
    assert_eq!(removal::remove_rest(&core, bob).await.unwrap(), 1);
    assert_eq!((count(&core, "users").await, count(&core, "blobs").await), (1, 0));
    assert_eq!(removal::remove_rest(&core, bob).await.unwrap(), 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn uploads_under_way_leave_no_bytes_behind(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    let uploads: Vec<_> = (1..12)
        .map(|side| {
            let core = core.clone();
            tokio::spawn(async move { intake::accept(&core, bob, "x.png", picture(side)).await })
        })
        .collect();
    removal::remove(&core, By::SYSTEM, bob, "bob", None).await.unwrap();
    for upload in uploads {
        match upload.await.unwrap() {
            Ok(_) | Err(ImageError::NotFound) => {}
            Err(other) => panic!("{other}"),
        }
    }
    removal::remove_rest(&core, bob).await.unwrap();
    let left = [count(&core, "images").await, count(&core, "blobs").await, count(&core, "blob_chunks").await];
    assert_eq!((left, count(&core, "users").await), ([0; 3], 1));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn mail_to_an_address_goes_unless_somebody_else_has_it(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    let eve = enrolled(&core, "eve", false).await.user_id;
    for statement in [
        "UPDATE users SET email = 'both@x.example' WHERE name <> 'ada'",
        "INSERT INTO mail_outbox (id, message_id, recipient, kind, state, created_at, gives_up_at, finished_at) \
         VALUES (gen_random_uuid(), 'm', 'Both@x.example', 'test', 'sent', now(), now(), now())",
        "INSERT INTO mail_outbox (id, message_id, recipient, kind, state, created_at, gives_up_at, next_at) \
         VALUES (gen_random_uuid(), 'n', 'both@x.example', 'recovery-code-used', 'queued', now(), now(), now())",
    ] {
        sqlx::query(statement).execute(&core.pool).await.unwrap();
    }
    removal::remove(&core, By::SYSTEM, bob, "bob", None).await.unwrap();
    assert_eq!(count(&core, "mail_outbox").await, 2);
    removal::remove(&core, By::SYSTEM, eve, "eve", None).await.unwrap();
    let waits: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM mail_outbox").fetch_all(&core.pool).await.unwrap();
    assert_eq!(waits, ["recovery-code-used"], "it may say that somebody else did this");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_owner_is_told_and_who_was_put_out_meanwhile_removes_nothing(pool: PgPool) {
    let (mut core, _) = at(pool);
    core.settings = Arc::new(testing::posting());
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    sqlx::query("UPDATE users SET email = name || '@x.example'").execute(&core.pool).await.unwrap();
    let session = testing::session(&core, bob).await;
    account::end_sessions(&core, By::SYSTEM, bob, None).await.unwrap();
    let late = removal::remove(&core, By::SYSTEM, bob, "bob", Some(session)).await;
    assert!(matches!(late, Err(AdminError::Auth(AuthError::SessionEnded))), "{late:?}");
    let session = testing::session(&core, bob).await;
    removal::remove(&core, By::SYSTEM, bob, "bob", Some(session)).await.unwrap();
    assert_eq!(count(&core, "users").await, 1);
    let told: Vec<(String, String)> =
        sqlx::query_as("SELECT kind, recipient FROM mail_outbox").fetch_all(&core.pool).await.unwrap();
    assert_eq!(told, [("account-deleted".into(), "bob@x.example".into())]);
}
