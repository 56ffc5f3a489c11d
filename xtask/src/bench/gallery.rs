//! The gallery of somebody with very many images: what grows with them, and what doesn't.

use anyhow::{Context, Result};

use super::{
    Bench,
    client::{Answer, Client},
    figure::{Figure, Outcome, Unit},
    helper::Helper,
    latency::Latency,
    server::Instance,
};

/// Years over which the images are spread.
const YEARS: &str = "5";

/// What is asked for: how it is called, the path, and what the answer has.
const ASKED: [(&str, &str, &str); 8] = [
    ("first page", "/gallery", "class=\"tile"),
    ("page at a month", "/gallery?at=MONTH", "class=\"tile"),
    ("scrubber", "/api/v1/images/timeline", "\"months\":[{"),
    ("60 images from a month on", "/api/v1/images?at=MONTH", "\"slug\""),
    ("search: a word of few names", "/api/v1/images?q=lisbon", "lisbon"),
    ("search: a word of most names", "/api/v1/images?q=IMG_", "IMG_"),
    ("search: two characters", "/api/v1/images?q=%E6%97%A5%E8%90%BD", "\"slug\""),
    ("search: one character", "/api/v1/images?q=%E7%8C%AB", "\"slug\""),
];

/// Every request at each number of images, over the same tables: those of the smaller accounts stay in them.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    let helper = Helper::build()?;
    let instance = Instance::start(bench)?;
    let server = instance.serve(None)?;
    let requests = bench.choose(500, 50);
    let mut sizes = vec![1_000, bench.choose(100_000, 10_000)];
    sizes.extend(bench.million.then_some(1_000_000));
    let mut seen: Vec<Vec<Latency>> = Vec::new();
    for images in &sizes {
        let person = instance.person(&format!("gallery-{images}"))?;
        instance.seed(&person, *images, YEARS)?;
        let cookie = server.sign_in(&helper, &person)?;
        let months =
            Client::connect(server.port)?.get("/api/v1/images/timeline", &[&person.token])?.json(200)?;
        let months = months["months"].as_array().context("no months")?;
        let month = months[months.len() / 2]["month"].as_str().context("an odd month")?.to_owned();
        let latency = |(_, path, has): &(&str, &str, &str)| {
            let headers = [cookie.as_str(), "Accept: text/html,application/json"];
            let is_right = |answer: &Answer| String::from_utf8_lossy(&answer.body).contains(has);
            Latency::of(&server, &path.replace("MONTH", &month), &headers, requests, is_right)
        };
        seen.push(ASKED.iter().map(latency).collect::<Result<_>>()?);
    }
    let mut figures = Vec::new();
    for (column, (images, latencies)) in sizes.iter().zip(&seen).enumerate() {
        for (row, ((name, ..), latency)) in ASKED.iter().zip(latencies).enumerate() {
            let median =
                Figure::new(format!("{images} images, {name}: median"), latency.median, Unit::Milliseconds);
            // A ratio of 0.5 is twice as long.
            let median = match column.checked_sub(1) {
                Some(_) => {
                    median.beside(format!("{} images", sizes[0]), seen[0][row].median).target("≥ 0.5×")
                }
                None => median,
            };
            figures.push(median);
            figures.push(Figure::new(
                format!("{images} images, {name}: p99"),
                latency.p99,
                Unit::Milliseconds,
            ));
        }
    }
    let notes =
        vec![format!("{requests} requests for each, one after the other, over {YEARS} years of images")];
    Ok(Outcome::Measured { figures, notes })
}
