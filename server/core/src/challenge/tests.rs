//! Challenges in a real database.

use std::{net::IpAddr, sync::Arc};

use model::types::Work;
use sqlx::PgPool;
use time::macros::datetime;

use super::{ChallengeProvider as Provider, ChallengePurpose as For, *};
use crate::{ManualClock, Settings, keys::Keyring, testing};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

fn at(pool: PgPool, provider: Provider) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    let mut core = testing::core_at(pool, Arc::clone(&clock));
    let mut settings = Settings::clone(&core.settings);
    settings.policy.challenge = provider;
    core.settings = Arc::new(settings);
    (core, clock)
}

async fn solved(core: &Core, from: IpAddr, purpose: For) -> ChallengeAnswer {
    let challenge = issue(core, from, purpose).await.unwrap();
    solution(core, &challenge).await.unwrap()
}

fn wrong(challenge: &Challenge) -> ChallengeAnswer {
    let answer = match challenge.task {
        ChallengeTask::Work(_) => Solution::Work(vec![0; 16]),
        ChallengeTask::Image { .. } => Solution::Text("00000".into()),
        ChallengeTask::Slider { .. } | ChallengeTask::None => Solution::Offset(0),
    };
    ChallengeAnswer { id: challenge.id.clone(), answer }
}

#[track_caller]
fn failed<T: std::fmt::Debug>(outcome: Result<T, ChallengeError>) {
    assert!(matches!(outcome, Err(ChallengeError::Failed)), "{outcome:?}");
}

const KINDS: [Provider; 3] = [Provider::Pow, Provider::Image, Provider::Slider];

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_right_answer_is_good_once(pool: PgPool) {
    for kind in KINDS {
        let (core, _) = at(pool.clone(), kind);
        let answer = solved(&core, HOME, For::SignUp).await;
        let _ = verify::<SignUp>(&core, HOME, Some(&answer)).await.unwrap();
        failed(verify::<SignUp>(&core, HOME, Some(&answer)).await);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_wrong_answer_spends_it_too(pool: PgPool) {
    for kind in KINDS {
        let (core, _) = at(pool.clone(), kind);
        let challenge = issue(&core, HOME, For::Reset).await.unwrap();
        let right = solution(&core, &challenge).await.unwrap();
        failed(verify::<Reset>(&core, HOME, Some(&wrong(&challenge))).await);
        failed(verify::<Reset>(&core, HOME, Some(&right)).await);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_bound_to_its_address_and_purpose(pool: PgPool) {
    let (core, _) = at(pool, Provider::Slider);
    let answer = solved(&core, HOME, For::SignIn).await;
    failed(verify::<SignIn>(&core, AWAY, Some(&answer)).await);
    failed(verify::<SignIn>(&core, HOME, Some(&answer)).await);
    let answer = solved(&core, HOME, For::SignIn).await;
    failed(verify::<SignUp>(&core, HOME, Some(&answer)).await);
    let answer = solved(&core, "2001:db8::1".parse().unwrap(), For::SignIn).await;
    let neighbour = "2001:db8::2".parse().unwrap();
    let _ = verify::<SignIn>(&core, neighbour, Some(&answer)).await.expect("the same /64");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_lapses_after_five_minutes_to_the_second(pool: PgPool) {
    let (core, clock) = at(pool, Provider::Image);
    let (early, late) = (solved(&core, HOME, For::SignUp).await, solved(&core, HOME, For::SignUp).await);
    clock.advance(VALID - Duration::SECOND);
    let _ = verify::<SignUp>(&core, HOME, Some(&early)).await.unwrap();
    clock.advance(Duration::SECOND);
    failed(verify::<SignUp>(&core, HOME, Some(&late)).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_tries_one_wins(pool: PgPool) {
    let (core, _) = at(pool, Provider::Pow);
    let answer = solved(&core, HOME, For::SignUp).await;
    let tries = (0..40).map(|_| {
        let (core, answer) = (core.clone(), answer.clone());
        tokio::spawn(async move { verify::<SignUp>(&core, HOME, Some(&answer)).await.is_ok() })
    });
    let won = futures::future::join_all(tries).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn pictures_can_be_replaced_by_more_work(pool: PgPool) {
    for kind in [Provider::Image, Provider::Slider] {
        let (core, _) = at(pool.clone(), kind);
        let challenge = issue(&core, HOME, For::SignUp).await.unwrap();
        let (ChallengeTask::Image { instead, .. } | ChallengeTask::Slider { instead, .. }) = challenge.task
        else {
            panic!("{challenge:?}")
        };
        assert!(instead.bits > work::asked_after(0).bits);
        let answer = Solution::Work(do_work(instead, &challenge.id));
        let answer = ChallengeAnswer { id: challenge.id, answer };
        let _ = verify::<SignUp>(&core, HOME, Some(&answer)).await.unwrap();
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_right_answer_is_traded_for_one_that_is_good_once(pool: PgPool) {
    let (core, clock) = at(pool.clone(), Provider::Image);
    let challenge = issue(&core, HOME, For::SignUp).await.unwrap();
    let right = solution(&core, &challenge).await.unwrap();
    clock.advance(VALID - Duration::SECOND);
    let token = trade(&core, HOME, For::SignUp, &right).await.unwrap();
    failed(trade(&core, HOME, For::SignUp, &right).await);
    failed(verify::<SignUp>(&core, HOME, Some(&right)).await);
    clock.advance(VALID - Duration::SECOND);
    let _ = verify::<SignUp>(&core, HOME, Some(&token)).await.expect("five minutes of its own");
    failed(verify::<SignUp>(&core, HOME, Some(&token)).await);

    let wrong = wrong(&issue(&core, HOME, For::SignUp).await.unwrap());
    failed(trade(&core, HOME, For::SignUp, &wrong).await);
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM captcha_challenges").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 2, "a trade makes no row");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_was_traded_cannot_be_prolonged_or_carried_elsewhere(pool: PgPool) {
    let (core, _) = at(pool, Provider::Slider);
    let tokens = async || {
        let right = solved(&core, HOME, For::SignUp).await;
        trade(&core, HOME, For::SignUp, &right).await.unwrap()
    };
    failed(trade(&core, HOME, For::SignUp, &tokens().await).await);
    failed(verify::<SignUp>(&core, AWAY, Some(&tokens().await)).await);
    failed(verify::<Reset>(&core, HOME, Some(&tokens().await)).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_address_is_issued_thirty_in_five_minutes_and_dearer_ones(pool: PgPool) {
    let (core, clock) = at(pool, Provider::Pow);
    let bits = async |from| match issue(&core, from, For::SignIn).await {
        Ok(Challenge { task: ChallengeTask::Work(Work { bits, .. }), .. }) => Ok(bits),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error),
    };
    let first = bits(HOME).await.unwrap();
    clock.advance(Duration::MINUTE);
    for _ in 1..29 {
        let _ = bits(HOME).await.unwrap();
    }
    assert_eq!(bits(HOME).await.unwrap(), first + 3);
    let refused = bits(HOME).await;
    assert!(matches!(refused, Err(ChallengeError::TooMany { retry_after: 240 })), "{refused:?}");
    assert_eq!(bits(AWAY).await.unwrap(), first, "others notice nothing");
    clock.advance(Duration::seconds(240));
    assert_eq!(bits(HOME).await.unwrap(), first + 3);
    clock.advance(VALID);
    assert_eq!(bits(HOME).await.unwrap(), first, "and it passes");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_askers_do_not_pass_the_limit(pool: PgPool) {
    let (core, _) = at(pool, Provider::Pow);
    let askers = (0..60).map(|_| {
        let core = core.clone();
        tokio::spawn(async move { issue(&core, HOME, For::SignIn).await.is_ok() })
    });
    let issued = futures::future::join_all(askers).await.into_iter().filter(|got| *got.as_ref().unwrap());
    assert_eq!(issued.count(), 30);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn without_challenges_nothing_is_asked_and_nothing_stored(pool: PgPool) {
    let (core, _) = at(pool.clone(), Provider::Off);
    let challenge = issue(&core, HOME, For::SignUp).await.unwrap();
    assert_eq!(challenge.task, ChallengeTask::None);
    let _ = verify::<SignUp>(&core, HOME, None).await.unwrap();
    let done = ChallengeAnswer { id: challenge.id, answer: Solution::Done };
    assert_eq!(trade(&core, HOME, For::SignUp, &done).await.unwrap(), done);
    let _ = verify::<SignUp>(&core, HOME, Some(&done)).await.unwrap();
    assert_eq!(sweep(&pool, core.now() + VALID).await.unwrap(), 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn without_an_answer_one_is_needed_and_without_a_row_it_fails(pool: PgPool) {
    let (core, _) = at(pool, Provider::Pow);
    let none = verify::<SignUp>(&core, HOME, None).await;
    assert!(matches!(none, Err(ChallengeError::Needed)), "{none:?}");
    for answer in [Solution::Done, Solution::Work(vec![0; 16])] {
        failed(verify::<SignUp>(&core, HOME, Some(&ChallengeAnswer { id: "nonsense".into(), answer })).await);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn expired_rows_are_swept_and_live_ones_stay(pool: PgPool) {
    let (core, clock) = at(pool.clone(), Provider::Image);
    let old = solved(&core, HOME, For::SignUp).await;
    let _ = verify::<SignUp>(&core, HOME, Some(&old)).await.unwrap();
    clock.advance(Duration::MINUTE);
    let live = solved(&core, HOME, For::SignUp).await;
    clock.advance(VALID - Duration::MINUTE);
    assert_eq!(sweep(&pool, core.now()).await.unwrap(), 1);
    let _ = verify::<SignUp>(&core, HOME, Some(&live)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_row_says_nothing_of_its_answer_or_id(pool: PgPool) {
    let (mut core, _) = at(pool.clone(), Provider::Image);
    let challenge = issue(&core, HOME, For::SignUp).await.unwrap();
    let right = solution(&core, &challenge).await.unwrap();
    let Solution::Text(text) = &right.answer else { panic!("{right:?}") };
    let row: String = sqlx::query_scalar(
        "SELECT encode(sealed, 'escape') || encode(id_hash, 'escape') FROM captcha_challenges",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(!row.contains(text) && !row.contains(&challenge.id));
    core.keys = Arc::new(Keyring::from_secret([8; 32]));
    let other_key = verify::<SignUp>(&core, HOME, Some(&right)).await;
    assert!(matches!(other_key, Err(ChallengeError::Crypto(_))), "{other_key:?}");
}
