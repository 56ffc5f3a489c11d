//! What is solved after failures.

use model::types::{ChallengeProvider as Provider, ChallengePurpose, Solution};

use super::*;
use crate::{Settings, auth::Client, challenge};

fn challenged(pool: PgPool, provider: Provider) -> (Core, Arc<ManualClock>) {
    let (mut core, clock) = at(pool);
    let mut settings = Settings::clone(&core.settings);
    settings.policy.challenge = provider;
    core.settings = Arc::new(settings);
    (core, clock)
}

/// Somebody at `from` who has solved a challenge.
async fn solver(core: &Core, from: IpAddr) -> Client {
    let challenge = challenge::issue(core, from, ChallengePurpose::SignIn).await.unwrap();
    Client { challenge: Some(challenge::solution(core, &challenge).await.unwrap()), ..from.into() }
}

async fn slips(core: &Core, wrong: TotpCode) {
    for _ in 0..2 {
        let slip = sign_in::with_code(core, &HOME.into(), None, wrong).await;
        assert!(matches!(slip, Err(AuthError::WrongCode)), "{slip:?}");
    }
}

async fn failures(core: &Core) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM auth_attempts").fetch_one(&core.pool).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn after_two_failures_a_try_needs_a_challenge_and_is_not_looked_at_without(pool: PgPool) {
    let (core, clock) = challenged(pool, Provider::Slider);
    let ada = enrolled(&core, "ada").await;
    let (right, wrong) = (code(&ada.secret, &clock), other(code(&ada.secret, &clock)));
    slips(&core, wrong).await;
    for code in [right, wrong] {
        let outcome = sign_in::with_code(&core, &HOME.into(), None, code).await;
        assert!(matches!(outcome, Err(AuthError::ChallengeNeeded)), "{outcome:?}");
    }
    assert_eq!(failures(&core).await, 2);
    let elsewhere = IpAddr::from([198, 51, 100, 1]);
    let other_name = sign_in::with_code(&core, &HOME.into(), Some(&name("nobody")), wrong).await;
    assert!(
        matches!(other_name, Err(AuthError::ChallengeNeeded)),
        "it is the address that owes: {other_name:?}"
    );
    let solved = sign_in::with_code(&core, &solver(&core, HOME).await, None, wrong).await;
    assert!(matches!(solved, Err(AuthError::WrongCode)), "{solved:?}");
    assert_eq!(failures(&core).await, 3, "a try with a solved challenge counts like any other");
    let calm = sign_in::with_code(&core, &elsewhere.into(), None, wrong).await;
    assert!(matches!(calm, Err(AuthError::WrongCode)), "{calm:?}");
    let outcome = sign_in::with_code(&core, &solver(&core, HOME).await, None, right).await;
    assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_solution_is_good_for_one_try(pool: PgPool) {
    let (core, clock) = challenged(pool, Provider::Image);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    slips(&core, wrong).await;
    let client = solver(&core, HOME).await;
    let first = sign_in::with_code(&core, &client, None, wrong).await;
    assert!(matches!(first, Err(AuthError::WrongCode)), "{first:?}");
    let again = sign_in::with_code(&core, &client, None, code(&ada.secret, &clock)).await;
    assert!(matches!(again, Err(AuthError::ChallengeFailed)), "{again:?}");
    let mut guess = solver(&core, HOME).await;
    guess.challenge.as_mut().unwrap().answer = Solution::Text("guess".into());
    let guessed = sign_in::with_code(&core, &guess, None, code(&ada.secret, &clock)).await;
    assert!(matches!(guessed, Err(AuthError::ChallengeFailed)), "{guessed:?}");
    let elsewhere = Client { address: [198, 51, 100, 1].into(), ..solver(&core, HOME).await };
    let carried = sign_in::with_code(&core, &elsewhere, None, code(&ada.secret, &clock)).await;
    assert!(matches!(carried, Err(AuthError::ChallengeFailed)), "{carried:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn recovery_codes_need_one_too(pool: PgPool) {
    let (core, clock) = challenged(pool, Provider::Pow);
    let ada = enrolled(&core, "ada").await;
    slips(&core, other(code(&ada.secret, &clock))).await;
    let recovery = ada.recovery_codes[0];
    let without = sign_in::with_recovery_code(&core, &HOME.into(), None, recovery).await;
    assert!(matches!(without, Err(AuthError::ChallengeNeeded)), "{without:?}");
    let with = sign_in::with_recovery_code(&core, &solver(&core, HOME).await, None, recovery).await;
    assert_eq!(with.unwrap(), ada.user_id, "and the code wasn't used up before");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_under_attack_asks_for_the_challenge_first_and_then_for_two_codes(pool: PgPool) {
    let (core, clock) = challenged(pool, Provider::Slider);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    attack(&core, "ada", wrong).await;
    for _ in 0..2 {
        let ticket = asked_for_two(sign_in::with_code(&core, &HOME.into(), None, wrong).await);
        let pair = sign_in::with_second_code(&core, &HOME.into(), &ticket, wrong).await;
        assert!(matches!(pair, Err(AuthError::WrongCode)), "{pair:?}");
    }
    let first = code(&ada.secret, &clock);
    let without = sign_in::with_code(&core, &HOME.into(), None, first).await;
    assert!(matches!(without, Err(AuthError::ChallengeNeeded)), "{without:?}");
    let ticket = asked_for_two(sign_in::with_code(&core, &solver(&core, HOME).await, None, first).await);
    let second = code_after(&ada.secret, &clock, 1);
    let outcome = sign_in::with_second_code(&core, &HOME.into(), &ticket, second).await;
    assert_eq!(outcome.unwrap(), ada.user_id, "one challenge for both codes");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_hour_later_or_with_challenges_off_nothing_is_owed(pool: PgPool) {
    let (core, clock) = challenged(pool, Provider::Pow);
    let ada = enrolled(&core, "ada").await;
    slips(&core, other(code(&ada.secret, &clock))).await;
    clock.advance(Duration::HOUR);
    let outcome = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id));
    clock.advance(Duration::seconds(STEP));
    let core = Core { settings: testing::core(core.pool.clone()).settings, ..core };
    slips(&core, other(code(&ada.secret, &clock))).await;
    let outcome = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id));
}
