//! Photos on their way in, beside the least that storing their bytes takes.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::Instant,
};

use anyhow::{Result, anyhow};

use super::{
    Bench,
    client::Client,
    figure::{Figure, Outcome, Unit, median},
    helper::{self, Helper, Took},
    machine,
    server::{Instance, Person, Server, upload},
};
use crate::command::{command, output, say};

/// Uploads at once, each over a connection that is kept.
const CONNECTIONS: usize = 4;
/// The server's connections to PostgreSQL, unless it is told otherwise.
const POOL: &str = "16";

/// Uploads once, since the same bytes again would not be stored again; inserts before and after.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    let helper = Helper::build()?;
    let photos = helper.photos(&bench.keeper.folder("upload")?, bench.choose(200, 16), (4000, 3000), 10)?;
    // What has just been written is on its way to the disk that PostgreSQL is about to need.
    output(&mut command("sync"));
    let megabytes = helper::bytes(&photos)? / 1e6;
    let instance = Instance::start(bench)?;
    let server = instance.serve(None)?;
    let person = instance.person("upload")?;

    let insert = || -> Result<f64> {
        let mut insert = helper.command(&["insert", instance.url(), POOL, &CONNECTIONS.to_string()]);
        let took: Took = helper::answer(insert.args(&photos))?;
        say(&format!("INSERT: {:.1} s", took.seconds));
        Ok(megabytes / took.seconds)
    };
    let before = insert()?;
    let pid = server.process.pid();
    let cpu = machine::cpu_seconds(pid);
    let (seconds, times) = send(&server, &person, &photos)?;
    let cpu = machine::cpu_seconds(pid) - cpu;
    say(&format!("uploads: {seconds:.1} s"));
    let peak = machine::memory(pid, "VmHWM");
    let after = insert()?;

    let number = number(photos.len());
    let figures = vec![
        Figure::new("uploads, 4 connections", megabytes / seconds, Unit::MegabytesPerSecond)
            .beside("INSERT", f64::midpoint(before, after)),
        Figure::new("uploads, 4 connections", number / seconds, Unit::Images),
        Figure::new("one upload of the four, median", median(&times) * 1e3, Unit::Milliseconds),
        Figure::new("CPU time of the server for an image", cpu / number * 1e3, Unit::CpuMilliseconds),
        Figure::new("most memory of the server (VmHWM)", peak, Unit::Megabytes),
    ];
    let notes = vec![
        format!("{number} photos of 4000 × 3000 pixels, {:.2} MB each", megabytes / number),
        format!("INSERT alone: {before:.0} MB/s before the uploads, {after:.0} MB/s after"),
        format!(
            "the server used {:.2} cores on average; it decodes every photo, makes two WebP variants and hashes",
            cpu / seconds
        ),
    ];
    Ok(Outcome::Measured { figures, notes })
}

/// Answers how long all took together and each by itself, in seconds.
fn send(server: &Server, person: &Person, photos: &[PathBuf]) -> Result<(f64, Vec<f64>)> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<f64>> {
        let mut client = Client::connect(server.port)?;
        let mut times = Vec::new();
        while let Some(photo) = photos.get(next.fetch_add(1, Relaxed)) {
            let bytes = std::fs::read(photo)?;
            let start = Instant::now();
            upload(&mut client, person, "photo.jpg", &bytes)?;
            times.push(start.elapsed().as_secs_f64());
        }
        Ok(times)
    };
    let start = Instant::now();
    let times = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
        let joined =
            clients.into_iter().map(|client| client.join().map_err(|_| anyhow!("a client panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    Ok((start.elapsed().as_secs_f64(), times.concat()))
}

fn number(count: usize) -> f64 {
    count as f64
}
