//! What a first visit to the gallery downloads before the page works.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Outcome, Unit};
use crate::project;

/// The files of `assets.json` that the page itself loads. The preview worker is only named there: it is
/// fetched once somebody uploads.
const LOADED: [&str; 3] = ["wasm", "js", "css"];

/// Bytes of the Brotli siblings, which is what browsers get over HTTPS.
pub fn measure() -> Result<Outcome> {
    let site = project::site();
    let manifest = fs::read_to_string(site.join("assets.json"))
        .context("there is no site: `cargo xtask build --release`")?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let (mut sum, mut notes) = (0.0, Vec::new());
    for kind in LOADED {
        let path = manifest[kind].as_str().with_context(|| format!("assets.json names no {kind}"))?;
        let kilobytes = |suffix: &str| -> Result<f64> {
            let file = site.join(format!("{path}{suffix}"));
            let bytes =
                fs::metadata(&file).with_context(|| format!("{} is missing", file.display()))?.len() as f64;
            Ok(bytes / 1e3)
        };
        let (brotli, plain) = (kilobytes(".br")?, kilobytes("")?);
        notes.push(format!("{kind}: {brotli:.1} KB as Brotli, {plain:.1} KB unpacked"));
        sum += brotli;
    }
    let figures = vec![Figure::new("WASM + JS + CSS, Brotli", sum, Unit::Kilobytes).target("≤ 220 KB")];
    Ok(Outcome::Measured { figures, notes })
}
