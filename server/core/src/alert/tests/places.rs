//! New devices.

use model::types::{Proof, RecoveryCode};

use super::*;
use crate::{
    alert::sweep,
    auth::device::{self, Resumed},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_new_device_is_told_once_with_its_name_address_and_time(pool: PgPool) {
    let house = House::new(pool).await;
    house.sign_in(&home()).await;
    let [mail] = house.mails().await.try_into().unwrap();
    assert_eq!((mail.kind.as_str(), mail.to.as_str()), ("new-device", "ada@mail.example"));
    assert_eq!(mail.subject, "[reflect] A new device signed in");
    for part in [
        "the account ada",
        "When: 20 November 2026, 12:00 UTC",
        "Device: Firefox on Linux",
        "IP address: 192.0.2.7",
        "http://localhost/settings/activity",
    ] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_place_is_a_program_in_a_network(pool: PgPool) {
    let house = House::new(pool).await;
    for (address, agent, is_new) in [
        ("192.0.2.7", FIREFOX, true),
        ("192.0.2.250", FIREFOX, false),
        ("::ffff:192.0.2.9", FIREFOX, false),
        ("192.0.2.7", NEWER_FIREFOX, false),
        ("192.0.2.7", PHONE, true),
        ("192.0.3.7", FIREFOX, true),
        ("2001:db8:1:2::1", FIREFOX, true),
        ("2001:db8:1:ffff::1", FIREFOX, false),
        ("2001:db8:2::1", FIREFOX, true),
        ("192.0.2.7", "", true),
        ("192.0.2.7", "", false),
    ] {
        house.sign_in(&client(address, agent)).await;
        let expected = if is_new { vec![to_ada("new-device")] } else { vec![] };
        assert_eq!(house.told().await, expected, "{address} {agent}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_place_is_known_to_its_own_account_for_90_days_after_its_last_use(pool: PgPool) {
    let house = House::new(pool).await;
    house.sign_in(&home()).await;
    let days = Duration::days(90);
    house.clock.advance(days - Duration::MINUTE);
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, [to_ada("new-device")]);
    house.clock.advance(days - Duration::MINUTE);
    assert_eq!(sweep(&house.core.pool, house.clock.now()).await.unwrap(), 0);
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, []);
    house.clock.advance(days);
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, [to_ada("new-device")]);
    let bob = testing::user(&house.core.pool, "bob", 1).await;
    house.execute("UPDATE users SET email = 'bob@mail.example' WHERE id = $1", bob).await;
    let client = home();
    let signed_in = Event::new(By::user(&client), Some(bob), model::types::Action::SignedIn);
    house.note(signed_in.with(model::types::AuditDetails::by(Proof::Code))).await;
    assert_eq!(house.told().await, [("new-device".to_owned(), "bob@mail.example".to_owned())]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn lapsed_places_and_those_of_deleted_accounts_are_swept(pool: PgPool) {
    let house = House::new(pool).await;
    house.sign_in(&home()).await;
    house.clock.advance(Duration::days(90));
    house.sign_in(&client("198.51.100.1", PHONE)).await;
    let sweep = || sweep(&house.core.pool, house.clock.now());
    assert_eq!((sweep().await.unwrap(), sweep().await.unwrap()), (1, 0));
    house.execute("DELETE FROM users WHERE id = $1", house.user()).await;
    assert_eq!((sweep().await.unwrap(), sweep().await.unwrap()), (1, 0));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_recovery_code_at_a_new_place_is_told_as_both(pool: PgPool) {
    let house = House::new(pool).await;
    let redeem = async |code: RecoveryCode| {
        sign_in::with_recovery_code(&house.core, &home(), Some(&"ada".parse().unwrap()), code).await
    };
    redeem(house.ada.recovery_codes[0]).await.unwrap();
    assert_eq!(house.told().await, [to_ada("recovery-code-used"), to_ada("new-device")]);
    redeem(house.ada.recovery_codes[1]).await.unwrap();
    let [mail] = house.mails().await.try_into().unwrap();
    assert!(mail.text.contains("8 codes are left"), "{}", mail.text);
    assert!(mail.text.contains("http://localhost/settings/recovery-codes"), "{}", mail.text);
    redeem(house.ada.recovery_codes[1]).await.unwrap_err();
    assert_eq!(house.told().await, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_trusted_device_is_known_wherever_it_goes(pool: PgPool) {
    let house = House::new(pool).await;
    let (_, token, _) = testing::trust(&house.core, house.user(), &home()).await;
    house.mails().await;
    let abroad = Client { device: Some(token), ..client("203.0.113.5", FIREFOX) };
    assert!(matches!(device::resume(&house.core, &abroad).await.unwrap(), Resumed::SignedIn(..)));
    house.sign_in(&client("203.0.113.5", FIREFOX)).await;
    assert_eq!(house.told().await, [], "and where it was is known from then on");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_has_just_enrolled_is_no_new_device_and_enrolling_anew_forgets_all_places(pool: PgPool) {
    let house = House::new(pool).await;
    house.sign_in(&client("198.51.100.66", PHONE)).await;
    house.mails().await;
    let token = enrolment::reset_link(&house.core, By::COMMAND_LINE, &"ada".parse().unwrap()).await;
    let ada = enrol(&house, &token.unwrap().unwrap()).await;
    assert_eq!(house.told().await, [to_ada("reset-done")], "what the mail is about, and no more");
    let house = House { ada, ..house };
    house.sign_in(&home()).await;
    assert_eq!(house.told().await, []);
    house.sign_in(&client("198.51.100.66", PHONE)).await;
    assert_eq!(house.told().await, [to_ada("new-device")]);
}

/// Goes through the wizard at home.
async fn enrol(house: &House, token: &str) -> EnrolledNow {
    use enrolment::GivenEmail;
    let core = &house.core;
    let begun = enrolment::begin(core, &home(), token, "ada".parse().ok(), GivenEmail::None).await;
    let Ok(model::types::Begun::Offer(offer)) = begun else { panic!("{begun:?}") };
    let secret = offer.secret.groups.concat();
    let ada =
        EnrolledNow { user_id: house.user(), secret, otpauth_url: String::new(), recovery_codes: Vec::new() };
    let house = House { core: core.clone(), clock: Arc::clone(&house.clock), ada };
    let codes = enrolment::confirm(core, &offer.ticket, house.code()).await.unwrap().codes;
    enrolment::finish(core, &home(), &offer.ticket, codes[0]).await.unwrap();
    house.ada
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_somebody_signs_in_with_is_what_they_are_written_to_in(pool: PgPool) {
    let house = House::new(pool).await;
    let chinese = Client { language: Language::Chinese, ..home() };
    house.try_code(&chinese, "ada", house.wrong()).await.unwrap_err();
    house.sign_in(&home()).await;
    let [english] = house.mails().await.try_into().unwrap();
    assert_eq!(english.subject, "[reflect] A new device signed in", "a wrong code says nothing of her");
    house.sign_in(&chinese).await;
    house.sign_in(&Client { language: Language::Chinese, ..client("203.0.113.5", FIREFOX) }).await;
    let [chinese] = house.mails().await.try_into().unwrap();
    assert_eq!(chinese.subject, "[reflect] 新设备登录");
    assert!(chinese.text.contains("设备：Firefox on Linux"), "{}", chinese.text);
}
