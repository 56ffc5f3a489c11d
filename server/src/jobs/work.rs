//! Workers: they do what is due, and wait.

use std::time::Duration;

use reflect_core::{
    Core,
    jobs::{self, Worked},
};
use time::OffsetDateTime;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

/// How many jobs one node does at once: a long one doesn't hold up all others.
const WORKERS: usize = 2;
/// Longest wait for what nobody told of.
const LOOK: Duration = Duration::from_secs(30);
/// Shortest pause, and the one after the database failed.
const BREATH: Duration = Duration::from_millis(250);
const RECOVER: Duration = Duration::from_secs(5);
/// Longest time that giving back what is under way gets when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// The workers of this node.
pub struct Workers {
    stop: CancellationToken,
    workers: JoinSet<()>,
}

impl Workers {
    /// Begins with what is due.
    #[must_use]
    pub fn start(core: &Core) -> Self {
        let (stop, mut workers) = (CancellationToken::new(), JoinSet::new());
        for _ in 0..WORKERS {
            workers.spawn(run(core.clone(), stop.clone()));
        }
        Self { stop, workers }
    }

    /// Leaves what is under way for others.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let ended = async { while self.workers.join_next().await.is_some() {} };
        if timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("a job was cut off; it is begun again in some minutes");
        }
    }
}

async fn run(core: Core, stop: CancellationToken) {
    let mut is_planned = false;
    while !stop.is_cancelled() {
        let rest = match look(&core, &stop, &mut is_planned).await {
            Ok(Some(rest)) => rest,
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(%error, "looking for work");
                RECOVER
            }
        };
        let _ = timeout(rest, stop.cancelled()).await;
    }
}

/// Does one job; how long to rest if none is due.
async fn look(
    core: &Core,
    stop: &CancellationToken,
    is_planned: &mut bool,
) -> Result<Option<Duration>, sqlx::Error> {
    if !*is_planned {
        jobs::plan(&core.pool, core.now()).await?;
        *is_planned = true;
    }
    match jobs::work_once(core, None, stop.cancelled()).await? {
        Some(Worked { job, outcome: Ok(done) }) => tracing::debug!(%job, done, "did a job"),
        Some(Worked { outcome: Err(_), .. }) => {}
        None => return Ok(Some(rest(jobs::next_due(&core.pool).await?, core.now()))),
    }
    Ok(None)
}

/// Until the next job is due, within reason.
fn rest(due: Option<OffsetDateTime>, now: OffsetDateTime) -> Duration {
    due.map_or(LOOK, |due| Duration::try_from(due - now).unwrap_or_default()).clamp(BREATH, LOOK)
}
