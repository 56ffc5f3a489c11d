//! `reflect import`

mod archive;

use std::{collections::HashMap, fmt::Write as _, path::PathBuf, pin::pin, sync::Arc};

use clap::{Args, ValueHint};
use futures::{StreamExt as _, stream};
use model::types::{ImportOutcome, KnownAnswer};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::select;

pub(crate) use self::archive::Archive;
use crate::{
    api::Api,
    config::Connection,
    exit::Exit,
    failure::Failure,
    form::{Content, Source},
    screen::{Bar, Screen, say},
    stop::Stop,
};

/// Images of which the server is asked at once whether they are there.
const ASKED: usize = 500;

#[derive(Args)]
pub struct ImportArguments {
    /// What `reflect export`, or the site's settings, saved.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Images on their way at once.
    #[arg(long, env = "REFLECT_CLIENT_JOBS", default_value_t = 3, value_name = "N",
          value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// What of a line of an export is looked at here. The server gets all of it.
#[derive(Deserialize)]
struct Line {
    file: String,
    hash: String,
    created_at: String,
    filename: String,
}

/// `POST import`
#[derive(Deserialize)]
struct Started {
    albums: Vec<String>,
}

/// `POST import/images`
#[derive(Deserialize)]
struct Report {
    outcome: ImportOutcome,
}

/// An import under way.
struct Import<'a> {
    api: &'a Api,
    screen: &'a Screen,
    file: Arc<PathBuf>,
    jobs: usize,
    /// The albums there are, by what they are called in the export.
    albums: HashMap<String, String>,
    bar: Bar,
    told: Told,
}

/// What became of the images.
#[derive(Default)]
struct Told {
    taken: usize,
    elsewhere: usize,
    restored: usize,
    existing: usize,
    failures: Vec<Failure>,
}

/// Brings back an export, and prints what became of its images.
pub(crate) async fn run(arguments: ImportArguments, screen: &Screen) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.connection.settings()?, screen)?;
    let mut archive = Archive::open(&arguments.file)?;
    let summary = archive.summary()?;
    let name = |album: &Value| album.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: Vec<String> = summary.albums.iter().map(name).collect();
    let start = json!({ "tags": summary.tags, "albums": summary.albums });
    let started: Started = api.post("/api/v1/import", &start).await?;
    let mut import = Import {
        api: &api,
        screen,
        file: Arc::new(arguments.file),
        jobs: arguments.jobs.into(),
        albums: names.into_iter().zip(started.albums).collect(),
        bar: screen.files(usize::try_from(summary.images).unwrap_or(usize::MAX)),
        told: Told::default(),
    };
    let mut stop = Stop::listen()?;
    let is_stopped = select! {
        () = import.all(&mut archive) => false,
        () = stop.asked() => true,
    };
    let Import { told, bar, .. } = import;
    drop(bar);
    let lines = told.lines();
    if !lines.is_empty() {
        say(lines.trim_end())?;
    }
    if is_stopped {
        screen.note("stopped: call it again to go on");
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::of(told.done(), &told.failures))
}

impl Import<'_> {
    async fn all(&mut self, archive: &mut Archive) {
        for name in archive.metadata() {
            let text = match archive.text(&name) {
                Ok(text) => text.unwrap_or_default(),
                Err(failure) => {
                    self.failed(&name, failure);
                    continue;
                }
            };
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            for lines in lines.chunks(ASKED) {
                if !self.some(archive, lines).await {
                    self.screen.note("the import ended before its end: call it again to go on");
                    return;
                }
            }
        }
    }

    /// Brings back the images of some lines; answers whether others are worth a try.
    async fn some(&mut self, archive: &mut Archive, lines: &[&str]) -> bool {
        let mut images = Vec::new();
        for line in lines {
            let read =
                serde_json::from_str::<Value>(line).and_then(|said| Ok((Line::deserialize(&said)?, said)));
            match read {
                Ok(image) => images.push(image),
                Err(error) => {
                    let start: String = line.chars().take(60).collect();
                    self.failed(&start, Failure::Here(format!("it can't be read: {error}")));
                }
            }
        }
        let asked = |(line, _): &(Line, Value)| json!({ "hash": line.hash, "created_at": line.created_at });
        let question = json!({ "images": images.iter().map(asked).collect::<Vec<_>>() });
        let known = match self.api.post::<KnownAnswer>("/api/v1/import/known", &question).await {
            Ok(answer) => answer.known,
            Err(failure) => {
                self.failed("", failure);
                return false;
            }
        };
        let mut found = Vec::new();
        for ((line, mut said), is_known) in images.into_iter().zip(known) {
            if is_known {
                self.told.existing += 1;
                self.bar.0.inc(1);
                continue;
            }
            match archive.locate(&line.file) {
                Ok(Some(range)) => {
                    self.rename_albums(&mut said);
                    let content = Content::Part(Arc::clone(&self.file), range);
                    found.push((Source { name: line.filename, content }, said.to_string()));
                }
                Ok(None) => self.failed(&line.filename, Failure::Here("its file is missing".to_owned())),
                Err(failure) => self.failed(&line.filename, failure),
            }
        }
        let api = self.api;
        let mut sent = pin!(
            stream::iter(found)
                .map(async |(source, said)| {
                    let report = api.bring_back::<Report>(&said, &source).await;
                    (source.name, report)
                })
                .buffer_unordered(self.jobs)
        );
        while let Some((name, report)) = sent.next().await {
            match report {
                Ok(Report { outcome }) => self.came(outcome),
                Err(failure) => {
                    let is_over = failure.concerns_all() || matches!(failure, Failure::Full(_));
                    self.failed(&name, failure);
                    if is_over {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Has what is said of an image name the albums there are.
    fn rename_albums(&self, said: &mut Value) {
        let Some(places) = said.get_mut("albums").and_then(Value::as_array_mut) else { return };
        places.retain_mut(|place| {
            let Some(album) = place.get_mut("album") else { return false };
            let now = album.as_str().and_then(|before| self.albums.get(before));
            now.is_some_and(|now| {
                *album = json!(now);
                true
            })
        });
    }

    fn came(&mut self, outcome: ImportOutcome) {
        match outcome {
            ImportOutcome::Taken => self.told.taken += 1,
            ImportOutcome::TakenElsewhere => self.told.elsewhere += 1,
            ImportOutcome::Restored => self.told.restored += 1,
            ImportOutcome::Existing => self.told.existing += 1,
        }
        self.bar.0.inc(1);
    }

    fn failed(&mut self, name: &str, failure: Failure) {
        let colon = if name.is_empty() { "" } else { ": " };
        self.screen.note(format_args!("{name}{colon}{failure}"));
        self.told.failures.push(failure);
        self.bar.0.inc(1);
    }
}

impl Told {
    const fn done(&self) -> usize {
        self.taken + self.elsewhere + self.restored + self.existing
    }

    /// A line for each kind of which there is any.
    fn lines(&self) -> String {
        let mut lines = String::new();
        for (count, name) in [
            (self.taken, "imported"),
            (self.elsewhere, "imported under new links"),
            (self.restored, "brought back from the bin"),
            (self.existing, "already there"),
            (self.failures.len(), "not imported"),
        ] {
            if count > 0 {
                // A string takes whatever is written to it.
                let _ = writeln!(lines, "{name}: {count}");
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::stand_in::StandIn;

    #[tokio::test]
    async fn what_is_no_export_is_told_before_anything_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.zip");
        let zip = |name: &str, text: &str| {
            let mut zip = ZipWriter::new_stream(Vec::new());
            let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            zip.start_file(name, stored).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
            zip.finish().unwrap().into_inner()
        };
        let later = r#"{"format":"reflect-export","version":2}"#;
        for (bytes, says) in [
            (b"no zip".to_vec(), "no zip file"),
            (zip("a.txt", "a"), "isn't an export"),
            (zip("reflect.json", "{}"), "isn't an export"),
            (zip("reflect.json", r#"{"format":"other","version":1,"images":0}"#), "isn't an export"),
            (zip("reflect.json", later), "of a version"),
        ] {
            fs::write(&path, bytes).unwrap();
            let connection = StandIn::saying(vec![]).await.connection;
            let arguments = ImportArguments { file: path.clone(), jobs: 1, connection };
            let failure = run(arguments, &Screen::default()).await.unwrap_err();
            assert_eq!(failure.exit(), Exit::Failed);
            assert!(failure.to_string().contains(says), "{failure}");
        }
    }
}
