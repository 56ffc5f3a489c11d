//! How often one may be wrong.

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_sixth_try_waits_even_with_the_right_code(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for _ in 0..5 {
        let outcome = sign_in::with_code(&core, &HOME.into(), None, other(code(&ada.secret, &clock))).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)));
        clock.advance(Duration::minutes(1));
    }
    let limited = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert!(matches!(limited, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{limited:?}");
    let recovery = sign_in::with_recovery_code(&core, &HOME.into(), None, ada.recovery_codes[0]).await;
    assert!(matches!(recovery, Err(AuthError::TooManyAttempts { .. })));
    let elsewhere = IpAddr::from([203, 0, 113, 9]);
    asked_for_two(sign_in::with_code(&core, &elsewhere.into(), None, code(&ada.secret, &clock)).await);
    clock.advance(Duration::minutes(55));
    asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_wrong_tries_cannot_pass_the_limit(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let core = core.clone();
            tokio::spawn(async move { sign_in::with_code(&core, &HOME.into(), None, wrong).await })
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
        let outcome = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
        assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id));
        clock.advance(Duration::seconds(STEP));
    }
    let ahead = code_after(&ada.secret, &clock, 1);
    let outcome = sign_in::with_code(&core, &HOME.into(), None, ahead).await;
    assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id));
    let behind = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert!(matches!(behind, Err(AuthError::CodeAlreadyUsed { .. })), "{behind:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_guesses_from_many_addresses_cannot_pass_an_accounts_limit(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    let tries = (0..40_u8).map(|host| {
        let core = core.clone();
        let from = IpAddr::from([198, 51, 100, host]);
        tokio::spawn(async move { sign_in::with_code(&core, &from.into(), None, wrong).await })
    });
    let mut judged = 0;
    for outcome in tries.collect::<Vec<_>>() {
        match outcome.await.unwrap() {
            Err(AuthError::WrongCode) => judged += 1,
            other => drop(asked_for_two(other)),
        }
    }
    assert_eq!(judged, 5);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_site_under_attack_asks_every_new_device_for_two_codes(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    for n in 0..100_u8 {
        let from = IpAddr::from([198, 51, 100, n]);
        let wrong = other(code(&ada.secret, &clock));
        let outcome = sign_in::with_code(&core, &from.into(), Some(&name(&format!("n{n}"))), wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)), "{outcome:?}");
    }
    asked_for_two(
        sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&ada.secret, &clock)).await,
    );
    clock.advance(Duration::DAY);
    let calm = sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&ada.secret, &clock)).await;
    assert_eq!(calm.unwrap(), Outcome::SignedIn(ada.user_id));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn pairs_from_one_address_run_out_and_those_from_another_do_not(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    attack(&core, "ada", wrong).await;
    for _ in 0..30 {
        let wrong = other(code(&ada.secret, &clock));
        let ticket = asked_for_two(sign_in::with_code(&core, &HOME.into(), None, wrong).await);
        let outcome = sign_in::with_second_code(&core, &HOME.into(), &ticket, wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)), "{outcome:?}");
        clock.advance(Duration::minutes(15));
    }
    let out = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert!(matches!(out, Err(AuthError::TooManyAttempts { .. })), "{out:?}");
    let elsewhere = IpAddr::from([203, 0, 113, 9]);
    asked_for_two(sign_in::with_code(&core, &elsewhere.into(), None, code(&ada.secret, &clock)).await);
}
