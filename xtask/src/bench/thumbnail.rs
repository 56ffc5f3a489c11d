//! Thumbnails of 12-megapixel photos, 320 pixels wide.

use std::{fs, path::PathBuf, process::Child, thread::available_parallelism, time::Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    Bench,
    figure::{Figure, Outcome, Unit, median},
    helper::{self, Helper, Took},
    server::installed,
};
use crate::command::{command, say};

/// Formats by extension. vips encodes both with quality 80, reflect with that which the photo needs.
const FORMATS: [&str; 2] = ["jpg", "webp"];

/// Likeness to the reference.
#[derive(Deserialize)]
struct Score {
    psnr: f64,
    ssim: f64,
    bytes: f64,
}

/// Images in a second, in rounds that take turns, then how good they are.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    if let Some(missing) = installed(&[("vipsthumbnail", "libvips-tools")]) {
        return Ok(Outcome::Skipped(missing));
    }
    let helper = Helper::build()?;
    let cores = available_parallelism()?.get();
    let photos = helper.photos(&bench.keeper.folder("thumbnail")?, bench.choose(12, 4), (4000, 3000), 10)?;
    // Each several times, so that the start of vipsthumbnail doesn't count.
    let files = vec![photos.clone(); bench.choose(8, 2)].concat();
    let (mut figures, mut notes) = (Vec::new(), Vec::new());
    for format in FORMATS {
        let ours = bench.keeper.folder(&format!("thumbnail/ours-{format}"))?;
        let theirs = bench.keeper.folder(&format!("thumbnail/theirs-{format}"))?;
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for round in 0..bench.choose(4, 2) {
            let mut make = helper.command(&["thumbnails", format, &cores.to_string()]);
            let took: Took = helper::answer(make.arg(&ours).args(&files))?;
            let vips = vips(&files, cores, &theirs.join(format!("%s.{format}[Q=80]")))?;
            say(&format!("{format}, round {round}: {:.2} s beside {vips:.2} s", took.seconds));
            // The first warms up.
            if round > 0 {
                one.push(rate(files.len(), took.seconds));
                other.push(rate(files.len(), vips));
            }
        }
        let what = format!("12 MP JPEG → 320 px {}", if format == "jpg" { "JPEG" } else { "WebP" });
        figures.push(
            Figure::new(what.clone(), median(&one), Unit::Images)
                .beside("vipsthumbnail", median(&other))
                .target("≥ 1.0×"),
        );
        let scores = scores(&helper, &photos, [&ours, &theirs], format)?;
        let both = |pick: fn(&Score) -> f64| {
            let mean = |side: usize| median(&scores.iter().map(|pair| pick(&pair[side])).collect::<Vec<_>>());
            (mean(0), mean(1))
        };
        for (name, unit, (mine, peer)) in [
            ("PSNR", Unit::Decibels, both(|score| score.psnr)),
            ("SSIM", Unit::Share, both(|score| score.ssim)),
            ("size", Unit::Kilobytes, both(|score| score.bytes / 1e3)),
        ] {
            figures.push(Figure::new(format!("{what}, {name}"), mine, unit).beside("vipsthumbnail", peer));
        }
    }
    let megabytes = helper::bytes(&photos)? / 1e6 / rate(photos.len(), 1.0);
    notes.push(format!(
        "{} distinct photos of 4000 × 3000 pixels and {megabytes:.1} MB, each {} times in a round; {cores} threads \
         beside {cores} processes",
        photos.len(),
        files.len() / photos.len()
    ));
    Ok(Outcome::Measured { figures, notes })
}

/// Runs as many vipsthumbnails as there are cores, each with its share of the files. Answers the seconds until
/// all have ended.
fn vips(files: &[PathBuf], processes: usize, pattern: &std::path::Path) -> Result<f64> {
    let start = Instant::now();
    let children: Vec<Child> = files
        .chunks(files.len().div_ceil(processes))
        .map(|share| {
            let mut vips = command("vipsthumbnail");
            // A thread for each process: they share the cores as reflect's threads do.
            vips.env("VIPS_CONCURRENCY", "1").args(["--size", "320x", "-o"]).arg(pattern).args(share);
            vips.spawn().context("vipsthumbnail did not start")
        })
        .collect::<Result<_>>()?;
    for mut child in children {
        ensure!(child.wait()?.success(), "vipsthumbnail failed");
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Of every photo, the scores of both thumbnails.
fn scores(
    helper: &Helper,
    photos: &[PathBuf],
    folders: [&PathBuf; 2],
    format: &str,
) -> Result<Vec<[Score; 2]>> {
    let score = |photo: &PathBuf| {
        let name = PathBuf::from(photo.file_name().unwrap_or_default()).with_extension(format);
        let made = folders.map(|folder| folder.join(&name));
        ensure!(made.iter().all(|file| fs::metadata(file).is_ok()), "{} was not made", name.display());
        helper::answer(helper.command(&["quality", "320", "240"]).arg(photo).args(made))
    };
    photos.iter().map(score).collect()
}

fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}
