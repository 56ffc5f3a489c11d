//! What the server takes while nothing happens, and how long it takes to be there.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{
    Bench,
    client::Client,
    figure::{Figure, Outcome, Unit, median},
    machine,
    server::{Instance, Server},
};

/// How long a start may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts while PostgreSQL runs and the schema is up to date, which is what a restart or an update is.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    let instance = Instance::start(bench)?;
    // The first start makes the schema. With an account there is no set-up link to make either.
    instance.person("idle")?;
    let (mut alive, mut page) = (Vec::new(), Vec::new());
    for _ in 0..bench.choose(10, 2) {
        let start = Instant::now();
        let server = instance.spawn(None, &[])?;
        first_answer(&server, "/healthz", start)?;
        alive.push(milliseconds(start));
        first_answer(&server, "/", start)?;
        page.push(milliseconds(start));
    }
    let server = instance.serve(None)?;
    sleep(Duration::from_secs(bench.choose(10, 2)));
    let memory = machine::memory(server.process.pid(), "VmRSS");
    let own = machine::memory(server.process.pid(), "RssAnon");
    let figures = vec![
        Figure::new("memory (RSS) after a start, idle", memory, Unit::Megabytes),
        Figure::new("start to the first 200 on /healthz", median(&alive), Unit::Milliseconds),
        Figure::new("start to the first 200 on /", median(&page), Unit::Milliseconds),
    ];
    let notes = vec![format!(
        "{own:.1} MB of the memory are the process's own, the rest are pages of its executable"
    )];
    Ok(Outcome::Measured { figures, notes })
}

/// Asks until the answer is 200. The port is open before the database is: that answer takes its time.
fn first_answer(server: &Server, path: &str, start: Instant) -> Result<()> {
    while start.elapsed() < PATIENCE {
        let answer =
            Client::connect(server.port).and_then(|mut client| client.get(path, &["Accept: text/html"]));
        match answer {
            Ok(answer) if answer.status == 200 => return Ok(()),
            Ok(answer) => bail!("{path} answers {}", answer.status),
            Err(_) => sleep(Duration::from_millis(1)),
        }
    }
    bail!("{path} did not answer within {PATIENCE:?}")
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
