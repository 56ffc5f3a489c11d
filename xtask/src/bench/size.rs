//! What a first visit to the gallery downloads, as a browser does it.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    Bench,
    figure::{Figure, Outcome, Unit},
    helper::Helper,
    page,
    server::Instance,
};
use crate::{
    command::{command, output},
    project, setup,
};

/// Paths below the site's folder.
#[derive(Deserialize)]
struct Loaded {
    /// While nobody does anything.
    seen: Vec<String>,
    /// Once the pointer has moved: what a person may need next.
    used: Vec<String>,
}

/// Bytes of the Brotli siblings, which is what browsers get over HTTPS.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    setup::npm_packages()?;
    let helper = Helper::build()?;
    let instance = Instance::start(bench)?;
    let server = instance.serve(None)?;
    let cookie = page::visitor(bench, &helper, &instance, &server, "size")?;
    let mut browser = command("node");
    browser.current_dir(project::npm()).env("PLAYWRIGHT_CHROMIUM", setup::chromium()?);
    browser.args(["bench/first-view.mjs", &format!("http://127.0.0.1:{}/gallery", server.port)]);
    browser.arg(cookie.trim_start_matches("Cookie: "));
    let loaded = output(&mut browser).context("the browser did not load the gallery")?;
    let Loaded { seen, used } = serde_json::from_str(&loaded)?;
    ensure!(seen.iter().any(|path| path.ends_with(".wasm")), "the page loaded no WASM: {loaded}");
    let figures = vec![
        Figure::new("first view: WASM + JS + CSS, Brotli", kilobytes(&seen)?, Unit::Kilobytes)
            .target("≤ 220 KB"),
        Figure::new("once somebody moves: scrolling, uploads", kilobytes(&used)?, Unit::Kilobytes),
    ];
    let mut notes = Vec::new();
    for kind in ["wasm", "js", "css"] {
        let of_kind: Vec<_> = seen.iter().filter(|path| path.ends_with(kind)).cloned().collect();
        notes.push(format!("{kind}: {:.1} KB in {} files", kilobytes(&of_kind)?, of_kind.len()));
    }
    Ok(Outcome::Measured { figures, notes })
}

fn kilobytes(paths: &[String]) -> Result<f64> {
    paths.iter().try_fold(0.0, |sum, path| {
        let file = project::site().join(format!("{path}.br"));
        // What is too small to gain by it isn't compressed.
        let size = fs::metadata(&file).or_else(|_| fs::metadata(project::site().join(path)));
        Ok(sum + size.with_context(|| format!("{path} is not in the site"))?.len() as f64 / 1e3)
    })
}
