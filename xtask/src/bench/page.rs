//! The gallery, rendered on the server for somebody who is signed in.

use std::time::Duration;

use anyhow::Result;

use super::{
    Bench,
    client::{Answer, Client},
    figure::{Figure, Outcome, Unit},
    helper::Helper,
    latency::Latency,
    server::{Instance, Server, installed, upload},
    wrk::Load,
};

/// Images in the gallery.
const IMAGES: usize = 60;

/// Latency on one connection, then the rate on eight. Server, PostgreSQL and load share the machine's cores.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    if let Some(missing) = installed(&[("wrk", "wrk")]) {
        return Ok(Outcome::Skipped(missing));
    }
    let helper = Helper::build()?;
    let instance = Instance::start(bench)?;
    let server = instance.serve(None)?;
    let cookie = visitor(bench, &helper, &instance, &server, "page")?;
    let plain = latency(bench, &server, &[&cookie, "Accept: text/html"])?;
    let packed = latency(bench, &server, &[&cookie, "Accept: text/html", "Accept-Encoding: gzip, br"])?;
    let load = Load {
        url: format!("http://127.0.0.1:{}/gallery", server.port),
        headers: &[&cookie, "Accept: text/html"],
        connections: 8,
        core: None,
        time: Duration::from_secs(bench.choose(10, 2)),
    };
    load.run()?;
    let seen = load.run()?;
    let figures = vec![
        Figure::new("/gallery, 60 images, median", plain.median, Unit::Milliseconds),
        Figure::new("/gallery, 60 images, p99", plain.p99, Unit::Milliseconds),
        Figure::new("the same compressed (br), median", packed.median, Unit::Milliseconds),
        Figure::new("the same compressed (br), p99", packed.p99, Unit::Milliseconds),
        Figure::new("/gallery, 8 connections", seen.rate, Unit::Requests),
        Figure::new("/gallery, 8 connections, median", seen.p50, Unit::Milliseconds),
        Figure::new("/gallery, 8 connections, p99", seen.p99, Unit::Milliseconds),
    ];
    let mut notes = vec![format!(
        "the page is {} bytes of HTML, {} compressed; {} requests for each latency",
        plain.bytes, packed.bytes, plain.requests
    )];
    if seen.bad > 0 {
        notes.push(format!("**{} answers to the 8 connections were errors**", seen.bad));
    }
    Ok(Outcome::Measured { figures, notes })
}

/// Somebody who is signed in and has a gallery: the `Cookie` line.
pub(super) fn visitor(
    bench: &Bench,
    helper: &Helper,
    instance: &Instance,
    server: &Server,
    name: &str,
) -> Result<String> {
    let person = instance.person(name)?;
    let mut client = Client::connect(server.port)?;
    for photo in helper.photos(&bench.keeper.folder(name)?, IMAGES, (640, 480), 4)? {
        let name = photo.file_name().unwrap_or_default().to_string_lossy().into_owned();
        upload(&mut client, &person, &name, &std::fs::read(&photo)?)?;
    }
    server.sign_in(helper, &person)
}

fn latency(bench: &Bench, server: &Server, headers: &[&str]) -> Result<Latency> {
    // A page for somebody who isn't signed in would be 200 too, and quicker. Compressed, it can't be read.
    let is_whole = |answer: &Answer| {
        let page = String::from_utf8_lossy(&answer.body);
        answer.header("content-encoding").is_some() || page.matches("<img").count() >= IMAGES
    };
    Latency::of(server, "/gallery", headers, bench.choose(2000, 200), is_whole)
}
