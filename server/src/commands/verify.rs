//! `reflect verify`

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use reflect_core::{
    audit::{self, Head},
    images::verify as images,
};
use serde_json::{Value, json};

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

/// How often somebody who waits hears how far it is.
const TELL: Duration = Duration::from_secs(1);

/// What to check.
#[derive(Clone, Copy, Debug)]
pub(super) struct What {
    /// A head that was printed before.
    pub(super) noted: Option<Head>,
    /// Only the audit log, which takes a moment.
    pub(super) log_only: bool,
}

/// Checks all of it, also where something is wrong on the way.
pub(super) async fn run(instance: &Instance, what: What, json: bool) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core_to_look_at(&instance.store, &instance.site).await?;
    let log = audit::verify(&core, what.noted).await?;
    let images = if what.log_only { None } else { Some(images::verify(&core, progress()).await?) };
    database.close().await;
    if json {
        say(json!({ "audit_log": log_document(&log), "images": images.as_ref().map(images_document) }))?;
    } else {
        if log.damage.is_none() {
            say(format!("Audit log: {} entries, all in order.\nHead: {}", log.entries, log.head))?;
            say("Note the head apart from the database and give it to the next check as --head.")?;
        }
        if let Some(images) = &images {
            say(format!("Images: {} files with {}, {}.", images.blobs, images.bytes, order(images)))?;
            images.damage.iter().try_for_each(say)?;
        }
    }
    let mut wrong = Vec::new();
    if let Some(damage) = log.damage {
        wrong.push(format!("audit log: {damage}. The {} entries before are in order", log.entries));
    }
    if let Some(images) = images.filter(|images| images.damaged > 0) {
        wrong.push(format!("images: {} things are wrong", images.damaged));
    }
    if wrong.is_empty() { Ok(()) } else { Err(CommandError::Damaged(wrong.join("; "))) }
}

fn order(images: &images::Report) -> String {
    let told = images.damage.len() as u64;
    match images.damaged {
        0 => "all in order".into(),
        n if n > told => format!("{n} things are wrong, the first {told} of them"),
        n => format!("{n} things are wrong"),
    }
}

/// Says how far it is, to somebody who looks on.
fn progress() -> impl FnMut(&images::Report) {
    let looks_on = io::stderr().is_terminal();
    let mut last = Instant::now();
    move |report| {
        if looks_on && last.elapsed() >= TELL {
            last = Instant::now();
            // Whoever doesn't hear it misses nothing.
            let _ = write!(io::stderr(), "\r{} files, {} \x1b[K\r", report.blobs, report.bytes);
        }
    }
}

/// What a script reads.
fn log_document(log: &audit::Report) -> Value {
    let damage = log.damage.as_ref().map(|damage| {
        json!({ "code": damage.code(), "sequence": damage.sequence(), "detail": damage.to_string() })
    });
    json!({ "entries": log.entries, "head": log.head.to_string(), "damage": damage })
}

fn images_document(images: &images::Report) -> Value {
    let damage: Vec<Value> = images
        .damage
        .iter()
        .map(|damage| json!({ "code": damage.code(), "detail": damage.to_string() }))
        .collect();
    json!({ "files": images.blobs, "bytes": images.bytes, "damaged": images.damaged, "damage": damage })
}
