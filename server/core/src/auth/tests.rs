//! The flows against a real database.

use std::{net::IpAddr, sync::Arc};

use model::types::{RecoveryCode, TotpCode, UserId, Username};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::{
    AuthError, enrolment,
    session::{self, Lifetime, StoredSession},
    sign_in, token,
    totp::{STEP, TotpSecret},
    user,
};
use crate::{Clock, Core, ManualClock, keys::Sealed, testing};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn at(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    (testing::core_at(pool, Arc::clone(&clock)), clock)
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

/// What an authenticator app with this base32 secret shows.
fn code(secret: &str, clock: &ManualClock) -> TotpCode {
    code_after(secret, clock, 0)
}

fn code_after(secret: &str, clock: &ManualClock, steps: i64) -> TotpCode {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
    let seconds = u64::try_from(clock.now().unix_timestamp() + steps * STEP).unwrap();
    totp.generate(seconds).to_string().parse().unwrap()
}

fn other(code: TotpCode) -> TotpCode {
    let number: u32 = code.digits().parse().unwrap();
    format!("{:06}", (number + 500_000) % 1_000_000).parse().unwrap()
}

async fn enrolled(core: &Core, text: &str) -> enrolment::EnrolledNow {
    enrolment::enrol_now(core, name(text), None, false).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_wizard_makes_the_first_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let voided = enrolment::setup_link(&core).await.unwrap().unwrap();
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    assert!(matches!(enrolment::link_info(&core, &voided).await, Err(AuthError::LinkInvalid)));
    assert!(enrolment::link_info(&core, &link).await.unwrap().is_setup);

    let offer = enrolment::begin(&core, &link, name("Ada"), "ada@example.org".parse().ok()).await.unwrap();
    let secret = offer.secret_groups.concat();
    assert!(offer.otpauth_url.contains(&secret));
    assert!(offer.qr_svg.starts_with("<svg"), "{}", &offer.qr_svg[..40]);
    assert!(user::find(&core, &name("ada")).await.unwrap().is_none());

    let right = code(&secret, &clock);
    assert!(matches!(
        enrolment::confirm(&core, &offer.ticket, other(right)).await,
        Err(AuthError::WrongCode)
    ));
    let early = enrolment::finish(&core, &offer.ticket, RecoveryCode::from_bytes([0; 10])).await;
    assert!(matches!(early, Err(AuthError::EnrolmentExpired)));
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes.codes;
    let wrong = enrolment::finish(&core, &offer.ticket, RecoveryCode::from_bytes([0; 10])).await;
    assert!(matches!(wrong, Err(AuthError::WrongRecoveryCode)));
    assert!(user::find(&core, &name("ada")).await.unwrap().is_none());

    let id = enrolment::finish(&core, &offer.ticket, codes[4]).await.unwrap();
    let me = user::me(&core, id).await.unwrap().unwrap();
    assert_eq!((me.name.as_str(), me.is_admin, me.recovery_codes_left), ("Ada", true, 10));
    assert_eq!(me.email.as_ref().map(model::types::EmailAddress::as_str), Some("ada@example.org"));
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::LinkInvalid)));
    assert!(enrolment::setup_link(&core).await.unwrap().is_none());

    // The code that enrolled can't sign in as well; the next one can.
    let replay = sign_in::with_code(&core, HOME, None, right).await;
    assert!(matches!(replay, Err(AuthError::CodeAlreadyUsed { .. })), "{replay:?}");
    clock.advance(Duration::seconds(STEP));
    assert_eq!(sign_in::with_code(&core, HOME, None, code(&secret, &clock)).await.unwrap(), id);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_wizards_on_one_set_up_link_make_one_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    let mut ready = Vec::new();
    for text in ["ada", "bob"] {
        let offer = enrolment::begin(&core, &link, name(text), None).await.unwrap();
        let right = code(&offer.secret_groups.concat(), &clock);
        let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes.codes;
        ready.push((offer.ticket, codes[0]));
    }
    let (one, two) = tokio::join!(
        enrolment::finish(&core, &ready[0].0, ready[0].1),
        enrolment::finish(&core, &ready[1].0, ready[1].1)
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&core.pool).await.unwrap();
    assert_eq!(users, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn enrolments_and_links_lapse(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, &name("ada"), false).await.unwrap();
    let offer = enrolment::begin(&core, &link, name("somebody-else"), None).await.unwrap();
    assert_eq!(offer.name, name("ada"));
    clock.advance(Duration::minutes(10));
    let late = enrolment::confirm(&core, &offer.ticket, code(&offer.secret_groups.concat(), &clock)).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)));
    clock.advance(Duration::hours(24));
    assert!(matches!(enrolment::begin(&core, &link, name("ada"), None).await, Err(AuthError::LinkInvalid)));
    assert_eq!(session::sweep(&core.pool, clock.now()).await.unwrap(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn ten_wrong_codes_end_an_enrolment(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, &name("ada"), false).await.unwrap();
    let offer = enrolment::begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret_groups.concat(), &clock);
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
async fn a_taken_name_is_refused_at_every_step(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, &name("ada"), false).await.unwrap();
    let offer = enrolment::begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret_groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes.codes;
    enrolled(&core, "ADA").await;
    let finished = enrolment::finish(&core, &offer.ticket, codes[0]).await;
    assert!(matches!(finished, Err(AuthError::NameTaken)), "{finished:?}");
    assert!(matches!(enrolment::begin(&core, &link, name("ada"), None).await, Err(AuthError::NameTaken)));
    assert!(matches!(enrolment::create_link(&core, &name("Ada"), false).await, Err(AuthError::NameTaken)));
    assert!(matches!(enrolment::enrol_now(&core, name("ada"), None, false).await, Err(AuthError::NameTaken)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_name_is_asked_for_unless_there_is_one_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let form = sign_in::form(&core).await.unwrap();
    assert!(form.asks_name && !form.has_accounts);
    let ada = enrolled(&core, "ada").await;
    let form = sign_in::form(&core).await.unwrap();
    assert!(!form.asks_name && form.has_accounts);
    let bob = enrolled(&core, "bob").await;
    assert!(sign_in::form(&core).await.unwrap().asks_name);
    let nameless = sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await;
    assert!(matches!(nameless, Err(AuthError::WrongCode)));
    let named = sign_in::with_code(&core, HOME, Some(&name("BOB")), code(&bob.secret, &clock)).await;
    assert_eq!(named.unwrap(), bob.user_id);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_fifty_parallel_tries_with_one_code_one_wins(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let right = code(&ada.secret, &clock);
    let tries = (0..50_u8).map(|host| {
        let core = core.clone();
        // From as many addresses, so that no limit stands in for the check.
        tokio::spawn(async move {
            sign_in::with_code(&core, IpAddr::from([198, 51, 100, host]), None, right).await
        })
    });
    let mut won = 0;
    for outcome in tries.collect::<Vec<_>>() {
        match outcome.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, AuthError::CodeAlreadyUsed { .. }), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_wrong_name_and_a_wrong_code_look_the_same(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    enrolled(&core, "bob").await;
    let wrong = other(code(&ada.secret, &clock));
    for who in ["ada", "nobody"] {
        let outcome = sign_in::with_code(&core, HOME, Some(&name(who)), wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)), "{who}: {outcome:?}");
        let code = RecoveryCode::from_bytes([9; 10]);
        let outcome = sign_in::with_recovery_code(&core, HOME, Some(&name(who)), code).await;
        assert!(matches!(outcome, Err(AuthError::WrongRecoveryCode)), "{who}: {outcome:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_sixth_try_waits_even_with_the_right_code(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for _ in 0..5 {
        let outcome = sign_in::with_code(&core, HOME, None, other(code(&ada.secret, &clock))).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)));
        clock.advance(Duration::minutes(1));
    }
    let limited = sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await;
    assert!(matches!(limited, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{limited:?}");
    let recovery = sign_in::with_recovery_code(&core, HOME, None, ada.recovery_codes[0]).await;
    assert!(matches!(recovery, Err(AuthError::TooManyAttempts { .. })));
    let elsewhere = IpAddr::from([203, 0, 113, 9]);
    assert!(sign_in::with_code(&core, elsewhere, None, code(&ada.secret, &clock)).await.is_ok());
    clock.advance(Duration::minutes(55));
    assert!(sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await.is_ok());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_wrong_tries_cannot_pass_the_limit(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let core = core.clone();
            tokio::spawn(async move { sign_in::with_code(&core, HOME, None, wrong).await })
        })
        .collect();
    let mut verified = 0;
    for outcome in tries {
        verified += usize::from(matches!(outcome.await.unwrap(), Err(AuthError::WrongCode)));
    }
    assert_eq!(verified, 5);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn right_codes_leave_no_failures_behind(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for _ in 0..8 {
        assert!(sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await.is_ok());
        clock.advance(Duration::seconds(STEP));
    }
    let ahead = code_after(&ada.secret, &clock, 1);
    assert!(sign_in::with_code(&core, HOME, None, ahead).await.is_ok());
    let behind = sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await;
    assert!(matches!(behind, Err(AuthError::CodeAlreadyUsed { .. })), "{behind:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_recovery_code_works_once_however_many_try(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let code = ada.recovery_codes[7];
    let tries: Vec<_> = (0..8_u8)
        .map(|host| {
            let core = core.clone();
            let from = IpAddr::from([198, 51, 100, host]);
            tokio::spawn(async move { sign_in::with_recovery_code(&core, from, None, code).await })
        })
        .collect();
    let mut won = 0;
    for outcome in tries {
        won += usize::from(outcome.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
    assert_eq!(user::me(&core, ada.user_id).await.unwrap().unwrap().recovery_codes_left, 9);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_secret_moved_to_another_person_does_not_open(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    sqlx::query(
        "UPDATE totp_credentials SET sealed = (SELECT sealed FROM totp_credentials WHERE user_id = $1) WHERE user_id = $2",
    )
    .bind(ada.user_id.0)
    .bind(bob.user_id.0)
    .execute(&core.pool)
    .await
    .unwrap();
    let outcome = sign_in::with_code(&core, HOME, Some(&name("bob")), code(&ada.secret, &clock)).await;
    assert!(matches!(outcome, Err(AuthError::Sealed)), "{outcome:?}");
    let nothing = Sealed { key_id: "00000000".into(), bytes: Vec::new() };
    assert!(matches!(TotpSecret::open(&core.keys, bob.user_id, &nothing), Err(AuthError::Sealed)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tokens_lead_to_their_owner_and_nothing_else_does(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let made = token::create(&core, ada.user_id, "laptop").await.unwrap();
    assert!(made.starts_with("rfl_"));
    assert_eq!(token::authenticate(&core, &made).await.unwrap(), Some(ada.user_id));
    let used = "SELECT last_used_at FROM api_tokens";
    let first: time::OffsetDateTime = sqlx::query_scalar(used).fetch_one(&core.pool).await.unwrap();
    clock.advance(Duration::seconds(59));
    token::authenticate(&core, &made).await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, time::OffsetDateTime>(used).fetch_one(&core.pool).await.unwrap(),
        first
    );
    clock.advance(Duration::seconds(1));
    token::authenticate(&core, &made).await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, time::OffsetDateTime>(used).fetch_one(&core.pool).await.unwrap(),
        clock.now()
    );
    sqlx::query("DELETE FROM api_tokens").execute(&core.pool).await.unwrap();
    assert_eq!(token::authenticate(&core, &made).await.unwrap(), None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn sessions_end_when_idle_and_after_their_lifetime(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let user: Option<UserId> = Some(ada.user_id);
    let life = Lifetime { absolute: Duration::hours(5), idle: Duration::hours(2) };
    let data = serde_json::json!({ "user": ada.user_id });
    let pool = &core.pool;
    let ends = async || session::load(pool, b"one", life, clock.now()).await.unwrap().map(|s| s.expires_at);
    let start = clock.now();
    assert!(session::insert(pool, b"one", user, &data, life, start).await.unwrap());
    assert!(!session::insert(pool, b"one", None, &data, life, start).await.unwrap());
    let loaded = session::load(pool, b"one", life, start).await.unwrap();
    assert_eq!(loaded, Some(StoredSession { data: data.clone(), expires_at: start + Duration::hours(2) }));
    clock.advance(Duration::seconds(59));
    assert_eq!(ends().await, Some(start + Duration::hours(2)), "a use within a minute is not written");
    clock.advance(Duration::minutes(90));
    assert_eq!(ends().await, Some(clock.now() + Duration::hours(2)), "a use is");
    clock.advance(Duration::minutes(119));
    session::update(pool, b"one", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::minutes(60));
    assert_eq!(ends().await, Some(start + Duration::hours(5)), "the lifetime is the bound");
    clock.advance(Duration::minutes(31));
    assert_eq!(ends().await, None);
    assert_eq!(session::sweep(pool, clock.now()).await.unwrap(), 1);
    session::insert(pool, b"two", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::hours(2));
    assert_eq!(session::load(pool, b"two", life, clock.now()).await.unwrap(), None, "idle");
    session::insert(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    session::delete(pool, b"three").await.unwrap();
    session::update(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    assert_eq!(session::load(pool, b"three", life, clock.now()).await.unwrap(), None, "ended stays ended");
    session::insert(pool, b"four", user, &data, life, clock.now()).await.unwrap();
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT id_hash FROM sessions").fetch_all(&core.pool).await.unwrap();
    assert!(!ids.iter().any(|id| id == b"four"), "ids are not stored in clear");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_set_up_link_is_worth_nothing_once_there_is_an_account(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::setup_link(&core).await.unwrap().unwrap();
    let offer = enrolment::begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret_groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes.codes;
    enrolled(&core, "bob").await;
    let finished = enrolment::finish(&core, &offer.ticket, codes[0]).await;
    assert!(matches!(finished, Err(AuthError::LinkInvalid)), "{finished:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_guesses_cannot_pass_an_enrolments_limit(pool: PgPool) {
    let (core, clock) = at(pool);
    let link = enrolment::create_link(&core, &name("ada"), true).await.unwrap();
    let offer = enrolment::begin(&core, &link, name("ada"), None).await.unwrap();
    let wrong = other(code(&offer.secret_groups.concat(), &clock));
    let tries: Vec<_> = (0..25)
        .map(|_| {
            let (core, ticket) = (core.clone(), offer.ticket.clone());
            tokio::spawn(async move { enrolment::confirm(&core, &ticket, wrong).await })
        })
        .collect();
    let mut verified = 0;
    for outcome in tries {
        verified += usize::from(matches!(outcome.await.unwrap(), Err(AuthError::WrongCode)));
    }
    assert_eq!(verified, 10);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn any_of_several_authenticators_opens_and_a_lost_key_closes_only_its_own(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    sqlx::query(
        "INSERT INTO totp_credentials (id, user_id, name, key_id, sealed, last_step, created_at) \
         SELECT gen_random_uuid(), user_id, 'old phone', '00000000', sealed, 0, created_at - interval '1 day' \
         FROM totp_credentials",
    )
    .execute(&core.pool)
    .await
    .unwrap();
    let right = code(&ada.secret, &clock);
    assert_eq!(sign_in::with_code(&core, HOME, None, right).await.unwrap(), ada.user_id);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_rotated_key_still_opens_codes_and_secrets(pool: PgPool) {
    let (mut core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    core.keys = Arc::new(crate::keys::Keyring::from_secret([9; 32]).with_older([7; 32]));
    assert!(sign_in::with_code(&core, HOME, None, code(&ada.secret, &clock)).await.is_ok());
    assert!(sign_in::with_recovery_code(&core, HOME, None, ada.recovery_codes[0]).await.is_ok());
}
