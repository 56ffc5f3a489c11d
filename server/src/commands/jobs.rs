//! `reflect jobs`

use std::future;

use reflect_core::{
    Core,
    jobs::{self, Chore, Job, Listed, State, Worked},
    mail::outbox,
    rfc3339,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

/// Says what there is to do, and how it stands; or does one thing at once.
pub(super) async fn run(instance: &Instance, chore: Option<Chore>, json: bool) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    jobs::plan(&core.pool, core.now()).await?;
    let told = match chore {
        Some(chore) => now(&core, chore, json).await,
        None => list(&core, json).await,
    };
    database.close().await;
    told
}

async fn now(core: &Core, chore: Chore, json: bool) -> Result<(), CommandError> {
    let worked = jobs::work_once(core, Some(Job::Chore(chore)), future::pending()).await?;
    let Worked { job, outcome } = worked.ok_or(CommandError::JobUnderWay(chore.as_str()))?;
    match outcome {
        Ok(done) if json => say(json!({ "kind": job.to_string(), "done": done })),
        Ok(done) => say(format!("{job}: {done} done")),
        Err(reason) => Err(CommandError::JobFailed { job, reason }),
    }
}

async fn list(core: &Core, json: bool) -> Result<(), CommandError> {
    let listed = jobs::list(&core.pool, core.now()).await?;
    let mail = outbox::counts(core).await?;
    if json {
        return say(json!({ "jobs": listed, "mail": mail }));
    }
    let width = listed.iter().map(|job| job.kind.len()).max().unwrap_or_default();
    listed.iter().try_for_each(|job| say(line(job, width)))?;
    say(format!(
        "{:width$}  {} wait, {} are on the line; {} sent and {} given up in 30 days",
        "mail", mail.queued, mail.sending, mail.sent, mail.failed
    ))
}

/// `empty-bin   waits until 2026-11-20T12:10:00Z   2026-11-20T12:00:00Z: 3 done`
fn line(job: &Listed, width: usize) -> String {
    let at =
        |at: Option<OffsetDateTime>| at.map_or_else(|| "?".to_owned(), |at| rfc3339(at).as_str().to_owned());
    let due = at(Some(job.due_at));
    let state = match job.state {
        State::Running => format!("under way since {}", at(job.started_at)),
        State::Waiting => format!("waits until {due}"),
        State::Failing => format!("failed {} times, again at {due}", job.tries),
    };
    let last = match (job.ended_at, job.done, &job.failure) {
        (Some(ended), _, Some(failure)) => format!("{}: {failure}", at(Some(ended))),
        (Some(ended), Some(done), None) => format!("{}: {done} done", at(Some(ended))),
        _ => "not done yet".to_owned(),
    };
    let subject = job.subject.map(|subject| format!("  {subject}")).unwrap_or_default();
    format!("{:width$}  {state}  {last}{subject}", job.kind)
}
