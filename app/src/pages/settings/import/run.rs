//! Brings an export back: reads the file piece by piece, and sends image by image.
//!
//! The import outlives the page that shows it, as uploads do, and ends with the tab. It begins anew by asking what is
//! there already, so that one that was broken off goes on where it ended.
//!
//! All of it is loaded with the settings. What it asks of the browser is asked for by what other parts use already, or
//! by name: a function of the browser's that nobody else uses would cost every first visit its glue.

use std::{
    cell::RefCell,
    ops::Range,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use futures::{
    StreamExt as _,
    future::{Either, select},
    stream,
};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::{ArcRwSignal, GetUntracked as _, Update as _, untrack, window};
use model::{
    Problem,
    types::{
        AlbumId, ByteSize, ExportFormat, ExportSummary, ExportedImage, ImportOutcome, ImportStart,
        ImportStarted, KnownAnswer, KnownImage, KnownQuestion, SUMMARY, UserId,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Event, File, FormData, Request, RequestInit, Response};

use crate::{
    import::{
        archive::{Archive, Lack, Pieces},
        progress::{Failure, Progress, Share, Stage, pause},
    },
    session::Session,
};

/// Images that are sent at the same time.
const LANES: usize = 3;
/// Images of which the server is asked at once whether they are there.
const ASKED: usize = 500;
/// Milliseconds after which one that waits looks whether it is to go on.
const LOOK: i32 = 250;
/// Milliseconds that one request may take: the largest file on a slow line.
const HANGS: i32 = 600_000;
/// Milliseconds that one under way may still take when the import is stopped.
const LAST: i32 = 5_000;
/// Bytes of a file that has what is said of images, or of the export, at most.
const MOST_SAID: u64 = 32 << 20;

/// An import of this tab's, and of the person who began it: whoever comes next neither sees nor gets any of it.
#[derive(Clone)]
pub(super) struct Import {
    /// How far it is.
    pub(super) progress: ArcRwSignal<Progress>,
    stopped: Arc<AtomicBool>,
    session: Session,
    whose: Option<UserId>,
}

thread_local! {
    static CURRENT: RefCell<Option<Import>> = const { RefCell::new(None) };
}

impl Import {
    /// The one of this tab and whoever is signed in. The server has none.
    pub(super) fn current(session: Session) -> Self {
        let none = || {
            let (progress, stopped) = (ArcRwSignal::default(), Arc::default());
            Self { progress, stopped, session, whose: visitor(session) }
        };
        if crate::ON_SERVER {
            return none();
        }
        CURRENT.with(|current| {
            let current = &mut *current.borrow_mut();
            if current.as_ref().is_some_and(|import| import.whose != visitor(session)) {
                *current = None;
            }
            current.get_or_insert_with(none).clone()
        })
    }

    /// Has it end with what was begun.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.progress.update(|progress| {
            if progress.is_running() {
                progress.stage = Stage::Stopping;
            }
        });
    }

    fn at(&self, stage: Stage) {
        self.progress.update(|progress| progress.stage = stage);
    }

    /// Whether nothing is to be begun any more; for good once the person has left.
    fn is_stopped(&self) -> bool {
        if visitor(self.session) != self.whose {
            self.stopped.store(true, Relaxed);
        }
        self.stopped.load(Relaxed)
    }
}

/// Who is signed in now.
fn visitor(session: Session) -> Option<UserId> {
    untrack(|| session.info()).and_then(|info| info.me).map(|me| me.id)
}

/// Brings back what is in `file`, unless something is brought back already.
pub(super) async fn begin(import: Import, file: File) {
    if import.progress.get_untracked().is_running() {
        return;
    }
    import.stopped.store(false, Relaxed);
    import.progress.update(|progress| *progress = Progress { stage: Stage::Opening, ..Progress::default() });
    let asking = Closure::<dyn FnMut(Event)>::new(|event: Event| event.prevent_default());
    on_leaving(asking.as_ref());
    let ended = all(&import, &file).await;
    on_leaving(&JsValue::NULL);
    import.at(match ended {
        Err(failure) => Stage::Broken(failure),
        Ok(()) if import.is_stopped() => Stage::Stopped,
        Ok(()) => Stage::Done,
    });
    // What of their space they use.
    import.session.refresh();
}

/// Has the browser ask before the tab is closed, or not.
fn on_leaving(asking: &JsValue) {
    let _ = Reflect::set(&window(), &"onbeforeunload".into(), asking);
}

async fn all(import: &Import, file: &File) -> Result<(), Failure> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
    let pieces = Pieces::new(file.size() as u64);
    let tail = pieces.tail();
    pieces.put(tail.start, bytes(file, tail).await?);
    let mut archive = answered(file, &pieces, || Archive::open(&pieces)).await?;
    let summary = text(file, &pieces, &mut archive, SUMMARY).await?.ok_or(Failure::NoExport)?;
    let summary = read_summary(&summary)?;
    import.progress.update(|progress| {
        progress.images = Share { done: 0, all: summary.images };
        progress.bytes = Share { done: 0, all: summary.bytes.bytes() };
    });
    let from: Vec<AlbumId> = summary.albums.iter().map(|album| album.id).collect();
    let start = ImportStart { tags: summary.tags, albums: summary.albums };
    let started: Option<ImportStarted> =
        post(import, "/api/v1/import", &start).await.map_err(Failure::Refused)?;
    let Some(started) = started else { return Ok(()) };
    let albums: Vec<(AlbumId, AlbumId)> = from.into_iter().zip(started.albums).collect();
    if !import.is_stopped() {
        import.at(Stage::Sending);
    }
    for path in archive.metadata() {
        if import.is_stopped() {
            return Ok(());
        }
        let Some(lines) = text(file, &pieces, &mut archive, &path).await? else { continue };
        let lines: Vec<&str> = lines.lines().filter(|line| !line.trim().is_empty()).collect();
        for lines in lines.chunks(ASKED) {
            if import.is_stopped() {
                return Ok(());
            }
            some(import, file, &pieces, &mut archive, &albums, lines).await?;
        }
    }
    Ok(())
}

/// Whether it is an export that can be read. Another version may have nothing else in common with this one.
fn read_summary(text: &str) -> Result<ExportSummary, Failure> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "format")]
        _format: ExportFormat,
        version: u32,
    }

    let head: Head = serde_json::from_str(text).map_err(|_| Failure::NoExport)?;
    if head.version != ExportFormat::VERSION {
        return Err(Failure::OtherVersion);
    }
    serde_json::from_str(text).map_err(|_| Failure::NoExport)
}

/// Brings back the images of some lines.
async fn some(
    import: &Import,
    file: &File,
    pieces: &Pieces,
    archive: &mut Archive,
    albums: &[(AlbumId, AlbumId)],
    lines: &[&str],
) -> Result<(), Failure> {
    let mut images = Vec::new();
    for line in lines {
        match serde_json::from_str::<ExportedImage>(line) {
            Ok(image) => images.push(image),
            Err(_) => import.progress.update(|progress| {
                progress.failed(line.chars().take(60).collect(), Failure::BadLine, ByteSize(0));
            }),
        }
    }
    let asked = |image: &ExportedImage| KnownImage { hash: image.hash, created_at: image.created_at.clone() };
    let question = KnownQuestion { images: images.iter().map(asked).collect() };
    let known: Option<KnownAnswer> =
        post(import, "/api/v1/import/known", &question).await.map_err(Failure::Refused)?;
    let Some(known) = known else { return Ok(()) };
    let mut found = Vec::new();
    for (mut image, is_known) in images.into_iter().zip(known.known) {
        if import.is_stopped() {
            return Ok(());
        }
        let size = image.byte_size;
        if is_known {
            import.progress.update(|progress| progress.came(ImportOutcome::Existing, size));
            continue;
        }
        match answered(file, pieces, || archive.locate(&image.file)).await {
            Ok(Some(at)) => {
                image.albums.retain_mut(|place| {
                    let now = albums.iter().find(|(before, _)| *before == place.album);
                    now.is_some_and(|(_, now)| {
                        place.album = *now;
                        true
                    })
                });
                found.push((image, at));
            }
            Ok(None) => {
                import.progress.update(|progress| progress.failed(image.filename, Failure::NotStored, size));
            }
            Err(failure) if failure.ends_all() => return Err(failure),
            Err(failure) => import.progress.update(|progress| progress.failed(image.filename, failure, size)),
        }
    }
    let mut sent =
        stream::iter(found).map(|(image, at)| one(import, file, image, at)).buffer_unordered(LANES);
    let mut ended = Ok(());
    while let Some(outcome) = sent.next().await {
        if let Err(failure) = outcome {
            // What was begun is waited for, and told of.
            import.stopped.store(true, Relaxed);
            ended = ended.and(Err(failure));
        }
    }
    ended
}

/// Brings back one image; an error where others needn't be tried.
async fn one(import: &Import, file: &File, image: ExportedImage, at: Range<u64>) -> Result<(), Failure> {
    if import.is_stopped() {
        return Ok(());
    }
    let size = image.byte_size;
    let sent = match slice(file, at) {
        Ok(blob) => send(import, &image, &blob).await.map_err(Failure::Refused),
        Err(failure) => Err(failure),
    };
    match sent {
        Ok(Some(outcome)) => import.progress.update(|progress| progress.came(outcome, size)),
        Ok(None) => {}
        Err(Failure::Refused(Problem::Offline)) if bytes(file, 0..1).await.is_err() => {
            return Err(Failure::Unreadable);
        }
        Err(failure) if failure.ends_all() => return Err(failure),
        Err(failure) => import.progress.update(|progress| progress.failed(image.filename, failure, size)),
    }
    Ok(())
}

/// Asks the archive, and reads what it needs for an answer.
async fn answered<T>(
    file: &File,
    pieces: &Pieces,
    mut question: impl FnMut() -> Result<T, Lack>,
) -> Result<T, Failure> {
    loop {
        match question() {
            Ok(answer) => return Ok(answer),
            Err(Lack::Flaw(flaw)) => return Err(flaw.into()),
            Err(Lack::Bytes(range)) => pieces.put(range.start, bytes(file, range).await?),
        }
    }
}

/// A file of the archive, as text; what is none is read as far as it is.
async fn text(
    file: &File,
    pieces: &Pieces,
    archive: &mut Archive,
    path: &str,
) -> Result<Option<String>, Failure> {
    let Some(at) = answered(file, pieces, || archive.locate(path)).await? else { return Ok(None) };
    if at.end - at.start > MOST_SAID {
        return Err(Failure::NoExport);
    }
    Ok(Some(String::from_utf8_lossy(&bytes(file, at).await?).into_owned()))
}

/// A part of the file, which isn't read for it.
fn slice(file: &File, range: Range<u64>) -> Result<Blob, Failure> {
    #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
    let [start, end] = [range.start, range.end].map(|place| place as f64);
    file.slice_with_f64_and_f64(start, end).map_err(|_| Failure::Unreadable)
}

/// The bytes of a part, all of them.
async fn bytes(file: &File, range: Range<u64>) -> Result<Vec<u8>, Failure> {
    let count = range.end.saturating_sub(range.start);
    let read = JsFuture::from(slice(file, range)?.array_buffer()).await.map_err(|_| Failure::Unreadable)?;
    let read = Uint8Array::new(&read).to_vec();
    if read.len() as u64 == count { Ok(read) } else { Err(Failure::Unreadable) }
}

#[derive(Deserialize)]
struct Report {
    outcome: ImportOutcome,
}

async fn send(import: &Import, image: &ExportedImage, blob: &Blob) -> Result<Option<ImportOutcome>, Problem> {
    let text = serde_json::to_string(image).map_err(|_| Problem::Internal)?;
    let form = || {
        let form = FormData::new()?;
        form.append_with_blob_and_filename("metadata", &json(&text)?, "metadata")?;
        form.append_with_blob_and_filename("file", blob, "file")?;
        Ok(form.into())
    };
    let report: Option<Report> = ask(import, "/api/v1/import/images", form).await?;
    Ok(report.map(|report| report.outcome))
}

async fn post<T: DeserializeOwned>(
    import: &Import,
    address: &str,
    body: &impl Serialize,
) -> Result<Option<T>, Problem> {
    let text = serde_json::to_string(body).map_err(|_| Problem::Internal)?;
    ask(import, address, || json(&text).map(JsValue::from)).await
}

/// A text that says that it is JSON wherever it is sent.
fn json(text: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)
}

/// Posts, and posts again where that may help; `None` once the import is stopped.
async fn ask<T: DeserializeOwned>(
    import: &Import,
    address: &str,
    body: impl Fn() -> Result<JsValue, JsValue>,
) -> Result<Option<T>, Problem> {
    let mut tried = 0;
    while !import.is_stopped() {
        // Sent again it comes to the same, so one that hangs is left to itself.
        let (asked, ended) = (pin!(try_to_ask(address, &body)), pin!(given_up(import)));
        let problem = match select(asked, ended).await {
            Either::Left((Ok(Ok(answer)), _)) => return Ok(Some(answer)),
            Either::Left((Ok(Err(problem)), _)) => problem,
            Either::Left((Err(_), _)) | Either::Right(_) => Problem::Offline,
        };
        let Some(millis) = pause(&problem, tried) else { return Err(problem) };
        tried += 1;
        wait(import, millis).await;
    }
    Ok(None)
}

async fn try_to_ask<T: DeserializeOwned>(
    address: &str,
    body: impl Fn() -> Result<JsValue, JsValue>,
) -> Result<Result<T, Problem>, JsValue> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(&body()?);
    let request = Request::new_with_str_and_init(address, &options)?;
    let window = window();
    let fetch: Function = Reflect::get(&window, &"fetch".into())?.unchecked_into();
    let answer: Promise = fetch.call1(&window, &request)?.unchecked_into();
    let answer: Response = JsFuture::from(answer).await?.unchecked_into();
    let bytes = Uint8Array::new(&JsFuture::from(answer.array_buffer()?).await?).to_vec();
    if (200..300).contains(&answer.status()) {
        return Ok(serde_json::from_slice(&bytes).map_err(|_| Problem::Internal));
    }
    // Without a problem the answer is a proxy's.
    Ok(Err(serde_json::from_slice(&bytes).unwrap_or(match answer.status() {
        401 => Problem::SignedOut,
        403 => Problem::Forbidden,
        429 => Problem::TooManyAttempts { retry_after: 60 },
        502..=504 => Problem::Unavailable { retry_after: 5 },
        _ => Problem::Internal,
    })))
}

/// Waits for as long as one request may take, or little longer than until the import is stopped.
async fn given_up(import: &Import) {
    wait(import, HANGS).await;
    if import.is_stopped() {
        sleep(LAST).await;
    }
}

/// Waits so long, or until the import is stopped.
async fn wait(import: &Import, millis: i32) {
    let mut left = millis;
    while left > 0 && !import.is_stopped() {
        let part = left.min(LOOK);
        left -= part;
        sleep(part).await;
    }
}

async fn sleep(millis: i32) {
    let waited = Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    let _ = JsFuture::from(waited).await;
}
