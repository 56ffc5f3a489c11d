//! Names, codes, recovery codes.

use super::*;
use crate::auth::Client;

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
    let nameless = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert!(matches!(nameless, Err(AuthError::WrongCode)));
    let named = sign_in::with_code(&core, &HOME.into(), Some(&name("BOB")), code(&bob.secret, &clock)).await;
    assert_eq!(named.unwrap(), Outcome::SignedIn(bob.user_id));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_a_hundred_parallel_tries_with_one_code_one_wins(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let right = code(&ada.secret, &clock);
    let mut tries = Vec::new();
    // From twenty trusted devices, each within its budget, so that no limit stands in for the check.
    for _ in 0..20 {
        let (_, token, _) = testing::trust(&core, ada.user_id, &HOME.into()).await;
        for _ in 0..5 {
            let (core, client) = (core.clone(), Client { device: Some(token.clone()), ..HOME.into() });
            tries.push(async move { sign_in::with_code(&core, &client, None, right).await });
        }
    }
    let mut won = 0;
    for outcome in tries.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        match outcome.await.unwrap() {
            Ok(Outcome::SignedIn(user)) if user == ada.user_id => won += 1,
            other => assert!(matches!(other, Err(AuthError::CodeAlreadyUsed { .. })), "{other:?}"),
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
        let outcome = sign_in::with_code(&core, &HOME.into(), Some(&name(who)), wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)), "{who}: {outcome:?}");
        let code = RecoveryCode::from_bytes([9; 10]);
        let outcome = sign_in::with_recovery_code(&core, &HOME.into(), Some(&name(who)), code).await;
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
            tokio::spawn(async move { sign_in::with_recovery_code(&core, &from.into(), None, code).await })
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
async fn an_account_under_attack_opens_to_two_codes_in_a_row(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    attack(&core, "ada", other(code(&ada.secret, &clock))).await;
    for attempt in 0..2 {
        let first = code(&ada.secret, &clock);
        let ticket = asked_for_two(sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), first).await);
        let same = sign_in::with_second_code(&core, &HOME.into(), &ticket, first).await;
        assert!(matches!(same, Err(AuthError::WrongCode)), "{attempt}: {same:?}");
        clock.advance(Duration::seconds(STEP));
        let user = sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&ada.secret, &clock)).await;
        assert_eq!(user.unwrap(), ada.user_id);
        clock.advance(Duration::seconds(STEP));
    }
    let ticket =
        asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
    clock.advance(Duration::seconds(2 * STEP));
    let gap = sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&ada.secret, &clock)).await;
    assert!(matches!(gap, Err(AuthError::WrongCode)), "a code was left out: {gap:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_second_code_is_worth_nothing_after_a_wrong_first(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    attack(&core, "ada", wrong).await;
    let ticket = asked_for_two(sign_in::with_code(&core, &HOME.into(), None, wrong).await);
    clock.advance(Duration::seconds(STEP));
    let second = sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&ada.secret, &clock)).await;
    assert!(matches!(second, Err(AuthError::WrongCode)), "{second:?}");
    let late = {
        let ticket =
            asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
        clock.advance(Duration::minutes(3));
        sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&ada.secret, &clock)).await
    };
    assert!(matches!(late, Err(AuthError::SignInExpired)), "{late:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_second_codes_one_wins(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    attack(&core, "ada", other(code(&ada.secret, &clock))).await;
    let ticket =
        asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
    clock.advance(Duration::seconds(STEP));
    let second = code(&ada.secret, &clock);
    let tries = (0..20).map(|_| {
        let (core, ticket) = (core.clone(), ticket.clone());
        tokio::spawn(async move { sign_in::with_second_code(&core, &HOME.into(), &ticket, second).await })
    });
    let mut won = 0;
    for outcome in tries.collect::<Vec<_>>() {
        won += usize::from(outcome.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_name_that_nobody_has_asks_for_two_codes_like_any_other(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    enrolled(&core, "bob").await;
    let wrong = other(code(&ada.secret, &clock));
    let mut lengths = Vec::new();
    for who in ["ada", "nobody"] {
        attack(&core, who, wrong).await;
        let ticket = asked_for_two(sign_in::with_code(&core, &HOME.into(), Some(&name(who)), wrong).await);
        lengths.push(ticket.len());
        let second = sign_in::with_second_code(&core, &HOME.into(), &ticket, wrong).await;
        assert!(matches!(second, Err(AuthError::WrongCode)), "{who}: {second:?}");
    }
    assert_eq!(lengths[0], lengths[1]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_owners_slips_are_forgotten_and_an_attackers_tries_are_not(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    for _ in 0..2 {
        for _ in 0..4 {
            let slip = sign_in::with_code(&core, &HOME.into(), None, wrong).await;
            assert!(matches!(slip, Err(AuthError::WrongCode)), "{slip:?}");
        }
        let right = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
        assert_eq!(right.unwrap(), Outcome::SignedIn(ada.user_id));
        clock.advance(Duration::seconds(STEP));
    }
    attack(&core, "ada", wrong).await;
    let ticket =
        asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
    clock.advance(Duration::seconds(STEP));
    sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&ada.secret, &clock)).await.unwrap();
    clock.advance(Duration::days(29));
    asked_for_two(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await);
    clock.advance(Duration::days(1));
    let calm = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert_eq!(calm.unwrap(), Outcome::SignedIn(ada.user_id));
}
