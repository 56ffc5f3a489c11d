//! The table: who does what, and when next.

use serde::Serialize;
use sqlx::{FromRow, PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Chore, Job, LEASE, pause};

/// One that is under way here.
pub(super) struct Held {
    pub(super) job: Job,
    holder: Uuid,
    tries: u32,
}

/// Has every chore in the table, due at most an hour from now; those that are new are due at once.
///
/// # Errors
/// The database.
pub async fn plan(pool: &PgPool, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    for chore in Chore::ALL {
        enqueue(&mut *pool.acquire().await?, Job::Chore(chore), now).await?;
    }
    // No clock that is right says so: the one that did was wrong, and nothing would be done until then.
    sqlx::query("UPDATE jobs SET due_at = $1, holder = NULL WHERE due_at > $2 AND kind = ANY ($3)")
        .bind(now)
        .bind(now + Duration::HOUR)
        .bind(Job::kinds())
        .execute(pool)
        .await?;
    Ok(())
}

/// Has it done, unless it is to be done anyway.
pub(crate) async fn enqueue(
    connection: &mut PgConnection,
    job: Job,
    due_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO jobs (kind, subject, due_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(job.kind())
        .bind(job.subject())
        .bind(due_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes it out of the table: nobody needs to do it any more.
pub(crate) async fn finished(connection: &mut PgConnection, job: Job) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM jobs WHERE kind = $1 AND subject = $2")
        .bind(job.kind())
        .bind(job.subject())
        .execute(connection)
        .await?;
    Ok(())
}

/// When something is due next, or somebody at something counts as gone.
///
/// # Errors
/// The database.
pub async fn next_due(pool: &PgPool) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar("SELECT min(due_at) FROM jobs WHERE kind = ANY($1)")
        .bind(Job::kinds())
        .fetch_one(pool)
        .await
}

/// Takes what has been due the longest, or `wanted` whenever it is due unless somebody is at it.
pub(super) async fn claim(
    pool: &PgPool,
    now: OffsetDateTime,
    wanted: Option<Job>,
) -> Result<Option<Held>, sqlx::Error> {
    let holder = Uuid::now_v7();
    let claimed: Option<(String, Uuid, i32)> = sqlx::query_as(
        "UPDATE jobs SET holder = $1, due_at = $2, tries = tries + 1, started_at = $3 \
         WHERE (kind, subject) = (SELECT kind, subject FROM jobs \
             WHERE CASE WHEN $5::text IS NULL THEN kind = ANY($4) AND due_at <= $3 \
                   ELSE kind = $5 AND subject = $6 AND (holder IS NULL OR due_at <= $3) END \
             ORDER BY due_at, array_position($4, kind), subject LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING kind, subject, tries",
    )
    .bind(holder)
    .bind(now + LEASE)
    .bind(now)
    .bind(Job::kinds())
    .bind(wanted.map(Job::kind))
    .bind(wanted.map(Job::subject))
    .fetch_optional(pool)
    .await?;
    Ok(claimed.and_then(|(kind, subject, tries)| {
        Some(Held { job: Job::read(&kind, subject)?, holder, tries: u32::try_from(tries).unwrap_or(1) })
    }))
}

impl Held {
    /// Says that it is still under way.
    pub(super) async fn hold(&self, pool: &PgPool, now: OffsetDateTime) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE jobs SET due_at = $4 WHERE kind = $1 AND subject = $2 AND holder = $3")
            .bind(self.job.kind())
            .bind(self.job.subject())
            .bind(self.holder)
            .bind(now + LEASE)
            .execute(pool)
            .await?;
        Ok(())
    }

    /// Writes down that so much was done. What is done once is gone with that.
    pub(super) async fn end(&self, pool: &PgPool, now: OffsetDateTime, done: u64) -> Result<(), sqlx::Error> {
        match self.job {
            Job::Chore(_) => self.settle(pool, now, Chore::EVERY, Ok(done)).await,
            job @ Job::RemoveAccount(_) => finished(&mut *pool.acquire().await?, job).await,
        }
    }

    /// Writes down why it failed; answers in how long it is tried again.
    pub(super) async fn fail(
        &self,
        pool: &PgPool,
        now: OffsetDateTime,
        reason: &str,
    ) -> Result<Duration, sqlx::Error> {
        let pause = pause(self.tries);
        self.settle(pool, now, pause, Err(reason)).await?;
        Ok(pause)
    }

    /// Unless somebody else is at it by now.
    async fn settle(
        &self,
        pool: &PgPool,
        now: OffsetDateTime,
        rest: Duration,
        outcome: Result<u64, &str>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE jobs SET holder = NULL, due_at = $4, ended_at = $5, done = $6, failure = $7, \
                 tries = CASE WHEN $7::text IS NULL THEN 0 ELSE tries END \
             WHERE kind = $1 AND subject = $2 AND holder = $3",
        )
        .bind(self.job.kind())
        .bind(self.job.subject())
        .bind(self.holder)
        .bind(now + rest)
        .bind(now)
        .bind(outcome.ok().map(|done| i64::try_from(done).unwrap_or(i64::MAX)))
        .bind(outcome.err())
        .execute(pool)
        .await?;
        Ok(())
    }

    /// Gives it back as it was, for whoever comes next: this process stops.
    pub(super) async fn give_back(&self, pool: &PgPool, now: OffsetDateTime) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE jobs SET holder = NULL, due_at = $4, tries = tries - 1 \
             WHERE kind = $1 AND subject = $2 AND holder = $3",
        )
        .bind(self.job.kind())
        .bind(self.job.subject())
        .bind(self.holder)
        .bind(now)
        .execute(pool)
        .await?;
        Ok(())
    }
}

/// How it stands with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Until it is due, and somebody has time.
    Waiting,
    /// Somebody is at it.
    Running,
    /// It failed, and is tried again.
    Failing,
}

/// A job, for operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// What it is.
    pub kind: String,
    /// What it is about, where there is something to tell apart.
    pub subject: Option<Uuid>,
    /// How it stands.
    pub state: State,
    /// When it is to be done next.
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
    /// How often it has failed, or been begun, since it last went well.
    pub tries: u32,
    /// When it was begun the last time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended the last time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    /// How much it did then: of each kind what it is about, such as images or bytes.
    pub done: Option<u64>,
    /// Why it failed then.
    pub failure: Option<String>,
}

#[derive(FromRow)]
struct Row {
    kind: String,
    subject: Uuid,
    due_at: OffsetDateTime,
    holder: Option<Uuid>,
    tries: i32,
    started_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    done: Option<i64>,
    failure: Option<String>,
}

/// All jobs, what is under way first, then by when they are due.
///
/// # Errors
/// The database.
pub async fn list(pool: &PgPool, now: OffsetDateTime) -> Result<Vec<Listed>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT kind, subject, due_at, holder, tries, started_at, ended_at, done, failure FROM jobs \
         ORDER BY holder IS NULL OR due_at <= $1, due_at, kind, subject",
    )
    .bind(now)
    .fetch_all(pool)
    .await?;
    let listed = |row: Row| Listed {
        state: match (row.holder.filter(|_| row.due_at > now), &row.failure) {
            (Some(_), _) => State::Running,
            (None, Some(_)) => State::Failing,
            (None, None) => State::Waiting,
        },
        kind: row.kind,
        subject: Some(row.subject).filter(|subject| !subject.is_nil()),
        due_at: row.due_at,
        tries: u32::try_from(row.tries).unwrap_or_default(),
        started_at: row.started_at,
        ended_at: row.ended_at,
        done: row.done.and_then(|done| u64::try_from(done).ok()),
        failure: row.failure,
    };
    Ok(rows.into_iter().map(listed).collect())
}
