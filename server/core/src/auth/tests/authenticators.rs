//! Several authenticators, and others in their places.

use model::types::{Authenticator, AuthenticatorId, Rotation};

use super::*;
use crate::auth::{authenticator, recovery};

pub(super) fn label(text: &str) -> model::types::Label {
    text.parse().unwrap()
}

pub(super) async fn own(core: &Core, user: UserId) -> Vec<Authenticator> {
    authenticator::list(core, user).await.unwrap()
}

/// Adds an authenticator, which is the last in the list; its secret.
pub(super) async fn add(core: &Core, clock: &ManualClock, user: UserId, text: &str) -> String {
    clock.advance(Duration::SECOND);
    let offer = authenticator::begin(core, user, label(text)).await.unwrap();
    let secret = offer.secret.groups.concat();
    authenticator::confirm(core, By::SYSTEM, user, None, &offer.ticket, code(&secret, clock)).await.unwrap();
    secret
}

async fn try_code(core: &Core, secret: &str, clock: &ManualClock) -> Result<Outcome, AuthError> {
    sign_in::with_code(core, &HOME.into(), Some(&name("ada")), code(secret, clock)).await
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_second_authenticator_signs_in_as_well_as_the_first(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    clock.advance(Duration::SECOND);
    let offer = authenticator::begin(&core, ada.user_id, label("Work phone")).await.unwrap();
    let secret = offer.secret.groups.concat();
    assert_eq!((offer.account, offer.name.as_str(), offer.expires_in), (name("ada"), "Work phone", 600));
    // Some apps overwrite what has the same name, and the first one was just "ada".
    assert!(offer.secret.otpauth_url.starts_with("otpauth://totp/reflect:ada%202026-11-20?secret="));
    assert!(offer.secret.otpauth_url.contains(&secret) && offer.secret.qr_svg.starts_with("<svg"));

    let right = code(&secret, &clock);
    let confirm =
        async |code| authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, code).await;
    assert!(matches!(confirm(other(right)).await, Err(AuthError::WrongCode)));
    let id = confirm(right).await.unwrap();
    assert!(matches!(confirm(right).await, Err(AuthError::EnrolmentExpired)), "an offer is taken once");
    let replay = try_code(&core, &secret, &clock).await;
    assert!(matches!(replay, Err(AuthError::CodeAlreadyUsed { .. })), "{replay:?}");
    clock.advance(Duration::seconds(STEP));
    for secret in [&secret, &ada.secret] {
        assert_eq!(try_code(&core, secret, &clock).await.unwrap(), Outcome::SignedIn(ada.user_id));
    }
    let all = own(&core, ada.user_id).await;
    assert_eq!(all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Authenticator", "Work phone"]);
    assert_eq!((all[1].id, all[1].rotation), (id, Rotation::Fresh));
    assert_eq!(all[1].last_used_at, Some(crate::rfc3339(clock.now())));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_offer_lapses_to_the_second(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offers = [
        authenticator::begin(&core, ada.user_id, label("one")).await.unwrap(),
        authenticator::begin(&core, ada.user_id, label("two")).await.unwrap(),
    ];
    let confirm = async |n: usize| {
        let right = code(&offers[n].secret.groups.concat(), &clock);
        authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offers[n].ticket, right).await
    };
    clock.advance(Duration::seconds(599));
    let slip = other(code(&offers[1].secret.groups.concat(), &clock));
    let slip = authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offers[1].ticket, slip).await;
    assert!(matches!(slip, Err(AuthError::WrongCode)), "it stands still");
    clock.advance(Duration::SECOND);
    assert!(matches!(confirm(1).await, Err(AuthError::EnrolmentExpired)));
    assert_eq!(session::sweep(&core.pool, clock.now()).await.unwrap(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn rotating_leaves_the_old_secret_good_until_the_new_one_is_confirmed(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let before = own(&core, ada.user_id).await[0].clone();
    clock.advance(Duration::days(200));
    let offer = authenticator::rotate(&core, ada.user_id, before.id).await.unwrap().unwrap();
    let overtaken = authenticator::rotate(&core, ada.user_id, before.id).await.unwrap().unwrap();
    let secret = offer.secret.groups.concat();
    assert_eq!(try_code(&core, &ada.secret, &clock).await.unwrap(), Outcome::SignedIn(ada.user_id));
    assert!(matches!(try_code(&core, &secret, &clock).await, Err(AuthError::WrongCode)));

    let right = code(&secret, &clock);
    let id =
        authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right).await.unwrap();
    let all = own(&core, ada.user_id).await;
    assert_eq!((all.len(), all[0].id, &all[0].name), (1, id, &before.name));
    assert_ne!(id, before.id);
    assert_eq!((all[0].rotation, &all[0].created_at), (Rotation::Fresh, &crate::rfc3339(clock.now())));
    clock.advance(Duration::seconds(STEP));
    assert!(matches!(try_code(&core, &ada.secret, &clock).await, Err(AuthError::WrongCode)), "gone");
    assert_eq!(try_code(&core, &secret, &clock).await.unwrap(), Outcome::SignedIn(ada.user_id));

    let late = code(&overtaken.secret.groups.concat(), &clock);
    let late = authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &overtaken.ticket, late).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "what it replaces is gone: {late:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_first_code_of_the_old_secret_is_worth_nothing_after_rotating(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    attack(&core, "ada", other(code(&ada.secret, &clock))).await;
    let device = IpAddr::from([203, 0, 113, 9]);
    let first = sign_in::with_code(&core, &device.into(), None, code(&ada.secret, &clock)).await;
    let ticket = asked_for_two(first);
    let old = own(&core, ada.user_id).await[0].id;
    let offer = authenticator::rotate(&core, ada.user_id, old).await.unwrap().unwrap();
    let secret = offer.secret.groups.concat();
    let right = code_after(&secret, &clock, -1);
    authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right).await.unwrap();
    clock.advance(Duration::seconds(STEP));
    for secret in [&ada.secret, &secret] {
        let second = sign_in::with_second_code(&core, &device.into(), &ticket, code(secret, &clock)).await;
        assert!(matches!(second, Err(AuthError::WrongCode)), "{second:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_adds_one_is_made_and_none_is_a_sixth(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for text in ["two", "three", "four"] {
        add(&core, &clock, ada.user_id, text).await;
    }
    let mut offers = Vec::new();
    for n in 0..6 {
        offers.push(authenticator::begin(&core, ada.user_id, label(&format!("more {n}"))).await.unwrap());
    }
    let tries: Vec<_> = offers
        .into_iter()
        .map(|offer| {
            let right = code(&offer.secret.groups.concat(), &clock);
            let core = core.clone();
            tokio::spawn(async move {
                authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right).await
            })
        })
        .collect();
    let (mut added, mut refused) = (0, 0);
    for outcome in tries {
        match outcome.await.unwrap() {
            Ok(_) => added += 1,
            Err(AuthError::EnrolmentExpired) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((added, refused, own(&core, ada.user_id).await.len()), (1, 5, 5));
    let sixth = authenticator::begin(&core, ada.user_id, label("sixth")).await;
    assert!(matches!(sixth, Err(AuthError::TooManyAuthenticators)));
    // Another in the place of one of the five is no sixth.
    let id = own(&core, ada.user_id).await[4].id;
    let offer = authenticator::rotate(&core, ada.user_id, id).await.unwrap().unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_confirmations_of_one_offer_make_one_authenticator(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = authenticator::begin(&core, ada.user_id, label("two")).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let confirm = || authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &offer.ticket, right);
    let (one, two) = tokio::join!(confirm(), confirm());
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert_eq!(own(&core, ada.user_id).await.len(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_removals_leave_one(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for text in ["two", "three"] {
        add(&core, &clock, ada.user_id, text).await;
    }
    let tries: Vec<_> = own(&core, ada.user_id)
        .await
        .into_iter()
        .map(|one| {
            let core = core.clone();
            tokio::spawn(
                async move { authenticator::remove(&core, By::SYSTEM, ada.user_id, None, one.id).await },
            )
        })
        .collect();
    let (mut removed, mut refused) = (0, 0);
    for outcome in tries {
        match outcome.await.unwrap() {
            Ok(found) => removed += usize::from(found),
            Err(AuthError::LastAuthenticator) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((removed, refused, own(&core, ada.user_id).await.len()), (2, 1, 1));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_removed_authenticator_signs_in_no_more(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let secret = add(&core, &clock, ada.user_id, "two").await;
    let first = own(&core, ada.user_id).await[0].id;
    assert!(authenticator::remove(&core, By::SYSTEM, ada.user_id, None, first).await.unwrap());
    assert!(!authenticator::remove(&core, By::SYSTEM, ada.user_id, None, first).await.unwrap());
    clock.advance(Duration::seconds(STEP));
    assert!(matches!(try_code(&core, &ada.secret, &clock).await, Err(AuthError::WrongCode)));
    assert_eq!(try_code(&core, &secret, &clock).await.unwrap(), Outcome::SignedIn(ada.user_id));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_name_is_one_authenticators_whatever_its_case(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    add(&core, &clock, ada.user_id, "phone").await;
    let taken = authenticator::begin(&core, ada.user_id, label("PHONE")).await;
    assert!(matches!(taken, Err(AuthError::NameTaken)));
    let other = own(&core, ada.user_id).await[0].id;
    let begun = authenticator::begin(&core, ada.user_id, label("Laptop")).await.unwrap();
    assert!(authenticator::rename(&core, By::SYSTEM, ada.user_id, other, &label("laptop")).await.unwrap());
    let late = code(&begun.secret.groups.concat(), &clock);
    let late = authenticator::confirm(&core, By::SYSTEM, ada.user_id, None, &begun.ticket, late).await;
    assert!(matches!(late, Err(AuthError::NameTaken)), "{late:?}");
    let all = own(&core, ada.user_id).await;
    let renamed = authenticator::rename(&core, By::SYSTEM, ada.user_id, all[0].id, &label("Phone")).await;
    assert!(matches!(renamed, Err(AuthError::NameTaken)));
    assert!(
        authenticator::rename(&core, By::SYSTEM, ada.user_id, all[1].id, &label("PHONE")).await.unwrap(),
        "its own"
    );
    assert_eq!(own(&core, ada.user_id).await[1].name, "PHONE");
    authenticator::begin(&core, bob.user_id, label("Phone")).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_touches_anothers(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    add(&core, &clock, ada.user_id, "two").await;
    let before = own(&core, ada.user_id).await;
    for id in [before[0].id, AuthenticatorId(uuid::Uuid::nil())] {
        assert!(!authenticator::rename(&core, By::SYSTEM, bob.user_id, id, &label("mine")).await.unwrap());
        assert!(!authenticator::remove(&core, By::SYSTEM, bob.user_id, None, id).await.unwrap());
        assert!(authenticator::rotate(&core, bob.user_id, id).await.unwrap().is_none());
    }
    let offer = authenticator::begin(&core, ada.user_id, label("three")).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let stolen = authenticator::confirm(&core, By::SYSTEM, bob.user_id, None, &offer.ticket, right).await;
    assert!(matches!(stolen, Err(AuthError::EnrolmentExpired)), "{stolen:?}");
    let codes = recovery::begin(&core, ada.user_id).await.unwrap();
    let stolen = recovery::confirm(&core, By::SYSTEM, bob.user_id, &codes.ticket, codes.codes[0]).await;
    assert!(matches!(stolen, Err(AuthError::EnrolmentExpired)), "{stolen:?}");
    assert_eq!(own(&core, ada.user_id).await, before);
    assert_eq!(own(&core, bob.user_id).await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn adding_rotating_and_removing_end_the_other_sessions(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    let user = ada.user_id;
    let lifetime = Lifetime { absolute: Duration::DAY, idle: Duration::DAY };
    let open = async || {
        for (id, owner) in [(b"kept", user), (b"ends", user), (b"bobs", bob.user_id)] {
            let signed_in = session::SignedIn::by_code(owner, &HOME.into(), None, clock.now());
            let data = serde_json::json!({ (session::SIGNED_IN): signed_in });
            session::insert(&core.pool, id, Some(owner), &data, lifetime, clock.now()).await.unwrap();
        }
    };
    let left = async || {
        let mut left = Vec::new();
        for id in [b"kept", b"ends", b"bobs"] {
            if session::load(&core.pool, id, lifetime, clock.now()).await.unwrap().is_some() {
                left.push(std::str::from_utf8(id).unwrap());
            }
        }
        left
    };
    let keep = Some(session::handle(b"kept"));
    let confirm = async |offer: model::types::AuthenticatorOffer, right: bool| {
        let code = code(&offer.secret.groups.concat(), &clock);
        let code = if right { code } else { other(code) };
        authenticator::confirm(&core, By::SYSTEM, user, keep, &offer.ticket, code).await
    };
    open().await;
    let offer = authenticator::begin(&core, user, label("two")).await.unwrap();
    confirm(offer.clone(), false).await.unwrap_err();
    assert_eq!(left().await, ["kept", "ends", "bobs"], "nothing has changed yet");
    let id = confirm(offer, true).await.unwrap();
    assert_eq!(left().await, ["kept", "bobs"]);

    open().await;
    authenticator::rename(&core, By::SYSTEM, user, id, &label("Second")).await.unwrap();
    assert_eq!(left().await, ["kept", "ends", "bobs"], "a name opens nothing");
    let offer = authenticator::rotate(&core, user, id).await.unwrap().unwrap();
    let id = confirm(offer, true).await.unwrap();
    assert_eq!(left().await, ["kept", "bobs"]);

    open().await;
    authenticator::remove(&core, By::SYSTEM, user, keep, id).await.unwrap();
    assert_eq!(left().await, ["kept", "bobs"]);

    let recorded: Vec<(String, String)> = sqlx::query_as(
        "SELECT action, coalesce(details->>'name', details->>'before') FROM audit_log \
         WHERE actor = 'system' AND user_id = $1 ORDER BY sequence",
    )
    .bind(user.0)
    .fetch_all(&core.pool)
    .await
    .unwrap();
    let recorded: Vec<_> = recorded.iter().map(|(action, name)| (action.as_str(), name.as_str())).collect();
    let expected = [("added", "two"), ("renamed", "two"), ("rotated", "Second"), ("removed", "Second")];
    let expected = expected.map(|(act, name)| (format!("authenticator_{act}"), name));
    assert_eq!(recorded, expected.each_ref().map(|(action, name)| (action.as_str(), *name)));
}
