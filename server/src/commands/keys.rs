//! `reflect keys …`

use std::time::Duration;

use reflect_core::{
    Core,
    keys::{self, Resealed, Rotating, Server, Use},
};
use serde_json::{Map, Value, json};

use super::{CommandError, Instance, output::say};
use crate::{
    config::{KeySource, needed_for},
    database::{Database, Opener},
};

/// How long servers are waited for, which take up new keys at once.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);

/// What was done.
struct Rotation {
    /// The key that seals.
    key_id: String,
    /// Whether it is a new one that reflect made.
    is_made: bool,
    resealed: Resealed,
    /// What older keys are needed for, key by key.
    kept: Vec<(String, Vec<Use>)>,
    /// Servers that still seal with another key.
    behind: Vec<Server>,
}

pub(super) async fn rotate(instance: &Instance, json: bool) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let source = KeySource::new(&instance.store);
    let rotation = turn(&core, &source, PATIENCE).await;
    database.close().await;
    let rotation = rotation?;
    if json {
        say(document(&rotation, &core))?;
    } else {
        tell(&rotation, &core, &source)?;
    }
    let rows = rotation.resealed.left;
    if rows > 0 || !rotation.behind.is_empty() {
        return Err(CommandError::KeysUnfinished { rows, behind: names(&rotation.behind) });
    }
    Ok(())
}

/// Waits for servers for `patience`, each time.
async fn turn(core: &Core, source: &KeySource, patience: Duration) -> Result<Rotation, CommandError> {
    let ours = Rotating::begin(&core.pool).await?.ok_or(CommandError::KeysUnderWay)?;
    all_open_with(core, &core.keys.id(), patience).await?;
    let mut resealed = Resealed::default();
    let mut is_made = false;
    if source.file().is_some() {
        // One that was stopped on the way is ended, rather than another one begun.
        if !source.is_prepared()? {
            resealed = keys::reseal(core).await?;
        }
        if resealed.total() == 0 && resealed.left == 0 {
            change_file(core, source, patience).await?;
            is_made = true;
        }
    } else if core.keys.ids().len() == 1 {
        return Err(CommandError::OnlyKey(core.keys.id()));
    }
    if is_made || source.file().is_none() {
        resealed = keys::reseal(core).await?;
    }
    let key_id = core.keys.id();
    let mut behind = keys::servers(&core.pool).await?;
    behind.retain(|server| server.seals.iter().any(|id| *id != key_id));
    let mut kept: Vec<(String, Vec<Use>)> = Vec::new();
    for one in keys::older(&core.pool, &key_id).await? {
        match kept.iter_mut().find(|(id, _)| *id == one.key_id) {
            Some((_, uses)) => uses.push(one),
            None => kept.push((one.key_id.clone(), vec![one])),
        }
    }
    ours.end().await?;
    Ok(Rotation { key_id, is_made, resealed, kept, behind })
}

/// Makes a key. Servers learn to open with it before any seals with it.
async fn change_file(core: &Core, source: &KeySource, patience: Duration) -> Result<(), CommandError> {
    let next = source.prepare()?;
    read(core, source)?;
    keys::call(&core.pool).await?;
    all_open_with(core, &next, patience).await?;
    source.promote()?;
    read(core, source)?;
    keys::call(&core.pool).await?;
    wait_for(core, patience, |server| server.seals == [next.clone()]).await?;
    Ok(())
}

fn read(core: &Core, source: &KeySource) -> Result<(), CommandError> {
    if let Some(ring) = source.ring()? {
        core.keys.replace(&ring);
    }
    Ok(())
}

/// Refuses to go on while a server can't open what is sealed with this key.
async fn all_open_with(core: &Core, key_id: &str, patience: Duration) -> Result<(), CommandError> {
    let without = wait_for(core, patience, |server| server.opens.iter().any(|id| id == key_id)).await?;
    if without.is_empty() {
        return Ok(());
    }
    Err(CommandError::ServerWithoutKey { servers: names(&without), key_id: key_id.to_owned() })
}

/// The servers that don't become so while they are waited for.
async fn wait_for(
    core: &Core,
    patience: Duration,
    is_so: impl Fn(&Server) -> bool,
) -> Result<Vec<Server>, CommandError> {
    let until = tokio::time::Instant::now() + patience;
    loop {
        let mut others = keys::servers(&core.pool).await?;
        others.retain(|server| !is_so(server));
        if others.is_empty() || tokio::time::Instant::now() >= until {
            return Ok(others);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn names(servers: &[Server]) -> String {
    let name = |server: &Server| {
        let address = server.address.as_deref().unwrap_or("this machine");
        format!("{address} (PostgreSQL process {})", server.backend)
    };
    servers.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn tell(rotation: &Rotation, core: &Core, source: &KeySource) -> Result<(), CommandError> {
    let key_id = &rotation.key_id;
    if let Some(file) = source.file().filter(|_| rotation.is_made) {
        say(format!("New key {key_id} in {}: the file belongs in the backup.", file.display()))?;
    }
    let rows = rotation.resealed.rows.iter().filter(|(_, rows)| *rows > 0);
    let rows: Vec<String> = rows.map(|(stored, rows)| format!("{rows} {}", stored.as_str())).collect();
    let rows = if rows.is_empty() { "nothing, all was".to_owned() } else { rows.join(", ") };
    say(format!("Sealed with key {key_id}: {rows}."))?;
    if rotation.resealed.unopened > 0 {
        say(format!("{} rows were changed by somebody and stay as they are.", rotation.resealed.unopened))?;
    }
    for (id, uses) in &rotation.kept {
        let is_here = core.keys.ids().contains(id);
        let advice = if is_here { "Keep key" } else { "Not at hand is key" };
        say(format!("{advice} {id}: it is needed for {}.", needed_for(uses)))?;
    }
    let ids = core.keys.ids();
    for id in ids.iter().filter(|id| *id != key_id && rotation.kept.iter().all(|(kept, _)| kept != *id)) {
        say(format!("Key {id} is no longer needed."))?;
    }
    Ok(())
}

/// What a script reads.
fn document(rotation: &Rotation, core: &Core) -> Value {
    let rows = rotation.resealed.rows.iter();
    let rows: Map<String, Value> =
        rows.map(|(stored, rows)| (stored.as_str().to_owned(), json!(rows))).collect();
    let kept = rotation.kept.iter().map(|(id, uses)| {
        let uses: Map<String, Value> =
            uses.iter().map(|one| (one.what.as_str().to_owned(), json!(one.count))).collect();
        json!({ "key": id, "at_hand": core.keys.ids().contains(id), "needed_for": uses })
    });
    json!({
        "key": rotation.key_id,
        "made": rotation.is_made,
        "resealed": rows,
        "unopened": rotation.resealed.unopened,
        "left": rotation.resealed.left,
        "kept": kept.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;
