//! `POST /api/v1/images`: multipart, one or more parts named `file`, or `url` with the address of one, and perhaps the
//! `album` that they go into, and before them the terms on which they are taken in. Guests' files come in here too.

mod report;

use std::time::Duration;

use app::service;
use axum::{
    extract::{Request, State, multipart::Field},
    response::Response,
};
use model::{
    AddressProblem, GuestProblem, Problem,
    rules::filename,
    types::{AlbumId, ByteSize},
};
use reflect_core::images::{
    ImageError,
    albums::{self, guests},
    intake::{self, Accepted, Terms, once::Part},
    library,
};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use self::report::{Report, Taken};
use super::{
    caller::{Caller, Upload},
    fetched::{self, Fetched, Reason},
    file_name,
    images::LinkedImage,
    intake::{Limits, Parts, Received},
    once::{self, Begun, Fingerprint, KeyRefusal},
    parameters::invalid,
    uploader::{Guest, Uploader},
};
use crate::{delete_page::DeleteLink, state::AppState};

/// Bytes of a key, a moment or another word, and white space around it.
const WORD: ByteSize = ByteSize(64);

/// Characters of an address by which a report names it: kept answers count against nobody's space.
const NAMED: usize = 255;

/// How long a guest may take for a file: 20 MiB at 0.3 Mbit/s.
const GUEST_FILE: Duration = Duration::from_secs(600);

/// Every image in the answer is durable, whatever becomes of the files after it.
pub(super) async fn upload(state: State<AppState>, caller: Caller<Upload>, request: Request) -> Response {
    take_in(&state, &Uploader::from(&caller), request).await
}

/// Takes what a request brings in somebody's name.
pub(super) async fn take_in(state: &AppState, uploader: &Uploader, request: Request) -> Response {
    take_all(state, uploader, request).await.unwrap_or_else(KeyRefusal::into_response)
}

async fn take_all(state: &AppState, uploader: &Uploader, request: Request) -> Result<Response, KeyRefusal> {
    if let Some(guest) = &uploader.guest {
        // As its first file, also where it has none: what isn't looked at any further costs something too.
        guests::count_file(state.core(), guest.address).await?;
    }
    let limits = Limits::of(state, request.headers()).await?.within(uploader.max_file);
    // Or one guest's file could take the room of all.
    let limits = limits.within(uploader.guest.as_ref().map(|_| state.guest_memory.total()));
    limits.check_announced(state.app.max_files)?;
    let hold = match once::begin(state, uploader, request.headers()).await? {
        Begun::Plain => None,
        Begun::Held(hold) => Some(hold),
        Begun::Answered(answered) => return once::again(state, uploader, request, &answered).await,
    };
    let (address, report) = (String::new(), Report::default());
    let terms = Terms::default();
    let mut reading = Reading { state, uploader, limits, files: 0, terms, album: None, address, report };
    let mut fingerprint = hold.is_some().then(|| Fingerprint::of(uploader));
    let mut parts = Parts::open(request, state).await?;
    let is_whole = loop {
        let part = match parts.next().await {
            Ok(Some(part)) => part,
            Ok(None) => break true,
            Err(problem) => {
                reading.report.failed(String::new(), problem);
                break false;
            }
        };
        let name = file_name::of(part.headers());
        let field = part.name().unwrap_or_default().to_owned();
        if !uploader.counts(&field, name.is_some()) {
            continue;
        }
        let mut seen = fingerprint.is_some().then(Sha256::new);
        let goes_on = if name.is_none() && !matches!(field.as_str(), "file" | "url") {
            reading.word(&field, part, seen.as_mut()).await
        } else {
            let made = hold.as_ref().and_then(|hold| hold.part(reading.files));
            reading.file(name.as_deref(), part, seen.as_mut(), made).await?
        };
        if !goes_on {
            break false;
        }
        if let (Some(fingerprint), Some(seen)) = (&mut fingerprint, seen) {
            fingerprint.part(&field, name.as_deref(), seen);
        }
    };
    let report = reading.finish().await;
    match (hold, fingerprint, report.status()) {
        (Some(hold), Some(fingerprint), Some(status)) if is_whole && report.is_final() => {
            Ok(hold.answer(fingerprint, status, &report).await?)
        }
        _ => Ok(report.into_response()),
    }
}

/// A request, part by part.
struct Reading<'a> {
    state: &'a AppState,
    uploader: &'a Uploader,
    limits: Limits,
    files: u32,
    terms: Terms,
    album: Option<AlbumId>,
    /// From where the file came that is being taken, if it is fetched.
    address: String,
    report: Report,
}

impl Reading<'_> {
    /// What is to become of the files; whether to read on.
    async fn word(&mut self, field: &str, part: Field<'_>, seen: Option<&mut Sha256>) -> bool {
        let said = self.said(field, part, seen).await;
        if let Err(problem) = said {
            // What comes behind it isn't stored where it wasn't meant to be, or for others to see.
            self.report.failed(String::new(), problem);
            return false;
        }
        true
    }

    async fn said(&mut self, field: &str, part: Field<'_>, seen: Option<&mut Sha256>) -> Result<(), Problem> {
        let text = match Received::of_seen_part(self.state, part, self.limits, WORD, seen).await {
            Err(Problem::FileTooLarge { .. }) => Err(invalid(field, format!("up to {WORD}"))),
            other => other,
        }?;
        let core = self.state.core();
        if field == "album" {
            let wrong = || invalid("album", "the key of one of your albums");
            let id = text.text().trim().parse().map_err(|_| wrong())?;
            let exists = albums::exists(core, self.uploader.owner, id).await?;
            self.album = Some(exists.then_some(id).ok_or_else(wrong)?);
            return Ok(());
        }
        if self.files > 0 {
            return Err(invalid(field, "a field before the first file"));
        }
        service::images::term(&mut self.terms, field, &text.text(), core.now())
    }

    /// A file; whether to read on.
    async fn file(
        &mut self,
        name: Option<&str>,
        part: Field<'_>,
        seen: Option<&mut Sha256>,
        made: Option<Part<'_>>,
    ) -> Result<bool, KeyRefusal> {
        self.files += 1;
        self.address.clear();
        let limit = self.state.app.max_files;
        let outcome = if self.files > limit {
            Err(Problem::TooManyFiles { limit }.into())
        } else if name.is_none() && part.name() == Some("url") {
            self.fetch(part, seen, made).await
        } else {
            self.take(name.unwrap_or_default(), part, seen, made).await
        };
        let problem = match outcome {
            Ok(image) => {
                self.report.taken(image);
                return Ok(true);
            }
            Err(Untaken::OtherUpload) => return Err(KeyRefusal::Reused),
            Err(Untaken::Refused(reason)) => reason,
        };
        // After these nothing more is read: it can't be, or there is no end to it.
        let ends = matches!(
            problem,
            Reason::Problem(Problem::BadMultipart | Problem::TimedOut | Problem::TooManyFiles { .. })
        );
        let address = std::mem::take(&mut self.address);
        let name = if address.is_empty() {
            filename::clean(name.unwrap_or_default())
        } else {
            address.chars().take(NAMED).collect()
        };
        self.report.failed(name, problem);
        Ok(!ends)
    }

    /// Receives and stores one file.
    async fn take(
        &self,
        filename: &str,
        part: Field<'_>,
        seen: Option<&mut Sha256>,
        made: Option<Part<'_>>,
    ) -> Result<Taken, Untaken> {
        let (state, limits) = (self.state, self.limits);
        let Some(Guest { pass, address }) = &self.uploader.guest else {
            let received = Received::of_seen_part(state, part, limits, limits.max_file, seen).await?;
            let accepted = received.store_on(state, self.uploader.owner, filename, self.terms, made).await?;
            return Ok(self.told(accepted).await?);
        };
        if self.files > 1 {
            guests::count_file(state.core(), *address).await.map_err(Problem::from)?;
        }
        // Guests have a part of the room that all have: who has an account waits for them no longer than for others.
        // This one is held first by all who hold both.
        let _room = state.guest_memory.hold(limits.expected(limits.max_file)).await;
        let receiving = Received::of_seen_part(state, part, limits, limits.max_file, seen);
        // Or whoever sends a byte now and then would keep the others out.
        let received = timeout(GUEST_FILE, receiving).await.map_err(|_| Problem::TimedOut)??;
        let _turn = state.guest_turns.acquire().await;
        let accepted = received.store_by_guest(state, pass, filename, made).await?;
        Ok(self.told(accepted).await?)
    }

    /// Fetches and stores one picture. What was made of it by a try before isn't fetched again: it may have changed.
    async fn fetch(
        &mut self,
        part: Field<'_>,
        seen: Option<&mut Sha256>,
        made: Option<Part<'_>>,
    ) -> Result<Taken, Untaken> {
        let (state, owner, limits) = (self.state, self.uploader.owner, self.limits);
        // The room of the text is given back before there is any for what is fetched.
        self.address = match Received::of_seen_part(state, part, limits, fetched::ADDRESS, seen).await {
            Ok(received) => received.text().trim().to_owned(),
            Err(Problem::FileTooLarge { .. }) => return Err(AddressProblem::AddressInvalid.into()),
            Err(problem) => return Err(problem.into()),
        };
        // The server makes requests for those alone who answer for them.
        if self.uploader.guest.is_some() {
            return Err(GuestProblem::GuestFilesOnly.into());
        }
        let made = made.map(|part| part.of_text("url", &self.address));
        if let Some(part) = made
            && let Some(image) = intake::once::before(state.core(), part).await?
        {
            return Ok(self.told(Accepted { image, existing: false }).await?);
        }
        let Fetched { name, received } = fetched::fetch(state, owner, &self.address, limits.max_file).await?;
        let accepted = received.store_on(state, owner, &name, self.terms, made).await?;
        Ok(self.told(accepted).await?)
    }

    /// What is told of a file that was taken.
    async fn told(&self, Accepted { image, existing }: Accepted) -> Result<Taken, Problem> {
        let (core, owner) = (self.state.core(), self.uploader.owner);
        // Whoever made an image may take it back. To have its bytes isn't to have made it.
        let may_delete = !existing || self.uploader.may_delete;
        let delete_url = if may_delete { Some(DeleteLink::to(core, &image)?.address) } else { None };
        let similar = if !existing && self.uploader.may_read {
            // The image is stored, whatever becomes of this.
            library::similar(core, owner, image.id).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "looking for similar images");
                Vec::new()
            })
        } else {
            Vec::new()
        };
        let linked = |image| LinkedImage::new(image, &core.settings.origins);
        let similar = similar.into_iter().map(linked).collect();
        Ok(Taken { image: linked(image), existing, similar, delete_url })
    }

    /// What became of all of them.
    async fn finish(mut self) -> Report {
        if let Some(id) = self.album {
            let added =
                library::add_to_album(self.state.core(), self.uploader.owner, id, &self.report.ids()).await;
            // The album may be deleted by now; the images are stored all the same.
            if let Err(error) = added {
                self.report.failed(String::new(), Problem::from(error));
            }
        }
        self.report
    }
}

/// Why a file isn't taken.
enum Untaken {
    Refused(Reason),
    /// Something else was sent in its place under the same key.
    OtherUpload,
}

impl<R: Into<Reason>> From<R> for Untaken {
    fn from(reason: R) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<ImageError> for Untaken {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::OtherUpload => Self::OtherUpload,
            ImageError::Guest(problem) => Self::Refused(problem.into()),
            error => Self::Refused(Problem::from(error).into()),
        }
    }
}
