//! `reflect upload`

use std::{cell::OnceCell, path::PathBuf, pin::pin};

use clap::{ArgGroup, Args, ValueHint};
use futures::{StreamExt as _, stream};
use tokio::select;

use crate::{
    api::Api,
    clipboard,
    config::Connection,
    exit::Exit,
    failure::Failure,
    form::Source,
    link::Form,
    screen::{Screen, plain, say},
    stop::Stop,
    watch,
    wire::Picture,
};

#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true))]
pub struct UploadArguments {
    /// Images to upload: files, or addresses (https://…) from which the server fetches them.
    #[arg(group = "what", value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Upload the image on the clipboard, by wl-paste (of wl-clipboard) or xclip.
    #[arg(long, group = "what")]
    clipboard: bool,
    /// Upload every image that is finished in this folder from now on, and print its link, until Ctrl-C. An image is
    /// what has an image's extension and isn't hidden.
    #[arg(long, group = "what", value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    watch: Option<PathBuf>,
    /// With --watch: those that are there already, too.
    #[arg(long, requires = "watch")]
    existing: bool,
    #[command(flatten)]
    form: Form,
    /// Files on their way at once.
    #[arg(long, env = "REFLECT_CLIENT_JOBS", default_value_t = 3, value_name = "N",
          value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// Uploads what the arguments name, and prints the links.
pub(crate) async fn run(arguments: UploadArguments, screen: &Screen) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.connection.settings()?, screen)?;
    if let Some(folder) = arguments.watch {
        return watch::run(&api, screen, &folder, arguments.existing, arguments.form.form).await;
    }
    let sources: Vec<Source> = if arguments.clipboard {
        vec![clipboard::image().await?]
    } else {
        arguments.files.into_iter().map(Source::named).collect()
    };
    let outcome = all(&api, screen, &sources, arguments.jobs.into(), Stop::listen()?).await;
    // Nothing else is printed, so the links are the last lines, which is where Typora looks for them.
    for picture in outcome.pictures.iter().flatten() {
        say(plain(picture.links.get(arguments.form.form)))?;
    }
    let done = outcome.pictures.iter().flatten().count();
    if outcome.is_stopped {
        screen.note(format_args!("stopped: {done} of {} files are uploaded", sources.len()));
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::of(done, &outcome.failures))
}

/// What became of several files.
struct Outcome {
    /// In the order of the files.
    pictures: Vec<Option<Picture>>,
    failures: Vec<Failure>,
    is_stopped: bool,
}

/// Uploads several, some at once. Each that fails is told at once.
async fn all(api: &Api, screen: &Screen, sources: &[Source], jobs: usize, mut stop: Stop) -> Outcome {
    let mut outcome =
        Outcome { pictures: vec![None; sources.len()], failures: Vec::new(), is_stopped: false };
    let bar = (sources.len() > 1).then(|| screen.files(sources.len()));
    // Why nothing more needs to be tried.
    let over = OnceCell::<Failure>::new();
    let one = async |at: usize, source: &Source| {
        if let Some(failure) = over.get() {
            screen.note(format_args!("{}: not sent, for the same reason", source.name));
            return (at, Err(failure.clone()));
        }
        let uploaded = api.upload(source).await;
        if let Err(failure) = &uploaded {
            screen.note(format_args!("{}: {failure}", source.name));
            if failure.concerns_all() {
                let _ = over.set(failure.clone());
            }
        }
        (at, uploaded)
    };
    let uploads = stream::iter(sources.iter().enumerate()).map(|(at, source)| one(at, source));
    let mut uploads = pin!(uploads.buffer_unordered(jobs));
    loop {
        select! {
            next = uploads.next() => match next {
                Some((at, Ok(picture))) => {
                    if let Some(place) = outcome.pictures.get_mut(at) {
                        *place = Some(picture);
                    }
                }
                Some((_, Err(failure))) => outcome.failures.push(failure),
                None => return outcome,
            },
            () = stop.asked() => {
                outcome.is_stopped = true;
                return outcome;
            }
        }
        if let Some(bar) = &bar {
            bar.0.inc(1);
        }
    }
}
