//! Development: build, serve, and again on every change.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command},
    thread::sleep,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use crate::{
    command::{command, run as call, say, wait_for},
    fingerprint::files,
    project, run,
    site::Mode,
};

/// What a change in leads to a new build.
const WATCHED: [&str; 6] = ["Cargo.toml", "app", "frontend", "migrations", "server", "style"];

/// Builds and serves until interrupted. A build that fails leaves the last good server running.
pub fn dev(arguments: &[&str]) -> Result<()> {
    let postgres = run::postgres_for_server()?;
    let mut server: Option<Server> = None;
    loop {
        let seen = snapshot()?;
        match run::build(Mode::Dev) {
            Ok(()) => {
                drop(server.take());
                server = Some(Server::start(&mut run::serve("debug", postgres.as_ref(), arguments))?);
            }
            Err(error) => say(&format!("{error:#}; waiting for a change")),
        }
        while snapshot()? == seen {
            sleep(Duration::from_millis(400));
        }
        // An editor or a version control system writes several files; take them as one change.
        sleep(Duration::from_millis(200));
    }
}

fn snapshot() -> Result<BTreeMap<PathBuf, Option<SystemTime>>> {
    let root = project::root();
    let mut seen = BTreeMap::new();
    for path in WATCHED {
        for file in files(&root.join(path))? {
            let changed = fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
            seen.insert(file, changed);
        }
    }
    Ok(seen)
}

/// A running server, stopped as an interrupt from the keyboard would.
struct Server(Child);

impl Server {
    fn start(command: &mut Command) -> Result<Self> {
        command.spawn().map(Self).context("reflect did not start")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = call(command("kill").arg(self.0.id().to_string())).is_ok()
            && wait_for(Duration::from_secs(15), || !matches!(self.0.try_wait(), Ok(None)));
        if !stopped {
            // It is gone or stuck; either way nothing better is left to do.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
