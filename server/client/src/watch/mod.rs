//! `reflect upload --watch`

mod folder;

use std::{
    collections::{BTreeMap, HashMap},
    future::pending,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use model::rules::links::LinkForm;
use tokio::{
    select,
    time::{Instant, sleep_until},
};

use self::folder::{Folder, Seen};
use crate::{
    api::Api,
    exit::Exit,
    failure::Failure,
    form::Source,
    screen::{Screen, plain, say},
    stop::Stop,
};

/// How long a file must be left alone once whoever wrote it has closed it: some write in several goes.
const QUIET: Duration = Duration::from_millis(300);
/// When to try again what the network kept from being sent.
const LATER: Duration = Duration::from_secs(30);

/// What tells a file from what it was before: its bytes, and when they were written.
type Stamp = (u64, SystemTime);

/// Files of the folder.
#[derive(Default)]
struct Files {
    /// Those to upload, and when.
    due: BTreeMap<PathBuf, Instant>,
    /// Those that need nothing unless they change.
    known: HashMap<PathBuf, Stamp>,
}

impl Files {
    fn hear(&mut self, seen: Seen, folder: &Folder) -> Result<(), Failure> {
        match seen {
            Seen::Finished(path) => {
                self.due.insert(path, Instant::now() + QUIET);
            }
            Seen::Touched(path) => {
                self.due.remove(&path);
            }
            Seen::TooMuch => {
                for path in folder.images().map_err(|error| folder.failure(&error))? {
                    self.due.entry(path).or_insert_with(|| Instant::now() + QUIET);
                }
            }
            Seen::Gone => {
                return Err(Failure::Here(format!("{}: the folder is gone", folder.path().display())));
            }
        }
        Ok(())
    }

    /// The next file that is due, once it is.
    async fn next(&self) -> PathBuf {
        match self.due.iter().min_by_key(|(_, at)| **at) {
            Some((path, at)) => {
                sleep_until(*at).await;
                path.clone()
            }
            None => pending().await,
        }
    }
}

/// Uploads each image that is finished in the folder from now on, and prints its link; until Ctrl-C.
pub(crate) async fn run(
    api: &Api,
    screen: &Screen,
    path: &Path,
    existing: bool,
    form: LinkForm,
) -> Result<Exit, Failure> {
    let mut stop = Stop::listen()?;
    // Heard before it is looked at, so that nothing comes in between.
    let folder = Folder::open(path)?;
    let (mut files, mut done) = (Files::default(), 0);
    for path in folder.images().map_err(|error| folder.failure(&error))? {
        if existing {
            files.due.insert(path, Instant::now());
        } else if let Some(stamp) = stamp(&path).await {
            files.known.insert(path, stamp);
        }
    }
    screen.note(format_args!("watching {} until Ctrl-C", path.display()));
    loop {
        let path = select! {
            () = stop.asked() => return Ok(Exit::Done),
            seen = folder.seen() => {
                for seen in seen.map_err(|error| folder.failure(&error))? {
                    files.hear(seen, &folder)?;
                }
                continue;
            }
            path = files.next() => path,
        };
        files.due.remove(&path);
        let Some(stamp) = stamp(&path).await.filter(|stamp| files.known.get(&path) != Some(stamp)) else {
            continue;
        };
        let source = Source::file(path.clone());
        let uploaded = select! {
            uploaded = api.upload(&source) => uploaded,
            () = stop.asked() => {
                screen.note(format_args!("{}: not finished", source.name));
                return Ok(Exit::Interrupted);
            }
        };
        match uploaded {
            Ok(picture) => {
                files.known.insert(path, stamp);
                done += 1;
                say(plain(picture.links.get(form)))?;
            }
            Err(Failure::Unreachable(reason)) => {
                screen.note(format_args!("{}: {reason} Trying again in {} s.", source.name, LATER.as_secs()));
                files.due.entry(path).or_insert_with(|| Instant::now() + LATER);
            }
            Err(failure) => {
                screen.note(format_args!("{}: {failure}", source.name));
                files.known.insert(path, stamp);
                if failure.concerns_all() {
                    return Ok(Exit::of(done, &[failure]));
                }
            }
        }
    }
}

async fn stamp(path: &Path) -> Option<Stamp> {
    let facts = tokio::fs::metadata(path).await.ok().filter(std::fs::Metadata::is_file)?;
    Some((facts.len(), facts.modified().ok()?))
}
