//! Names, codes, recovery codes.

use super::*;

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
