//! Budgets of the places that an account knows, and what a right code there forgives.

use super::{sessions::open, *};
use crate::auth::{device, session::SignedIn};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_session_has_five_wrong_codes_and_strangers_do_not_reach_it(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    attack(&core, "ada", wrong).await;
    let mine = open(&core, b"mine", ada.user_id, None).await;
    let signed_in = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    let confirm =
        async |session, code| sign_in::confirm(&core, &HOME.into(), &signed_in, session, code).await;
    confirm(mine, code(&ada.secret, &clock)).await.unwrap();
    let replay = confirm(mine, code(&ada.secret, &clock)).await;
    assert!(matches!(replay, Err(AuthError::CodeAlreadyUsed { .. })), "{replay:?}");
    for _ in 0..4 {
        assert!(matches!(confirm(mine, wrong).await, Err(AuthError::WrongCode)));
    }
    clock.advance(Duration::MINUTE);
    let limited = confirm(mine, code(&ada.secret, &clock)).await;
    assert!(matches!(limited, Err(AuthError::TooManyAttempts { .. })), "{limited:?}");
    let anew = open(&core, b"anew", ada.user_id, None).await;
    confirm(anew, code(&ada.secret, &clock)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_the_owner_shows_where_they_are_known_forgives_nobody_who_shares_their_address(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let (device, token, _) = testing::trust(&core, ada.user_id, &HOME.into()).await;
    let trusted = crate::auth::Client { device: Some(token), ..HOME.into() };
    let mine = open(&core, b"mine", ada.user_id, None).await;
    let signed_in = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    let recovery = ada.recovery_codes[0];
    for round in 0..3 {
        for _ in 0..(if round == 2 { 1 } else { 2 }) {
            let wrong = other(code(&ada.secret, &clock));
            let guess = sign_in::with_code(&core, &HOME.into(), None, wrong).await;
            assert!(matches!(guess, Err(AuthError::WrongCode)), "{round} {guess:?}");
        }
        sign_in::confirm(&core, &HOME.into(), &signed_in, mine, code(&ada.secret, &clock)).await.unwrap();
        clock.advance(Duration::HOUR);
        sign_in::with_code(&core, &trusted, None, code(&ada.secret, &clock)).await.unwrap();
        clock.advance(Duration::MINUTE);
    }
    sign_in::confirm_with_recovery_code(&core, &HOME.into(), &signed_in, mine, recovery).await.unwrap();
    let sixth = sign_in::with_code(&core, &HOME.into(), None, other(code(&ada.secret, &clock))).await;
    asked_for_two(sixth);
    assert!(
        device::recognise(&core, &trusted).await.unwrap().trusted().is_some_and(|known| known.id == device)
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn recovery_codes_that_were_mistyped_in_a_session_are_forgiven_by_the_right_one(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    let mine = open(&core, b"mine", ada.user_id, None).await;
    let signed_in = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    let confirm =
        async |code| sign_in::confirm_with_recovery_code(&core, &HOME.into(), &signed_in, mine, code).await;
    for code in &bob.recovery_codes[..4] {
        let wrong = confirm(*code).await;
        assert!(matches!(wrong, Err(AuthError::WrongRecoveryCode)), "{wrong:?}");
    }
    confirm(ada.recovery_codes[0]).await.unwrap();
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM auth_attempts").fetch_one(&core.pool).await.unwrap();
    assert_eq!(kept, 0, "everybody at this address would owe them");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn signing_in_forgives_nothing_that_failed_in_a_session(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let stolen = open(&core, b"stolen", ada.user_id, None).await;
    let signed_in = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    let confirm = async |code| sign_in::confirm(&core, &HOME.into(), &signed_in, stolen, code).await;
    for _ in 0..5 {
        let wrong = confirm(other(code(&ada.secret, &clock))).await;
        assert!(matches!(wrong, Err(AuthError::WrongCode)), "{wrong:?}");
    }
    sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await.unwrap();
    clock.advance(Duration::MINUTE);
    let limited = confirm(code(&ada.secret, &clock)).await;
    assert!(matches!(limited, Err(AuthError::TooManyAttempts { .. })), "{limited:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_device_opened_ends_with_the_thirtieth_wrong_code_though_its_trust_has_lapsed(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let (device, _, until) = testing::trust(&core, ada.user_id, &HOME.into()).await;
    clock.advance(until - clock.now() - Duration::MINUTE);
    let mine = open(&core, b"mine", ada.user_id, Some(device)).await;
    open(&core, b"plain", ada.user_id, None).await;
    clock.advance(Duration::MINUTE);
    session::sweep(&core.pool, clock.now()).await.unwrap();
    assert_eq!(device::list(&core, ada.user_id, None).await.unwrap(), [], "it is trusted no more");
    let signed_in = SignedIn::by_device(ada.user_id, &HOME.into(), Some(device), core.now());
    let open = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(&core.pool).await.unwrap()
    };
    for hour in 0..3 {
        for n in 0..10 {
            assert_eq!(open().await, 2, "{hour} {n}");
            let wrong = other(code(&ada.secret, &clock));
            let outcome = sign_in::confirm(&core, &HOME.into(), &signed_in, mine, wrong).await;
            assert!(matches!(outcome, Err(AuthError::WrongCode)), "{hour} {n} {outcome:?}");
        }
        clock.advance(Duration::HOUR);
    }
    assert_eq!(open().await, 1, "the one that a code opened");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn all_sessions_of_the_provider_have_five_wrong_codes_a_month_between_them(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let confirm = async |host: u8, id: &[u8], code| {
        let client = IpAddr::from([198, 51, 100, host]).into();
        let signed_in = SignedIn::by_provider(ada.user_id, &client, core.now());
        sign_in::confirm(&core, &client, &signed_in, session::handle(id), code).await
    };
    for host in 0..4 {
        let wrong = confirm(host, &[host], other(code(&ada.secret, &clock))).await;
        assert!(matches!(wrong, Err(AuthError::WrongCode)), "{wrong:?}");
    }
    clock.advance(Duration::DAY);
    confirm(9, b"owner", code(&ada.secret, &clock)).await.unwrap();
    let fifth = confirm(4, b"fifth", other(code(&ada.secret, &clock))).await;
    assert!(matches!(fifth, Err(AuthError::WrongCode)), "{fifth:?}");
    clock.advance(Duration::days(28));
    let sixth = confirm(5, b"sixth", code(&ada.secret, &clock)).await;
    assert!(matches!(sixth, Err(AuthError::TooManyAttempts { retry_after: 86_400 })), "{sixth:?}");
    // The owner isn't shut out: a session that a code opens has its own.
    let here = open(&core, b"here", ada.user_id, None).await;
    let by_code = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    sign_in::confirm(&core, &HOME.into(), &by_code, here, code(&ada.secret, &clock)).await.unwrap();
    clock.advance(Duration::DAY);
    confirm(5, b"sixth", code(&ada.secret, &clock)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_the_provider_opens_has_one_wrong_code_where_five_authenticators_are_guessed_at(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    sqlx::query(
        "INSERT INTO totp_credentials (id, user_id, name, key_id, sealed, last_step, created_at) \
         SELECT gen_random_uuid(), user_id, n::text, key_id, sealed, last_step, created_at \
         FROM totp_credentials, generate_series(2, 5) AS n",
    )
    .execute(&core.pool)
    .await
    .unwrap();
    let signed_in = SignedIn::by_provider(ada.user_id, &HOME.into(), core.now());
    let wrong = other(code(&ada.secret, &clock));
    let confirm =
        async |id| sign_in::confirm(&core, &HOME.into(), &signed_in, session::handle(id), wrong).await;
    assert!(matches!(confirm(b"one").await, Err(AuthError::WrongCode)));
    let second = confirm(b"two").await;
    assert!(matches!(second, Err(AuthError::TooManyAttempts { .. })), "{second:?}");
}
