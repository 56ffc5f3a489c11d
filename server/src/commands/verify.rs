//! `reflect verify`

use reflect_core::audit::{self, Head, Report};
use serde_json::{Value, json};

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

pub(super) async fn run(instance: &Instance, noted: Option<Head>, json: bool) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core_to_look_at(&instance.store, &instance.site).await?;
    let log = audit::verify(&core, noted).await?;
    database.close().await;
    if json {
        say(json!({ "audit_log": document(&log) }))?;
    } else if log.damage.is_none() {
        say(format!("Audit log: {} entries, all in order.\nHead: {}", log.entries, log.head))?;
        say("Note the head apart from the database and give it to the next check as --head.")?;
    }
    match log.damage {
        None => Ok(()),
        Some(damage) => Err(CommandError::Damaged(format!(
            "audit log: {damage}. The {} entries before are in order",
            log.entries
        ))),
    }
}

/// What a script reads.
fn document(log: &Report) -> Value {
    let damage = log.damage.as_ref().map(|damage| {
        json!({ "code": damage.code(), "sequence": damage.sequence(), "detail": damage.to_string() })
    });
    json!({ "entries": log.entries, "head": log.head.to_string(), "damage": damage })
}
