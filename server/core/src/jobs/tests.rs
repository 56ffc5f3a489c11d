//! Workers share what there is, and lose nothing.

use std::{collections::HashSet, future::pending, sync::Arc};

use sqlx::PgPool;
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;
use crate::{Core, ManualClock, testing};

fn at(pool: &PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    (Core { clock: clock.clone(), ..testing::core(pool.clone()) }, clock)
}

async fn work(core: &Core) -> Option<Worked> {
    work_once(core, None, pending()).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_chore_is_done_once_however_many_work_and_again_when_it_is_due(pool: PgPool) {
    let (core, clock) = at(&pool);
    for _ in 0..2 {
        plan(&pool, core.now()).await.unwrap();
    }
    for _ in 0..2 {
        let worker = || async {
            let mut done = Vec::new();
            while let Some(Worked { job, outcome }) = work(&core).await {
                outcome.unwrap();
                done.push(job);
            }
            done
        };
        let (mut done, others) = tokio::join!(worker(), worker());
        done.extend(others);
        assert_eq!(done.len(), Chore::ALL.len());
        assert_eq!(
            done.into_iter().collect::<HashSet<_>>(),
            Chore::ALL.into_iter().map(Job::Chore).collect()
        );
        let listed = list(&pool, core.now()).await.unwrap();
        assert!(listed.iter().all(|job| job.state == State::Waiting && job.done == Some(0)), "{listed:?}");
        assert_eq!(next_due(&pool).await.unwrap(), Some(core.now() + Chore::EVERY));
        clock.advance(Chore::EVERY);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_process_that_died_had_in_hand_is_taken_again(pool: PgPool) {
    let (core, clock) = at(&pool);
    let user = testing::user(&pool, "ada", 1).await;
    enqueue(&mut pool.acquire().await.unwrap(), Job::RemoveAccount(user), core.now()).await.unwrap();
    let held = queue::claim(&pool, core.now(), None).await.unwrap().unwrap();
    assert_eq!(held.job, Job::RemoveAccount(user));
    clock.advance(LEASE - Duration::SECOND);
    assert!(queue::claim(&pool, core.now(), None).await.unwrap().is_none());
    assert!(
        queue::claim(&pool, core.now(), Some(held.job)).await.unwrap().is_none(),
        "nor when it is asked for"
    );
    assert_eq!(list(&pool, core.now()).await.unwrap()[0].state, State::Running);
    held.hold(&pool, core.now()).await.unwrap();
    clock.advance(LEASE - Duration::SECOND);
    assert!(queue::claim(&pool, core.now(), None).await.unwrap().is_none(), "it said that it goes on");
    clock.advance(Duration::SECOND);
    let taken = queue::claim(&pool, core.now(), None).await.unwrap().unwrap();
    held.fail(&pool, core.now(), "late").await.unwrap();
    held.hold(&pool, core.now()).await.unwrap();
    let listed = list(&pool, core.now()).await.unwrap().remove(0);
    assert_eq!(
        (listed.state, listed.tries, listed.failure),
        (State::Running, 2, None),
        "it is another's now"
    );
    assert_eq!((listed.kind.as_str(), listed.subject), ("remove-account", Some(user.0)));
    taken.end(&pool, core.now(), 1).await.unwrap();
    assert_eq!(list(&pool, core.now()).await.unwrap(), []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_fails_is_told_and_tried_again_later_and_later(pool: PgPool) {
    let (core, clock) = at(&pool);
    let job = Job::Chore(Chore::ForgetAlbumTries);
    enqueue(&mut pool.acquire().await.unwrap(), job, core.now()).await.unwrap();
    sqlx::query("ALTER TABLE album_tries RENAME TO elsewhere").execute(&pool).await.unwrap();
    for (tries, wait) in [(1, 10), (2, 20), (3, 40)] {
        let failed = work(&core).await.unwrap();
        assert!(failed.outcome.unwrap_err().contains("album_tries"));
        let listed = list(&pool, core.now()).await.unwrap().remove(0);
        assert_eq!((listed.state, listed.tries), (State::Failing, tries));
        assert!(listed.failure.unwrap().contains("album_tries"));
        assert_eq!(listed.due_at, core.now() + Duration::seconds(wait));
        assert_eq!(work(&core).await, None);
        clock.advance(Duration::seconds(wait));
    }
    sqlx::query("ALTER TABLE elsewhere RENAME TO album_tries").execute(&pool).await.unwrap();
    assert_eq!(work(&core).await, Some(Worked { job, outcome: Ok(0) }));
    let listed = list(&pool, core.now()).await.unwrap().remove(0);
    assert_eq!((listed.state, listed.tries, listed.failure), (State::Waiting, 0, None));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_under_way_when_a_process_stops_is_due_for_others(pool: PgPool) {
    let (core, _) = at(&pool);
    let job = Job::Chore(Chore::EndSessions);
    enqueue(&mut pool.acquire().await.unwrap(), job, core.now()).await.unwrap();
    let mut locked = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE").execute(&mut *locked).await.unwrap();
    assert_eq!(work_once(&core, None, std::future::ready(())).await.unwrap(), None);
    locked.rollback().await.unwrap();
    let listed = list(&pool, core.now()).await.unwrap().remove(0);
    assert_eq!((listed.state, listed.tries, listed.due_at), (State::Waiting, 0, core.now()));
    assert!(work(&core).await.unwrap().outcome.is_ok());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_wrong_clock_put_off_is_due(pool: PgPool) {
    let (core, _) = at(&pool);
    plan(&pool, core.now() + Duration::days(90)).await.unwrap();
    assert_eq!(work(&core).await, None);
    plan(&pool, core.now()).await.unwrap();
    assert!(work(&core).await.is_some());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_can_be_asked_for_before_it_is_due(pool: PgPool) {
    let (core, _) = at(&pool);
    plan(&pool, core.now() + Duration::HOUR).await.unwrap();
    assert_eq!(work(&core).await, None);
    let job = Job::Chore(Chore::EmptyBin);
    assert_eq!(work_once(&core, Some(job), pending()).await.unwrap(), Some(Worked { job, outcome: Ok(0) }));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_later_version_put_there_is_left_alone(pool: PgPool) {
    let (core, _) = at(&pool);
    sqlx::query("INSERT INTO jobs (kind, subject, due_at) VALUES ('paint', $1, '2026-01-01')")
        .bind(Uuid::nil())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!((work(&core).await, next_due(&pool).await.unwrap()), (None, None));
    assert_eq!(list(&pool, core.now()).await.unwrap()[0].kind, "paint");
}

#[test]
fn pauses_grow_to_ten_minutes() {
    assert_eq!([1, 2, 7, 8, u32::MAX].map(|tries| pause(tries).whole_seconds()), [10, 20, 600, 600, 600]);
    assert_eq!(pause(0), pause(1));
}

#[test]
fn names_are_read_as_they_are_written() {
    for chore in Chore::ALL {
        assert_eq!(chore.as_str().parse(), Ok(chore));
        assert_eq!(Job::read(chore.as_str(), Uuid::nil()), Some(Job::Chore(chore)));
    }
    assert_eq!("paint".parse::<Chore>(), Err(UnknownChore));
}
