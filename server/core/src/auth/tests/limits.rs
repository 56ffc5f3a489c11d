//! How often one may be wrong.

use super::*;

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
