//! What an owner is told.

use model::types::{Action, AuditDetails};

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_action_tells_its_owner_what_they_must_know_and_no_more(pool: PgPool) {
    let house = House::new(pool).await;
    let client = home();
    for action in Action::ALL {
        let details = AuditDetails { name: Some("Thing".into()), count: Some(3), ..AuditDetails::default() };
        house.note(Event::new(By::user(&client), Some(house.user()), *action).with(details)).await;
        let (kind, says) = match action {
            Action::SignedIn => ("new-device", "A new device signed in"),
            Action::SteppedUp => ("step-up", "3 wrong codes were tried"),
            Action::DeviceTrusted => ("device-trusted", "“Thing” signs in to the account ada without a code"),
            Action::DeviceReused => ("device-reused", "“Thing” keeps to sign in to the account ada"),
            Action::AuthenticatorAdded => ("authenticator-changed", "“Thing” can now sign in"),
            Action::AuthenticatorRemoved => ("authenticator-changed", "“Thing” can no longer sign in"),
            Action::AuthenticatorRotated => ("authenticator-changed", "has a new secret"),
            Action::RecoveryCodesRegenerated => ("recovery-codes-changed", "ten new recovery codes"),
            Action::RecoveryCodeUsed => ("recovery-code-used", "3 codes are left"),
            Action::ResetDone => ("reset-done", "has a new authenticator"),
            Action::EmailChanged => ("email-changed", "goes to this address from now on"),
            Action::TokenCreated => ("token-created", "“Thing” can now use the account ada"),
            Action::AccountDeleted => ("account-deleted", "The account ada is deleted"),
            Action::IdentityLinked => ("identity-changed", "“Thing” at another provider can now"),
            Action::IdentityUnlinked => ("identity-changed", "“Thing” at another provider can no longer"),
            _ => {
                assert_eq!(house.told().await, [], "{action:?}");
                continue;
            }
        };
        let [mail] = house.mails().await.try_into().unwrap();
        assert_eq!((mail.kind.as_str(), mail.to.as_str()), (kind, "ada@mail.example"), "{action:?}");
        let said = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [says, "IP address: 192.0.2.7", "Device: Firefox on Linux"] {
            assert!(format!("{} {said}", mail.subject).contains(part), "{part} in {said}");
        }
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_change_of_address_is_told_at_both_in_the_language_of_its_owner(pool: PgPool) {
    let house = House::new(pool).await;
    let client = home();
    let changed = |before: &str, after: &str| {
        let event = Event::new(By::user(&client), Some(house.user()), Action::EmailChanged);
        event.with(AuditDetails::changed(before, after))
    };
    house
        .execute("UPDATE users SET email = 'new@mail.example', language = 'zh' WHERE id = $1", house.user())
        .await;
    house.note(changed("ada@mail.example", "new@mail.example")).await;
    let [old, new] = house.mails().await.try_into().unwrap();
    assert_eq!((old.to.as_str(), new.to.as_str()), ("ada@mail.example", "new@mail.example"));
    assert!(
        old.text.contains("最后一封") && new.text.contains("将发送到此邮箱"),
        "{} {}",
        old.text,
        new.text
    );
    assert!(!old.text.contains("new@mail.example"), "whoever reads the old one needn't know: {}", old.text);
    house.execute("UPDATE users SET email = NULL WHERE id = $1", house.user()).await;
    house.note(changed("new@mail.example", "")).await;
    let [gone] = house.mails().await.try_into().unwrap();
    assert_eq!(gone.to, "new@mail.example");
    house.execute("UPDATE users SET email = 'ada@mail.example' WHERE id = $1", house.user()).await;
    house.note(changed("", "ada@mail.example")).await;
    assert_eq!(house.told().await, [to_ada("email-changed")]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_undone_is_not_told(pool: PgPool) {
    let house = House::new(pool).await;
    let client = home();
    let event = Event::new(By::user(&client), Some(house.user()), Action::SignedIn);
    let mut transaction = house.core.pool.begin().await.unwrap();
    record(&mut transaction, &house.core, &event).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(house.told().await, []);
    house.note(event).await;
    assert_eq!(house.told().await, [to_ada("new-device")], "nor remembered");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_has_no_address_is_told_nothing_and_signs_in_all_the_same(pool: PgPool) {
    let house = House::new(pool).await;
    house.execute("UPDATE users SET email = NULL WHERE id = $1", house.user()).await;
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_name_that_its_owner_gave_a_device_is_in_the_mail(pool: PgPool) {
    let house = House::new(pool).await;
    let client = home();
    let (id, ..) = testing::trust(&house.core, house.user(), &client).await;
    let by = By::user(&client);
    let label = "Ada's desk".parse().unwrap();
    assert!(crate::auth::device::rename(&house.core, by, house.user(), id, &label).await.unwrap());
    house.mails().await;
    house.note(Event::new(by.at(Some(id)), Some(house.user()), Action::RecoveryCodesRegenerated)).await;
    let [mail] = house.mails().await.try_into().unwrap();
    assert!(mail.text.contains("Device: Ada's desk"), "{}", mail.text);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_guessed_account_is_told_of_once_a_day(pool: PgPool) {
    let house = House::new(pool).await;
    let stepped_up = || Event::new(By::SYSTEM, Some(house.user()), Action::SteppedUp);
    for host in 0..5 {
        let from = client(&format!("198.51.100.{host}"), FIREFOX);
        house.try_code(&from, "ada", house.wrong()).await.unwrap_err();
    }
    let [mail] = house.mails().await.try_into().unwrap();
    assert_eq!((mail.kind.as_str(), mail.to.as_str()), ("step-up", "ada@mail.example"));
    assert!(
        mail.text.contains("5 wrong codes were tried") && mail.text.contains("198.51.100.4"),
        "{}",
        mail.text
    );
    house.note(stepped_up()).await;
    house.clock.advance(Duration::DAY - Duration::SECOND);
    house.note(stepped_up()).await;
    assert_eq!(house.told().await, []);
    house.clock.advance(Duration::SECOND);
    house.note(stepped_up()).await;
    assert_eq!(house.told().await, [to_ada("step-up")]);
    let bob = testing::user(&house.core.pool, "bob", 1).await;
    house.execute("UPDATE users SET email = 'bob@mail.example' WHERE id = $1", bob).await;
    house.note(Event::new(By::SYSTEM, Some(bob), Action::SteppedUp)).await;
    assert_eq!(house.told().await.len(), 1, "another account has a day of its own");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn whoever_is_guessed_at_the_last_try_does_the_same_work(pool: PgPool) {
    let house = House::new(pool).await;
    for (net, who) in [(100, "ada"), (101, "nobody")] {
        for host in 0..5 {
            let from = client(&format!("198.51.{net}.{host}"), FIREFOX);
            house.try_code(&from, who, house.wrong()).await.unwrap_err();
        }
    }
    step_up::settled(&house.core).await;
    let entries: Vec<(String, bool, Option<String>, i64)> = sqlx::query_as(
        "SELECT action, user_id IS NULL, agent, (SELECT count(*) FROM mail_outbox m WHERE m.xmin = l.xmin) \
         FROM audit_log l WHERE action IN ('sign_in_failed', 'stepped_up') ORDER BY action, user_id, sequence",
    )
    .fetch_all(&house.core.pool)
    .await
    .unwrap();
    let entry = |action: &str, nobodys, mails| (action.to_owned(), nobodys, Some(FIREFOX.to_owned()), mails);
    let mut expected = vec![entry("sign_in_failed", false, 0); 5];
    expected.extend(vec![entry("sign_in_failed", true, 0); 5]);
    expected.extend([entry("stepped_up", false, 1), entry("stepped_up", true, 0)]);
    assert_eq!(entries, expected, "mails of the same transaction");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_stopped_node_left_untold_is_told_later(pool: PgPool) {
    let house = House::new(pool).await;
    let mut transaction = house.core.pool.begin().await.unwrap();
    step_up::write_down(&mut transaction, &house.core, Some(house.user()), &home(), 5).await.unwrap();
    transaction.commit().await.unwrap();
    house.clock.advance(Duration::HOUR);
    step_up::record_all(&house.core).await.unwrap();
    assert_eq!(house.told().await, [to_ada("step-up")]);
    step_up::record_all(&house.core).await.unwrap();
    assert_eq!(house.told().await, []);
}
