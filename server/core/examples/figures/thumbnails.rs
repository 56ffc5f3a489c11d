//! Thumbnails as the server makes them.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use model::types::{MediaType, VariantFormat, VariantWidth};
use reflect_core::images::variants::render;

use crate::Result;

/// Reads JPEGs, makes their thumbnails and writes those into the folder under the same names. Answers how long
/// that took.
pub fn make(files: &[PathBuf], format: &str, threads: usize, folder: &Path) -> Result<Duration> {
    let format = match format {
        "avif" => VariantFormat::Avif,
        "jpg" => VariantFormat::Jpeg,
        "webp" => VariantFormat::WebP,
        other => return Err(format!("no thumbnails are made as {other}").into()),
    };
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Relaxed)) {
            let made = render(&std::fs::read(file)?, MediaType::Jpeg, VariantWidth::THUMBNAIL, format)?;
            let name = Path::new(file.file_name().unwrap_or_default());
            std::fs::write(folder.join(name.with_extension(format.media_type().extension())), made)?;
        }
        Ok(())
    };
    let start = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    Ok(start.elapsed())
}
