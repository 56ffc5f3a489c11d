//! What administrators are told.

use model::types::{Action, AuditDetails, AuditFilter};
use sqlx::types::Uuid;

use super::*;
use crate::{
    alert::sweep,
    audit::{Scope, list},
    auth::policy::SITE,
};

/// Failures elsewhere, from one address each, the last of them now.
async fn failures(house: &House, count: usize) {
    sqlx::query(
        "INSERT INTO auth_attempts (id, at, address, account, kind) \
         SELECT gen_random_uuid(), $1::timestamptz - n * interval '1 second', '203.0.113.' || n, $2, 'code' \
         FROM generate_series(0, $3) AS n",
    )
    .bind(house.clock.now())
    .bind(Uuid::nil().as_bytes().as_slice())
    .bind(i32::try_from(count).unwrap() - 1)
    .execute(&house.core.pool)
    .await
    .unwrap();
}

async fn recorded(house: &House) -> usize {
    let filter = AuditFilter { action: Some(Action::SiteSteppedUp), ..AuditFilter::default() };
    list(&house.core, Scope::All, &filter, 200, None).await.unwrap().items.len()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_burst_is_told_to_administrators_once_a_day_in_their_language(pool: PgPool) {
    let house = House::new(pool).await.with_administrator().await;
    failures(&house, SITE.failures - 2).await;
    let fail = async |host: u8| {
        let from = client(&format!("198.51.100.{host}"), FIREFOX);
        house.try_code(&from, "ada", house.wrong()).await
    };
    fail(1).await.unwrap_err();
    assert_eq!((house.told().await, recorded(&house).await), (vec![], 0), "one is left");
    fail(2).await.unwrap_err();
    let [mail] = house.mails().await.try_into().unwrap();
    assert_eq!((mail.kind.as_str(), mail.to.as_str()), ("failure-burst", "root@mail.example"));
    assert!(mail.text.contains("来自 100 个 IP 地址的 100 次登录失败"), "{}", mail.text);
    // From here on two codes are asked for, and pairs that fail are failures too.
    for host in 3..6 {
        let Ok(Outcome::NeedSecondCode(ticket)) = fail(host).await else { panic!("one code was enough") };
        let from = client(&format!("198.51.100.{host}"), FIREFOX);
        sign_in::with_second_code(&house.core, &from, &ticket, house.wrong()).await.unwrap_err();
    }
    assert_eq!((house.told().await, recorded(&house).await), (vec![], 1));
    house.clock.advance(Duration::DAY);
    assert_eq!(sweep(&house.core.pool, house.clock.now()).await.unwrap(), 1);
    failures(&house, SITE.failures - 1).await;
    fail(9).await.unwrap_err();
    assert_eq!((house.told().await.len(), recorded(&house).await), (1, 2));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_trusted_device_fails_is_no_burst(pool: PgPool) {
    let house = House::new(pool).await.with_administrator().await;
    failures(&house, SITE.failures).await;
    let (_, token, _) = testing::trust(&house.core, house.user(), &home()).await;
    house.mails().await;
    let trusted = Client { device: Some(token), ..home() };
    house.try_code(&trusted, "ada", house.wrong()).await.unwrap_err();
    assert_eq!((house.told().await, recorded(&house).await), (vec![], 0));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_damaged_log_is_told_to_administrators_with_the_next_entry(pool: PgPool) {
    let house = House::new(pool).await.with_administrator().await;
    for sql in [
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only",
        "DELETE FROM audit_log WHERE sequence = (SELECT max(sequence) FROM audit_log)",
        "ALTER TABLE audit_log ENABLE TRIGGER audit_log_append_only",
    ] {
        sqlx::query(sql).execute(&house.core.pool).await.unwrap();
    }
    let event = Event::new(By::COMMAND_LINE, Some(house.user()), Action::TokenRevoked);
    house.note(event.clone().with(AuditDetails::named("laptop"))).await;
    let [mail] = house.mails().await.try_into().unwrap();
    assert_eq!((mail.kind.as_str(), mail.to.as_str()), ("log-damaged", "root@mail.example"));
    assert!(mail.text.contains("reflect verify"), "{}", mail.text);
    house.note(event).await;
    assert_eq!(house.told().await, [], "it is whole again from there on");
}
