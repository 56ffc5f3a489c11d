//! What ends an authenticator or recovery codes that are on offer.

use super::{
    authenticators::{add, label, own},
    *,
};
use crate::{
    admin,
    auth::{authenticator, device, recovery},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn whatever_ends_other_sessions_voids_what_was_offered_in_them(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let bob = enrolled(&core, "bob").await.user_id;
    add(&core, &clock, ada, "spare").await;
    let bobs = authenticator::begin(&core, bob, label("two")).await.unwrap();
    for how in ["add", "rotate", "remove", "a device", "all devices", "one", "the others", "an administrator"]
    {
        let stolen = authenticator::begin(&core, ada, label("an intruder's")).await.unwrap();
        let codes = recovery::begin(&core, ada).await.unwrap();
        clock.advance(Duration::SECOND);
        match how {
            "add" => drop(add(&core, &clock, ada, "mine").await),
            "rotate" => {
                let id = own(&core, ada).await[1].id;
                let offer = authenticator::rotate(&core, ada, id).await.unwrap().unwrap();
                let right = code(&offer.secret.groups.concat(), &clock);
                authenticator::confirm(&core, By::SYSTEM, ada, None, &offer.ticket, right).await.unwrap();
            }
            "remove" => {
                let id = own(&core, ada).await[1].id;
                assert!(authenticator::remove(&core, By::SYSTEM, ada, None, id).await.unwrap());
            }
            "a device" => {
                let (phone, ..) = testing::trust(&core, ada, &HOME.into()).await;
                assert!(device::revoke(&core, By::SYSTEM, ada, phone, None).await.unwrap());
            }
            "all devices" => device::revoke_all(&core, By::SYSTEM, ada, None).await.unwrap(),
            "one" => {
                let one = testing::session(&core, ada).await;
                assert!(session::end(&core, By::SYSTEM, ada, one).await.unwrap());
            }
            "the others" => drop(session::end_others(&core, By::SYSTEM, ada, None).await.unwrap()),
            _ => drop(admin::end_sessions(&core, By::SYSTEM, ada, None).await.unwrap()),
        }
        let before = own(&core, ada).await;
        let late = code(&stolen.secret.groups.concat(), &clock);
        let late = authenticator::confirm(&core, By::SYSTEM, ada, None, &stolen.ticket, late).await;
        assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{how}: {late:?}");
        let late = recovery::confirm(&core, By::SYSTEM, ada, &codes.ticket, codes.codes[0]).await;
        assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{how}: {late:?}");
        assert_eq!(own(&core, ada).await, before, "{how}");
    }
    let right = code(&bobs.secret.groups.concat(), &clock);
    authenticator::confirm(&core, By::SYSTEM, bob, None, &bobs.ticket, right).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_stored_after_the_session_ended_in_which_it_was_asked_for_is_void(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let stolen = authenticator::begin(&core, ada, label("an intruder's")).await.unwrap();
    let codes = recovery::begin(&core, ada).await.unwrap();
    clock.advance(Duration::SECOND);
    // As if the others had been ended while these were made.
    let ended = sqlx::query("UPDATE users SET sessions_since = $1").bind(clock.now());
    ended.execute(&core.pool).await.unwrap();
    let right = code(&stolen.secret.groups.concat(), &clock);
    let late = authenticator::confirm(&core, By::SYSTEM, ada, None, &stolen.ticket, right).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    let late = recovery::confirm(&core, By::SYSTEM, ada, &codes.ticket, codes.codes[0]).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    let mine = recovery::begin(&core, ada).await.unwrap();
    recovery::confirm(&core, By::SYSTEM, ada, &mine.ticket, mine.codes[0]).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_enrols_anew_voids_what_is_offered(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = authenticator::begin(&core, ada.user_id, label("an intruder's")).await.unwrap();
    let codes = recovery::begin(&core, ada.user_id).await.unwrap();
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let begun = begin(&core, &link, name("x"), None).await.unwrap();
    let right = code(&begun.secret.groups.concat(), &clock);
    let new = enrolment::confirm(&core, &begun.ticket, right).await.unwrap();
    enrolment::finish(&core, &HOME.into(), &begun.ticket, new.codes[0]).await.unwrap();

    let right = code(&offer.secret.groups.concat(), &clock);
    let late = authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    let late = recovery::confirm(&core, By::SYSTEM, ada.user_id, &codes.ticket, codes.codes[0]).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    assert_eq!(own(&core, ada.user_id).await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn secrets_on_offer_are_sealed_and_codes_hashed(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = authenticator::begin(&core, ada.user_id, label("two")).await.unwrap();
    let codes = recovery::begin(&core, ada.user_id).await.unwrap();
    let secret = totp_rs::Secret::try_from_base32(offer.secret.groups.concat()).unwrap();
    let (stored, sealed): (String, Vec<u8>) =
        sqlx::query_as("SELECT r.codes::text, o.sealed FROM authenticator_offers o, recovery_code_offers r")
            .fetch_one(&core.pool)
            .await
            .unwrap();
    let plain: &[u8] = secret.as_ref();
    assert!(!sealed.windows(plain.len()).any(|window| window == plain));
    assert_eq!(stored.matches("$argon2id$").count(), 10);
    for code in codes.codes {
        assert!(!stored.contains(&code.reveal()));
    }
}
