//! What is left of recovery codes, and new ones.

use super::*;
use crate::auth::{
    recovery,
    stretching::{Stretching, Whose},
};

async fn redeem(core: &Core, code: RecoveryCode) -> Result<UserId, AuthError> {
    sign_in::with_recovery_code(core, &HOME.into(), Some(&name("ada")), code).await
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn used_ones_are_told_from_those_that_are_left(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    clock.advance(Duration::DAY);
    redeem(&core, ada.recovery_codes[3]).await.unwrap();
    let status = recovery::status(&core, ada.user_id).await.unwrap();
    assert_eq!((status.codes.len(), status.left()), (10, 9));
    let made = crate::rfc3339(clock.now() - Duration::DAY);
    assert_eq!(status.created_at, Some(made));
    let used: Vec<_> = status.codes.iter().filter(|code| code.used_at.is_some()).collect();
    assert_eq!(used.len(), 1);
    assert_eq!(used[0].used_at, Some(crate::rfc3339(clock.now())));
    assert!(ada.recovery_codes[3].reveal().ends_with(&used[0].hint));
    assert_eq!(used[0].hint.len(), 2, "an end, and no more");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn new_ones_are_good_when_one_is_typed_back_and_the_old_ones_until_then(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = recovery::begin(&core, ada.user_id).await.unwrap();
    assert_eq!(offer.codes.len(), 10);
    redeem(&core, ada.recovery_codes[0]).await.unwrap();
    assert!(matches!(redeem(&core, offer.codes[0]).await, Err(AuthError::WrongRecoveryCode)));
    for wrong in [RecoveryCode::from_bytes([0; 10]), ada.recovery_codes[1]] {
        let refused = recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, wrong).await;
        assert!(matches!(refused, Err(AuthError::WrongRecoveryCode)), "{refused:?}");
    }
    recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[7]).await.unwrap();
    let again = recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[7]).await;
    assert!(matches!(again, Err(AuthError::EnrolmentExpired)));
    assert_eq!(recovery::status(&core, ada.user_id).await.unwrap().left(), 10);
    let recorded = "SELECT count(*) FROM audit_log WHERE action = 'recovery_codes_regenerated'";
    let recorded: i64 = sqlx::query_scalar(recorded).fetch_one(&core.pool).await.unwrap();
    assert_eq!(recorded, 1);
    for old in [ada.recovery_codes[1], ada.recovery_codes[0]] {
        assert!(matches!(redeem(&core, old).await, Err(AuthError::WrongRecoveryCode)));
    }
    assert_eq!(redeem(&core, offer.codes[7]).await.unwrap(), ada.user_id, "typing it back didn't use it up");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_two_sets_only_the_newer_can_become_good_and_only_for_ten_minutes(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let older = recovery::begin(&core, ada.user_id).await.unwrap();
    let newer = recovery::begin(&core, ada.user_id).await.unwrap();
    let late = recovery::confirm(&core, By::SYSTEM, ada.user_id, &older.ticket, older.codes[0]).await;
    assert!(matches!(late, Err(AuthError::EnrolmentExpired)), "{late:?}");
    clock.advance(Duration::minutes(10) - Duration::SECOND);
    let confirm =
        async || recovery::confirm(&core, By::SYSTEM, ada.user_id, &newer.ticket, newer.codes[0]).await;
    let wrong = recovery::confirm(&core, By::SYSTEM, ada.user_id, &newer.ticket, older.codes[0]).await;
    assert!(matches!(wrong, Err(AuthError::WrongRecoveryCode)), "still there: {wrong:?}");
    clock.advance(Duration::SECOND);
    assert!(matches!(confirm().await, Err(AuthError::EnrolmentExpired)));
    assert_eq!(redeem(&core, ada.recovery_codes[0]).await.unwrap(), ada.user_id, "the old ones stay good");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_confirmations_store_one_set(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = recovery::begin(&core, ada.user_id).await.unwrap();
    let confirm = |n: usize| recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[n]);
    let (one, two) = tokio::join!(confirm(0), confirm(1));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert_eq!(recovery::status(&core, ada.user_id).await.unwrap().codes.len(), 10);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn somebody_signed_in_confirms_with_one_of_their_own(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    let client = HOME.into();
    let signed_in = session::SignedIn::by_device(ada.user_id, &client, None, clock.now());
    let confirm = async |code| {
        let session = session::handle(b"one");
        sign_in::confirm_with_recovery_code(&core, &client, &signed_in, session, code).await
    };
    let wrong = confirm(bob.recovery_codes[0]).await;
    assert!(matches!(wrong, Err(AuthError::WrongRecoveryCode)), "{wrong:?}");
    confirm(ada.recovery_codes[0]).await.unwrap();
    let spent = confirm(ada.recovery_codes[0]).await;
    assert!(matches!(spent, Err(AuthError::WrongRecoveryCode)), "{spent:?}");
}

async fn numbers(core: &Core) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM auth_attempts), (SELECT sum(wrong_tries) FROM enrolments), \
         (SELECT count(*) FROM recovery_codes WHERE used_at IS NOT NULL)",
    )
    .fetch_one(&core.pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_finds_no_room_to_stretch_in_has_lost_nothing(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let offer = recovery::begin(&core, ada.user_id).await.unwrap();
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let begun = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&begun.secret.groups.concat(), &clock);
    let full = Core { stretching: Stretching::with(0, std::time::Duration::ZERO), ..core.clone() };
    let steps = async |core: &Core| {
        [
            redeem(core, ada.recovery_codes[0]).await.map(drop),
            recovery::confirm(core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[0]).await,
            recovery::begin(core, ada.user_id).await.map(drop),
            enrolment::confirm(core, &begun.ticket, right).await.map(drop),
        ]
    };
    for refused in steps(&full).await {
        assert!(matches!(refused, Err(AuthError::NoRoom)), "{refused:?}");
    }
    assert_eq!(numbers(&core).await, (0, 0, 0));
    for done in steps(&core).await {
        done.unwrap();
    }
    let wrong = RecoveryCode::from_bytes([0; 10]);
    let finished = enrolment::finish(&full, &HOME.into(), &begun.ticket, wrong).await;
    assert!(matches!(finished, Err(AuthError::NoRoom)), "{finished:?}");
    assert_eq!(numbers(&core).await.1, 0);
    for _ in 0..5 {
        redeem(&core, wrong).await.unwrap_err();
    }
    let limited = redeem(&full, wrong).await;
    assert!(matches!(limited, Err(AuthError::TooManyAttempts { retry_after: 3600 })), "{limited:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_has_secrets_stretched_one_at_a_time(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await, enrolled(&core, "bob").await.user_id);
    let offer = recovery::begin(&core, ada.user_id).await.unwrap();
    let under_way = core.stretching.room(Whose::Owner(ada.user_id)).await.unwrap();
    let again = recovery::begin(&core, ada.user_id).await.map(drop);
    let back = recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[0]).await;
    for refused in [again, back] {
        assert!(matches!(refused, Err(AuthError::TooManyAttempts { retry_after: 1 })), "{refused:?}");
    }
    recovery::begin(&core, bob).await.unwrap();
    redeem(&core, ada.recovery_codes[0]).await.unwrap();
    drop(under_way);
    recovery::confirm(&core, By::SYSTEM, ada.user_id, &offer.ticket, offer.codes[0]).await.unwrap();
}
