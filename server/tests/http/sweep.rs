//! What the server removes, ends and carries on by itself.

use std::time::Duration as Wait;

use reflect_server::Workers;
use sqlx::{PgPool, raw_sql};
use uuid::Uuid;

use crate::support::{App, pictures::png};

/// One row that has lapsed, or waits, in every table that a sweep looks after.
const LAPSED: &str = "
    INSERT INTO sessions (id_hash, data, created_at, last_seen_at, expires_at)
        VALUES ('a', '{}', '2026-11-01', '2026-11-01', '2026-11-02');
    INSERT INTO captcha_challenges (id_hash, address, purpose, key_id, sealed, issued_at, expires_at)
        VALUES ('a', '192.0.2.1', 'reset', 'k', '', '2026-11-01', '2026-11-01');
    INSERT INTO alert_pauses VALUES ('site_stepped_up', gen_random_uuid(), '2026-01-01');
    INSERT INTO step_ups VALUES (gen_random_uuid(), NULL, 5, '192.0.2.1', '', '2026-11-20 11:00Z');
    INSERT INTO reset_requests VALUES (gen_random_uuid(), 'nobody@mail.example', 'en', '192.0.2.1', '',
        '2026-11-20 11:59Z');
    INSERT INTO email_codes (ticket_hash, subject, address, created_at, expires_at)
        VALUES ('a', 'a', '192.0.2.1', '2026-11-20 11:59Z', '2026-11-20 12:09Z');
    INSERT INTO taken_names VALUES (gen_random_uuid(), 'a', '192.0.2.1', '2026-11-20 10:59Z');
    INSERT INTO sign_in_mails VALUES ('a', NULL, '', '2026-11-20 11:59Z');
    INSERT INTO mail_outbox (id, message_id, recipient, kind, state, created_at, gives_up_at, finished_at)
        VALUES (gen_random_uuid(), 'a', 'a@mail.example', 'welcome', 'sent', '2026-01-01', '2026-01-02', '2026-01-01');
    INSERT INTO albums (id, owner_id, name, position, created_at)
        SELECT '01890000-0000-7000-8000-000000000000', id, 'a', 1, '2026-01-01' FROM users WHERE name = 'ada';
    INSERT INTO album_shares (album_id, slug) VALUES ('01890000-0000-7000-8000-000000000000', 'aaaaaaaaaaaaaaa');
    INSERT INTO album_tries VALUES (gen_random_uuid(), '01890000-0000-7000-8000-000000000000', '192.0.2.1', '2026-01-01');
    INSERT INTO upload_keys (owner_id, key, created_at, holder, held_until)
        SELECT id, 'a', '2026-11-01', id, '2026-11-01' FROM users WHERE name = 'ada';
    INSERT INTO uploads (id, owner_id, length, filename, visibility, created_at, expires_at)
        SELECT gen_random_uuid(), id, 5, 'a', 'private', '2026-11-01', '2026-11-02' FROM users WHERE name = 'ada';
    UPDATE users SET removed_at = '2026-11-20 11:00Z' WHERE name = 'gone';
    INSERT INTO jobs (kind, subject, due_at) SELECT 'remove-account', id, removed_at FROM users WHERE name = 'gone';
    UPDATE images SET likeness = NULL WHERE filename = 'kept.png';
    INSERT INTO image_views SELECT id, '2025-01-01', owner_id, 1 FROM images WHERE filename = 'kept.png';
    -- An authenticator that is due, and an address to be told.
    UPDATE users SET email = 'old@mail.example', email_verified_at = '2026-01-01' WHERE name = 'old';
    UPDATE totp_credentials SET created_at = '2026-01-01';
";

/// What is left to be done of it: nothing, when all of it was called.
const LEFT: [&str; 18] = [
    "sessions",
    "captcha_challenges",
    "alert_pauses",
    "step_ups",
    "taken_names",
    "reset_requests WHERE handled_at IS NULL",
    "sign_in_mails WHERE handled_at IS NULL",
    "mail_outbox WHERE state = 'sent'",
    "album_tries",
    "image_views",
    "upload_keys",
    "uploads",
    "images WHERE likeness IS NULL OR colors IS NULL OR thumbhash IS NULL",
    "users WHERE removed_at IS NOT NULL",
    "jobs WHERE kind = 'remove-account'",
    "images WHERE filename = 'lapsed.png' AND deleted_at IS NULL",
    "images WHERE filename = 'binned.png'",
    "users u WHERE name = 'old' AND NOT EXISTS (SELECT 1 FROM mail_outbox WHERE kind = 'rotation-due')",
];

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn workers_reach_everything_that_lapses(pool: PgPool) {
    let app = App::with(pool.clone(), |setup| setup.settings = reflect_core::testing::posting());
    let ada = app.person("ada").await;
    app.person("gone").await;
    app.enrol("old").await;
    for name in ["lapsed.png", "binned.png", "kept.png"] {
        app.upload(&ada, name, &png(8, 8)).await;
    }
    raw_sql(
        "UPDATE images SET expires_at = '2026-11-20 11:00Z' WHERE filename = 'lapsed.png';
         UPDATE images SET deleted_at = '2026-11-01' WHERE filename = 'binned.png'",
    )
    .execute(&pool)
    .await
    .unwrap();
    raw_sql(LAPSED).execute(&pool).await.unwrap();
    let left = async || {
        let mut left = Vec::new();
        for rows in LEFT {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {rows}"));
            if sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap() > 0 {
                left.push(rows);
            }
        }
        left
    };
    assert_eq!(left().await, LEFT, "all of it is there to be done");
    let workers = Workers::start(app.core());
    let done = tokio::time::timeout(Wait::from_secs(60), async {
        while !left().await.is_empty() {
            tokio::time::sleep(Wait::from_millis(50)).await;
        }
    });
    assert!(done.await.is_ok(), "not done: {:?}", left().await);
    workers.stop().await;
    let kept: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT owner_id, filename FROM images WHERE deleted_at IS NULL")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(kept, [(ada.id.0, "kept.png".to_owned())]);
}
