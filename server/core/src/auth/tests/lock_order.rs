//! Whoever waits for a row holds none that the one before wants: else both are refused (40P01).

use model::types::SessionHandle;
use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;

use super::*;
use crate::{
    admin::{self, Change},
    auth::{Client, device, session::SIGNED_IN},
    oidc::{Identity, links},
};

/// Waits until `who` waits for a lock.
async fn until_it_waits<T>(pool: &PgPool, who: &JoinHandle<T>) {
    let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(pool).await.unwrap() {
        assert!(!who.is_finished(), "it waits for nobody");
        tokio::task::yield_now().await;
    }
}

/// Takes what `rows` selects, at once or never.
async fn take(connection: &mut PgConnection, rows: &'static str) {
    let sql = sqlx::AssertSqlSafe(format!("{rows} FOR UPDATE NOWAIT"));
    let taken = sqlx::query(sql).execute(connection).await.unwrap();
    assert!(taken.rows_affected() > 0, "{rows}");
}

/// An account that has everything, with a wizard that is one step from its end: ticket and code.
async fn resetting(core: &Core, clock: &ManualClock) -> (UserId, String, RecoveryCode) {
    let ada = enrolled(core, "ada").await.user_id;
    testing::trust(core, ada, &HOME.into()).await;
    link_identity(core, ada, open(core, ada).await, "a").await;
    let link = enrolment::reset_link(core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let offer = begin(core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), clock);
    let codes = enrolment::confirm(core, &offer.ticket, right).await.unwrap().codes;
    (ada, offer.ticket, codes[0])
}

async fn open(core: &Core, user: UserId) -> SessionHandle {
    let signed_in = session::SignedIn::by_code(user, &HOME.into(), None, core.now());
    let data = serde_json::json!({ (SIGNED_IN): signed_in });
    let life = Lifetime { absolute: Duration::DAY, idle: Duration::DAY };
    assert_eq!(
        session::insert(&core.pool, b"one", Some(user), &data, life, core.now()).await.unwrap(),
        session::Insertion::Stored
    );
    session::handle(b"one")
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://id.example".into(), subject: subject.into(), label: subject.into() }
}

async fn link_identity(core: &Core, user: UserId, session: SessionHandle, subject: &str) {
    links::link(core, By::SYSTEM, user, session, &identity(subject)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_wizard_that_ends_waits_for_the_account_before_it_takes_anything(pool: PgPool) {
    let (core, clock) = at(pool);
    let (user, ticket, typed) = resetting(&core, &clock).await;
    let mut before = core.pool.begin().await.unwrap();
    user::lock(&mut before, user).await.unwrap();
    let wizard = tokio::spawn({
        let core = core.clone();
        async move { enrolment::finish(&core, &HOME.into(), &ticket, typed).await }
    });
    until_it_waits(&core.pool, &wizard).await;
    take(&mut before, "SELECT 1 FROM enrolment_links").await;
    take(&mut before, "SELECT 1 FROM enrolments").await;
    before.commit().await.unwrap();
    assert_eq!(wizard.await.unwrap().unwrap(), user);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn enrolling_anew_ends_devices_and_links_before_sessions(pool: PgPool) {
    let (core, clock) = at(pool);
    let (user, ticket, typed) = resetting(&core, &clock).await;
    let mut before = core.pool.begin().await.unwrap();
    take(&mut before, "SELECT 1 FROM trusted_devices").await;
    let wizard = tokio::spawn({
        let core = core.clone();
        async move { enrolment::finish(&core, &HOME.into(), &ticket, typed).await }
    });
    until_it_waits(&core.pool, &wizard).await;
    take(&mut before, "SELECT 1 FROM oidc_links").await;
    take(&mut before, "SELECT 1 FROM sessions").await;
    before.commit().await.unwrap();
    assert_eq!(wizard.await.unwrap().unwrap(), user);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_act_of_administration_takes_the_log_last(pool: PgPool) {
    let (core, _) = at(pool);
    enrolment::enrol_now(&core, name("root"), None, true).await.unwrap();
    let ada = enrolled(&core, "ada").await.user_id;
    testing::trust(&core, ada, &HOME.into()).await;
    let mut before = core.pool.begin().await.unwrap();
    take(&mut before, "SELECT 1 FROM trusted_devices").await;
    let act = tokio::spawn({
        let core = core.clone();
        let change =
            Change { quota: Some("5 MiB".parse().unwrap()), is_admin: Some(true), suspended: Some(true) };
        async move { admin::change(&core, By::SYSTEM, ada, change).await }
    });
    until_it_waits(&core.pool, &act).await;
    take(&mut before, "SELECT 1 FROM audit_head").await;
    before.commit().await.unwrap();
    act.await.unwrap().unwrap();
    let told: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_log WHERE user_id = $1 ORDER BY sequence DESC LIMIT 3")
            .bind(ada.0)
            .fetch_all(&core.pool)
            .await
            .unwrap();
    assert_eq!(told, ["user_suspended", "role_changed", "quota_changed"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_reset_that_is_forced_takes_the_log_last(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    for (column, value) in [("email", "'ada@mail.example'"), ("email_verified_at", "now()")] {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE users SET {column} = {value}"));
        sqlx::query(sql).execute(&core.pool).await.unwrap();
    }
    let mut before = core.pool.begin().await.unwrap();
    // As a code does that is taken, and recorded then.
    take(&mut before, "SELECT 1 FROM totp_credentials").await;
    let act = tokio::spawn({
        let core = core.clone();
        async move { admin::force_reset(&core, By::SYSTEM, ada).await }
    });
    until_it_waits(&core.pool, &act).await;
    take(&mut before, "SELECT 1 FROM audit_head").await;
    before.commit().await.unwrap();
    act.await.unwrap().unwrap();
    let told: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_log WHERE user_id = $1 ORDER BY sequence DESC LIMIT 3")
            .bind(ada.0)
            .fetch_all(&core.pool)
            .await
            .unwrap();
    assert_eq!(told, ["reset_link_made", "email_changed", "user_suspended"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn linking_another_identity_takes_the_log_last(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let session = open(&core, ada).await;
    link_identity(&core, ada, session, "a").await;
    let mut before = core.pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO oidc_links (issuer, subject, user_id, label, linked_at) VALUES ($1, 'b', $2, '', $3)",
    )
    .bind("https://id.example")
    .bind(bob.0)
    .bind(core.now())
    .execute(&mut *before)
    .await
    .unwrap();
    let linking = tokio::spawn({
        let core = core.clone();
        async move { links::link(&core, By::SYSTEM, ada, session, &identity("b")).await }
    });
    until_it_waits(&core.pool, &linking).await;
    take(&mut before, "SELECT 1 FROM audit_head").await;
    before.rollback().await.unwrap();
    linking.await.unwrap().unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_session_that_is_stored_while_sessions_end_ends_with_them(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let signed_in = session::SignedIn::by_code(ada, &HOME.into(), None, core.now());
    clock.advance(Duration::MICROSECOND);
    let mut ending = core.pool.begin().await.unwrap();
    session::end_all_but(&mut ending, &core, ada, None).await.unwrap();
    let storing = tokio::spawn({
        let pool = core.pool.clone();
        let data = serde_json::json!({ (SIGNED_IN): signed_in });
        let (life, now) = (Lifetime { absolute: Duration::DAY, idle: Duration::DAY }, core.now());
        async move { session::insert(&pool, b"late", Some(ada), &data, life, now).await }
    });
    until_it_waits(&core.pool, &storing).await;
    ending.commit().await.unwrap();
    assert_eq!(storing.await.unwrap().unwrap(), session::Insertion::Ended);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn whoever_ends_the_trust_in_a_device_locks_the_account_first(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (phone, ..) = testing::trust(&core, ada, &HOME.into()).await;
    let mut before = core.pool.begin().await.unwrap();
    user::lock(&mut before, ada).await.unwrap();
    let revoking = tokio::spawn({
        let core = core.clone();
        async move { device::revoke(&core, By::SYSTEM, ada, phone, None).await }
    });
    until_it_waits(&core.pool, &revoking).await;
    take(&mut before, "SELECT 1 FROM trusted_devices").await;
    before.commit().await.unwrap();
    assert!(revoking.await.unwrap().unwrap());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_copied_device_token_ends_the_trust_after_the_account_is_locked(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, token, _) = testing::trust(&core, ada, &HOME.into()).await;
    let browser = Client { device: Some(token), ..HOME.into() };
    device::resume(&core, &browser).await.unwrap();
    clock.advance(Duration::MINUTE);
    let mut before = core.pool.begin().await.unwrap();
    user::lock(&mut before, ada).await.unwrap();
    let reusing = tokio::spawn({
        let core = core.clone();
        async move { device::resume(&core, &browser).await }
    });
    until_it_waits(&core.pool, &reusing).await;
    take(&mut before, "SELECT 1 FROM trusted_devices").await;
    before.commit().await.unwrap();
    let reused = reusing.await.unwrap().unwrap();
    assert!(matches!(reused, device::Resumed::Reused(_)), "{reused:?}");
}
