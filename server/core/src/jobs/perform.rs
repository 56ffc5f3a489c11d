//! Doing it.

use std::{error::Error, time::Duration};

use model::types::ByteSize;
use tokio::{
    pin, select,
    task::JoinSet,
    time::{Instant, interval_at, sleep_until},
};

use super::{Chore, Job, LEASE, queue};
use crate::{
    Core, admin, alert,
    auth::{reset, session, sign_in::mailed_code, step_up},
    challenge,
    images::{
        albums,
        intake::{once, pieces},
        library, variants, views,
    },
    mail::outbox,
};

/// Images that are looked at in one go: some ten seconds of one core.
const LOOKS: u32 = 5_000;

/// How long a job may take. One that waits for a database that is gone would never end.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// What was done.
    pub job: Job,
    /// How much of it, or why it failed.
    pub outcome: Result<u64, String>,
}

/// Does what has been due the longest, or `wanted`, due or not; `None` if nothing is, or somebody else is at that.
/// What is under way when `stop` ends is left for others.
///
/// # Errors
/// The database, when it is asked for work or told how it went. Work that fails is no error.
pub async fn work_once(
    core: &Core,
    wanted: Option<Job>,
    stop: impl Future<Output = ()>,
) -> Result<Option<Worked>, sqlx::Error> {
    let Some(held) = queue::claim(&core.pool, core.now(), wanted).await? else { return Ok(None) };
    let job = held.job;
    // A task of its own: what panics has failed. It ends with this function.
    let mut work = JoinSet::new();
    let its_own = core.clone();
    work.spawn(async move { perform(&its_own, job).await.map_err(|error| error.to_string()) });
    let begun = Instant::now();
    let sign = LEASE.unsigned_abs() / 3;
    let mut signs = interval_at(Instant::now() + sign, sign);
    pin!(stop);
    let outcome = loop {
        select! {
            ended = work.join_next() => break match ended {
                Some(Ok(outcome)) => outcome,
                Some(Err(panic)) => Err(panic.to_string()),
                None => Err("it did not begin".to_owned()),
            },
            _ = signs.tick() => {
                if let Err(error) = held.hold(&core.pool, core.now()).await {
                    tracing::warn!(%job, %error, "saying that a job is still under way");
                }
            }
            () = sleep_until(begun + LONGEST) => {
                work.shutdown().await;
                break Err(format!("it took more than {} minutes", LONGEST.as_secs() / 60));
            }
            () = &mut stop => {
                work.shutdown().await;
                held.give_back(&core.pool, core.now()).await?;
                return Ok(None);
            }
        }
    };
    match &outcome {
        Ok(done) => held.end(&core.pool, core.now(), *done).await?,
        Err(reason) => {
            let rest = held.fail(&core.pool, core.now(), reason).await?;
            tracing::warn!(%job, reason, again_in_seconds = rest.whole_seconds(), "a job failed");
        }
    }
    Ok(Some(Worked { job, outcome }))
}

/// How much was done.
async fn perform(core: &Core, job: Job) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let (pool, now) = (&core.pool, core.now());
    let chore = match job {
        Job::Chore(chore) => chore,
        Job::RemoveAccount(id) => return Ok(admin::remove_rest(core, id).await?),
    };
    Ok(match chore {
        Chore::EndSessions => session::sweep(pool, now).await?,
        Chore::AnswerResets => reset::answer_all(core).await?,
        Chore::AnswerMailedCodes => mailed_code::answer_all(core).await?,
        Chore::TellStepUps => step_up::record_all(core).await?,
        Chore::EndChallenges => challenge::sweep(pool, now).await?,
        Chore::BinLapsed => library::bin_lapsed(core).await?,
        Chore::EmptyBin => library::purge_expired(core, now).await?,
        Chore::LookAtImages => library::look(core, LOOKS).await?.into(),
        Chore::ShrinkVariants => {
            let ByteSize(bytes) = variants::shrink(core).await?;
            bytes
        }
        Chore::ForgetAlbumTries => albums::sweep(core).await?,
        Chore::ForgetGuests => albums::guests::sweep(core).await?,
        Chore::ForgetUploadKeys => once::sweep(pool, now).await?,
        Chore::ForgetUploads => pieces::sweep(pool, now).await?,
        Chore::ForgetViews => views::sweep(pool, now).await?,
        Chore::ForgetAlerts => alert::sweep(pool, now).await?,
        Chore::RemindOfSecrets => alert::remind(core).await?,
        Chore::EmptyOutbox => outbox::sweep(pool, now).await?,
    })
}
