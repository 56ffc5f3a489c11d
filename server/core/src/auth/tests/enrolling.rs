//! From a link to an account.

use model::types::{EnrolmentKind, Language};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::*;
use crate::{
    auth::{Client, Stretching},
    mail::Queued,
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_wizard_makes_the_first_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let voided = enrolment::setup_link(&core).await.unwrap().unwrap();
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    assert!(matches!(enrolment::link_info(&core, &voided).await, Err(AuthError::LinkInvalid)));
    assert_eq!(enrolment::link_info(&core, &link).await.unwrap().kind, EnrolmentKind::Setup);

    let offer = begin(&core, &link, name("Ada"), "ada@example.org".parse().ok()).await.unwrap();
    let secret = offer.secret.groups.concat();
    assert!(offer.secret.otpauth_url.contains(&secret));
    assert!(offer.secret.qr_svg.starts_with("<svg"), "{}", &offer.secret.qr_svg[..40]);
    assert!(user::find(&core, &name("ada")).await.unwrap().is_none());

    let right = code(&secret, &clock);
    assert!(matches!(
        enrolment::confirm(&core, &offer.ticket, other(right)).await,
        Err(AuthError::WrongCode)
    ));
    let early =
        enrolment::finish(&core, &HOME.into(), &offer.ticket, RecoveryCode::from_bytes([0; 10])).await;
    assert!(matches!(early, Err(AuthError::EnrolmentExpired)));
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    let wrong =
        enrolment::finish(&core, &HOME.into(), &offer.ticket, RecoveryCode::from_bytes([0; 10])).await;
    assert!(matches!(wrong, Err(AuthError::WrongRecoveryCode)));
    assert!(user::find(&core, &name("ada")).await.unwrap().is_none());

    let id = enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[4]).await.unwrap();
    let me = user::me(&core, id).await.unwrap().unwrap();
    assert_eq!((me.name.as_str(), me.is_admin, me.recovery_codes_left), ("Ada", true, 10));
    assert_eq!(me.email.as_ref().map(EmailAddress::as_str), Some("ada@example.org"));
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::LinkInvalid)));
    assert!(enrolment::setup_link(&core).await.unwrap().is_none());

    // The code that enrolled can't sign in as well; the next one can.
    let replay = sign_in::with_code(&core, &HOME.into(), None, right).await;
    assert!(matches!(replay, Err(AuthError::CodeAlreadyUsed { .. })), "{replay:?}");
    clock.advance(Duration::seconds(STEP));
    assert_eq!(
        sign_in::with_code(&core, &HOME.into(), None, code(&secret, &clock)).await.unwrap(),
        Outcome::SignedIn(id)
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_wizards_on_one_set_up_link_make_one_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    let mut ready = Vec::new();
    for text in ["ada", "bob"] {
        let offer = begin(&core, &link, name(text), None).await.unwrap();
        let right = code(&offer.secret.groups.concat(), &clock);
        let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
        ready.push((offer.ticket, codes[0]));
    }
    let client = HOME.into();
    let (one, two) = tokio::join!(
        enrolment::finish(&core, &client, &ready[0].0, ready[0].1),
        enrolment::finish(&core, &client, &ready[1].0, ready[1].1)
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&core.pool).await.unwrap();
    assert_eq!(users, 1);
}

/// From a link to an account, with a mail address that is proved on the way if one is given.
async fn enrol(core: &Core, clock: &ManualClock, who: &str, address: Option<&str>) -> UserId {
    let link = enrolment::create_link(core, By::COMMAND_LINE, &name(who), false).await.unwrap();
    let client = Client { language: Language::Chinese, ..HOME.into() };
    let go_on = async |email| enrolment::begin(core, &client, &link, Some(name(who)), email).await.unwrap();
    let typed = address.map_or(GivenEmail::None, |address| GivenEmail::Typed(address.parse().unwrap()));
    let begun = match go_on(typed).await {
        Begun::ProveEmail { ticket } => {
            let code = Queued::all(core).await.last().unwrap().code().parse().unwrap();
            go_on(GivenEmail::Proof { ticket, code }).await
        }
        begun => begun,
    };
    let Begun::Offer(offer) = begun else { panic!("{begun:?}") };
    let right = code(&offer.secret.groups.concat(), clock);
    let codes = enrolment::confirm(core, &offer.ticket, right).await.unwrap().codes;
    enrolment::finish(core, &client, &offer.ticket, codes[0]).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_gave_an_address_proves_it_and_is_welcomed_once_the_account_exists(pool: PgPool) {
    let (mut core, clock) = at(pool);
    core.settings = Arc::new(testing::posting());
    let ada = enrol(&core, &clock, "ada", Some("ada@mail.example")).await;
    let mails = Queued::all(&core).await;
    let seen: Vec<_> = mails.iter().map(|mail| (mail.to.as_str(), mail.kind.as_str())).collect();
    assert_eq!(seen, [("ada@mail.example", "verify-code"), ("ada@mail.example", "welcome")]);
    assert!(mails[1].text.contains("欢迎"), "in the language of the wizard: {}", mails[1].text);
    let bob = enrol(&core, &clock, "bob", None).await;
    assert_eq!(Queued::all(&core).await.len(), 2, "nothing to somebody without an address");
    let proved = async |user: UserId| -> bool {
        sqlx::query_scalar("SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1")
            .bind(user.0)
            .fetch_one(&core.pool)
            .await
            .unwrap()
    };
    assert_eq!((proved(ada).await, proved(bob).await), (true, false));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn enrolments_and_links_lapse(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), false).await.unwrap();
    let offer = begin(&core, &link, name("somebody-else"), None).await.unwrap();
    assert_eq!(offer.name, name("ada"));
    clock.advance(Duration::minutes(10));
    let late = enrolment::confirm(&core, &offer.ticket, code(&offer.secret.groups.concat(), &clock)).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)));
    clock.advance(Duration::hours(24));
    assert!(matches!(begin(&core, &link, name("ada"), None).await, Err(AuthError::LinkInvalid)));
    assert_eq!(session::sweep(&core.pool, clock.now()).await.unwrap(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn ten_wrong_codes_end_an_enrolment(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), false).await.unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    for _ in 0..10 {
        assert!(matches!(
            enrolment::confirm(&core, &offer.ticket, other(right)).await,
            Err(AuthError::WrongCode)
        ));
    }
    assert!(matches!(
        enrolment::confirm(&core, &offer.ticket, right).await,
        Err(AuthError::EnrolmentExpired)
    ));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_guesses_cannot_pass_an_enrolments_limit(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), true).await.unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let wrong = other(code(&offer.secret.groups.concat(), &clock));
    let tries: Vec<_> = (0..25)
        .map(|_| {
            // Each at another node: one has room for one step of an enrolment at a time.
            let node = Core { stretching: Stretching::default(), ..core.clone() };
            let ticket = offer.ticket.clone();
            tokio::spawn(async move { enrolment::confirm(&node, &ticket, wrong).await })
        })
        .collect();
    let mut verified = 0;
    for outcome in tries {
        verified += usize::from(matches!(outcome.await.unwrap(), Err(AuthError::WrongCode)));
    }
    assert_eq!(verified, 10);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_link_has_five_enrolments_under_way(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), false).await.unwrap();
    let other = enrolment::create_link(&core, By::COMMAND_LINE, &name("bob"), false).await.unwrap();
    let tries = (0..8).map(|_| begin(&core, &link, name("ada"), None));
    let begun = futures::future::join_all(tries).await;
    assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 5);
    let refused =
        begun.iter().filter(|begun| matches!(begun, Err(AuthError::TooManyAttempts { retry_after: 600 })));
    assert_eq!(refused.count(), 3);
    begin(&core, &other, name("bob"), None).await.unwrap();
    clock.advance(Duration::minutes(10));
    begin(&core, &link, name("ada"), None).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_wizard_ends_with_a_single_connection(options: PgPoolOptions, at_test: PgConnectOptions) {
    let patience = std::time::Duration::from_secs(5);
    let pool = options.max_connections(1).acquire_timeout(patience).connect_with(at_test).await.unwrap();
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), false).await.unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    // Nothing remembers the policy that long.
    clock.advance(Duration::MINUTE);
    enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_taken_name_is_refused_at_every_step(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, By::COMMAND_LINE, &name("ada"), false).await.unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    enrolled(&core, "ADA").await;
    let finished = enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await;
    assert!(matches!(finished, Err(AuthError::NameTaken)), "{finished:?}");
    assert!(matches!(begin(&core, &link, name("ada"), None).await, Err(AuthError::NameTaken)));
    assert!(matches!(
        enrolment::create_link(&core, By::COMMAND_LINE, &name("Ada"), false).await,
        Err(AuthError::NameTaken)
    ));
    assert!(matches!(enrolment::enrol_now(&core, name("ada"), None, false).await, Err(AuthError::NameTaken)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_set_up_link_is_worth_nothing_once_there_is_an_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    enrolled(&core, "bob").await;
    let finished = enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await;
    assert!(matches!(finished, Err(AuthError::LinkInvalid)), "{finished:?}");
}

/// Through the wizard: the new secret and codes.
async fn enrol_with(core: &Core, clock: &ManualClock, link: &str) -> (UserId, String, Vec<RecoveryCode>) {
    let offer = begin(core, link, name("somebody"), None).await.unwrap();
    let secret = offer.secret.groups.concat();
    let codes = enrolment::confirm(core, &offer.ticket, code(&secret, clock)).await.unwrap().codes;
    let user = enrolment::finish(core, &HOME.into(), &offer.ticket, codes[0]).await.unwrap();
    (user, secret, codes)
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_lost_every_way_in_enrols_anew_and_the_old_ways_end(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "Ada").await;
    let bob = enrolled(&core, "bob").await;
    let lifetime = Lifetime { absolute: Duration::DAY, idle: Duration::DAY };
    for (id, user) in [(b"ada", ada.user_id), (b"bob", bob.user_id)] {
        let data = serde_json::json!({});
        assert_eq!(
            session::insert(&core.pool, id, Some(user), &data, lifetime, clock.now()).await.unwrap(),
            session::Insertion::Stored
        );
    }
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ADA")).await.unwrap().unwrap();
    let info = enrolment::link_info(&core, &link).await.unwrap();
    assert_eq!((info.kind, info.name), (EnrolmentKind::Reset, Some(name("Ada"))));

    // Until the wizard is finished nothing has changed.
    let offer = begin(&core, &link, name("x"), None).await.unwrap();
    let pending = code(&offer.secret.groups.concat(), &clock);
    enrolment::confirm(&core, &offer.ticket, pending).await.unwrap();
    let old = sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&ada.secret, &clock)).await;
    assert_eq!(old.unwrap(), Outcome::SignedIn(ada.user_id));

    let (user, secret, codes) = enrol_with(&core, &clock, &link).await;
    assert_eq!(user, ada.user_id);
    clock.advance(Duration::seconds(STEP));
    let old = sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&ada.secret, &clock)).await;
    assert!(matches!(old, Err(AuthError::WrongCode)), "{old:?}");
    let spent =
        sign_in::with_recovery_code(&core, &HOME.into(), Some(&name("ada")), ada.recovery_codes[0]).await;
    assert!(matches!(spent, Err(AuthError::WrongRecoveryCode)), "{spent:?}");
    assert!(session::load(&core.pool, b"ada", lifetime, clock.now()).await.unwrap().is_none());
    assert!(session::load(&core.pool, b"bob", lifetime, clock.now()).await.unwrap().is_some());
    let new = sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&secret, &clock)).await;
    assert_eq!(new.unwrap(), Outcome::SignedIn(ada.user_id));
    let recovered = sign_in::with_recovery_code(&core, &HOME.into(), Some(&name("ada")), codes[1]).await;
    assert_eq!(recovered.unwrap(), ada.user_id);
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::LinkInvalid)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_reset_link_works_once_for_a_day_and_a_newer_one_voids_it(pool: PgPool) {
    let (core, clock) = at(pool);
    assert!(enrolment::reset_link(&core, By::COMMAND_LINE, &name("nobody")).await.unwrap().is_none());
    let ada = enrolled(&core, "ada").await;
    let voided = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let begun = begin(&core, &voided, name("x"), None).await.unwrap();
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    assert!(matches!(enrolment::link_info(&core, &voided).await, Err(AuthError::LinkInvalid)));
    let late = enrolment::confirm(&core, &begun.ticket, code(&begun.secret.groups.concat(), &clock)).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    clock.advance(Duration::hours(24));
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::LinkInvalid)));
    let still = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert_eq!(still.unwrap(), Outcome::SignedIn(ada.user_id));
}
