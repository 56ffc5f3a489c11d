//! Images that everybody asks for: from reflect's memory, and from nginx's files.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{
    Bench,
    client::{Answer, Client},
    figure::{Figure, Outcome, Unit, median},
    helper::Helper,
    keeper::Running,
    machine::family_cpu_seconds,
    nginx::{self, Nginx, Served},
    server::{Instance, Person, installed, path, upload},
    wrk::{Load, Seen},
};
use crate::command::say;

/// The core of the server under load, and the one of the load.
const SERVER: usize = 0;
const LOAD: usize = 1;

/// How many bytes the thumbnail should have.
const THUMBNAIL: usize = 25_000;

/// Addresses that deliver the same bytes.
struct Pair {
    /// Path and query at reflect.
    path: String,
    accept: &'static str,
    /// File at nginx.
    file: &'static str,
    bytes: Vec<u8>,
    headers: Vec<(String, String)>,
    connections: u32,
    target: &'static str,
}

/// What one load found.
#[derive(Debug)]
struct Round {
    seen: Seen,
    /// Microseconds of the server's core that a request took, the kernel's part with it.
    cpu: f64,
}

impl Pair {
    fn served(&self) -> Served<'_> {
        Served { name: self.file, bytes: &self.bytes, headers: &self.headers }
    }
}

/// Requests in a second of one core, for a small and for a large file.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    let nginx = if nginx::find().is_none() { Some(("nginx", "nginx-light")) } else { None };
    let tools: Vec<_> = [("wrk", "wrk"), ("taskset", "util-linux")].into_iter().chain(nginx).collect();
    if let Some(missing) = installed(&tools) {
        return Ok(Outcome::Skipped(missing));
    }
    if std::thread::available_parallelism()?.get() <= LOAD {
        return Ok(Outcome::Skipped("it needs two cores: one serves, one asks".into()));
    }
    let helper = Helper::build()?;
    let instance = Instance::start(bench)?;
    let server = instance.serve(Some(SERVER))?;
    let person = instance.person("serve")?;
    let pairs = pairs(bench, &helper, server.port, &person)?;
    let files: Vec<_> = pairs.iter().map(Pair::served).collect();
    let nginx = Nginx::start(&bench.keeper, SERVER, &files)?;

    let (mut figures, mut notes) = (Vec::new(), Vec::new());
    for pair in &pairs {
        same_answers(pair, server.port, nginx.port)?;
        let url = |port: u16, path: &str| format!("http://127.0.0.1:{port}{path}");
        let ours = url(server.port, &pair.path);
        let theirs = url(nginx.port, &format!("/{}", pair.file));
        let ask = |url: &String, server: &Running<'_>, time: Duration| -> Result<Round> {
            let headers = &[pair.accept];
            let load =
                Load { url: url.clone(), headers, connections: pair.connections, core: Some(LOAD), time };
            let before = family_cpu_seconds(server.pid());
            let seen = load.run()?;
            let cpu = family_cpu_seconds(server.pid()) - before;
            ensure!(seen.bad == 0, "{} answers of {url} were errors", seen.bad);
            Ok(Round { seen, cpu: cpu * 1e6 / (seen.rate * time.as_secs_f64()) })
        };
        let warm = Duration::from_secs(bench.choose(3, 1));
        ask(&ours, &server.process, warm)?;
        ask(&theirs, &nginx.process, warm)?;
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for round in 1..=bench.choose(3, 1) {
            let time = Duration::from_secs(bench.choose(10, 2));
            one.push(ask(&ours, &server.process, time)?);
            other.push(ask(&theirs, &nginx.process, time)?);
            say(&format!("{}, round {round}: {:?} beside {:?}", pair.file, one.last(), other.last()));
        }
        let both = |pick: fn(&Round) -> f64| (middle(&one, pick), middle(&other, pick));
        let what = format!("{}, {} connections", size(pair.bytes.len()), pair.connections);
        let figure = |name: String, (ours, theirs): (f64, f64), unit| {
            Figure::new(name, ours, unit).beside("nginx", theirs)
        };
        figures.push(figure(what.clone(), both(|round| round.seen.rate), Unit::Requests).target(pair.target));
        let cost = format!("{what}, the server's time for one");
        figures.push(figure(cost, both(|round| round.cpu), Unit::CpuMicroseconds));
        figures.push(figure(format!("{what}, median"), both(|round| round.seen.p50), Unit::Milliseconds));
        figures.push(figure(format!("{what}, p99"), both(|round| round.seen.p99), Unit::Milliseconds));
        notes.push(format!(
            "{}: `{}` with `{}`, {} bytes",
            pair.file,
            pair.path,
            pair.accept,
            pair.bytes.len()
        ));
    }
    Ok(Outcome::Measured { figures, notes })
}

/// The thumbnail whose size is nearest to the wanted one, and an original.
fn pairs(bench: &Bench, helper: &Helper, port: u16, person: &Person) -> Result<Vec<Pair>> {
    let mut client = Client::connect(port)?;
    let mut store = |folder: &str, size: (u32, u32), noise: u8| -> Result<String> {
        let photos = helper.photos(&bench.keeper.folder(folder)?, 1, size, noise)?;
        let bytes = std::fs::read(photos.first().context("no photo")?)?;
        path(&upload(&mut client, person, "photo.jpg", &bytes)?)
    };
    let original = store("serve", (4000, 3000), 14)?;
    // Less high, for a thumbnail of the wanted size.
    let smaller = store("serve/smaller", (4000, 2400), 6)?;
    let mut thumbnails = Vec::new();
    for width in [320, 640, 1280] {
        for (accept, file) in
            [("Accept: image/webp", "thumbnail.webp"), ("Accept: image/jpeg", "thumbnail.jpg")]
        {
            let path = format!("{smaller}?w={width}");
            let Answer { body: bytes, headers, .. } = client.get(&path, &[accept])?;
            thumbnails
                .push(Pair { path, accept, file, bytes, headers, connections: 32, target: "≥ 1.0×" });
        }
    }
    let thumbnail = thumbnails.into_iter().min_by_key(|pair| pair.bytes.len().abs_diff(THUMBNAIL));
    let accept = "Accept: image/jpeg";
    let Answer { body: bytes, headers, .. } = client.get(&original, &[accept])?;
    let (file, target) = ("original.jpg", "≥ 1.5×");
    let original = Pair { path: original, accept, file, bytes, headers, connections: 4, target };
    Ok(vec![thumbnail.context("no thumbnail")?, original])
}

/// What is compared must be the same work: the same bytes with the same headers, but for those
/// whose value is the server's own.
fn same_answers(pair: &Pair, ours: u16, theirs: u16) -> Result<()> {
    for (port, path) in [(ours, pair.path.clone()), (theirs, format!("/{}", pair.file))] {
        let answer = Client::connect(port)?.get(&path, &[pair.accept])?;
        ensure!(answer.status == 200 && answer.body == pair.bytes, "{path} answers {}", answer.status);
        for (name, value) in &pair.headers {
            let found = answer.header(name);
            let own = matches!(name.as_str(), "date" | "etag");
            ensure!(found == Some(value) || own && found.is_some(), "{path} has {name}: {found:?}");
        }
    }
    Ok(())
}

fn middle(rounds: &[Round], pick: fn(&Round) -> f64) -> f64 {
    median(&rounds.iter().map(pick).collect::<Vec<_>>())
}

fn size(bytes: usize) -> String {
    let bytes = bytes as f64;
    if bytes < 1e6 { format!("{:.0} KB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}
