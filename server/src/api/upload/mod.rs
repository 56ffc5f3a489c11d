//! `POST /api/v1/images`: multipart, one or more parts named `file`, or `url` with the address of one, and perhaps the
//! `album` that they go into.

mod report;

use axum::{
    extract::{Request, State, multipart::Field},
    response::Response,
};
use model::{
    AddressProblem, Problem,
    rules::filename,
    types::{AlbumId, ByteSize, Scope, UserId},
};
use reflect_core::images::{
    ImageError, albums,
    intake::{self, Accepted, once::Part},
    library,
};
use sha2::{Digest as _, Sha256};

pub(super) use self::report::Report;
use self::report::Taken;
use super::{
    caller::{Caller, Upload},
    fetched::{self, Fetched, Reason},
    file_name,
    images::LinkedImage,
    intake::{Limits, Parts, Received},
    once::{self, Begun, Fingerprint, KeyRefusal},
    parameters::invalid,
};
use crate::{delete_page::DeleteLink, state::AppState};

/// Bytes of a key, and white space around it.
const KEY: ByteSize = ByteSize(64);

/// Characters of an address by which a report names it: kept answers count against nobody's space.
const NAMED: usize = 255;

/// Whether a part means something here.
pub(super) fn counts(field: &str, has_file_name: bool) -> bool {
    has_file_name || matches!(field, "file" | "url" | "album")
}

/// Every image in the answer is durable, whatever becomes of the files after it.
pub(super) async fn upload(state: State<AppState>, caller: Caller<Upload>, request: Request) -> Response {
    take_in(&state, &caller, request).await.unwrap_or_else(KeyRefusal::into_response)
}

async fn take_in(
    state: &AppState,
    caller: &Caller<Upload>,
    request: Request,
) -> Result<Response, KeyRefusal> {
    let limits = Limits::of(state, request.headers()).await?.within(caller.max_upload());
    limits.check_announced(state.app.max_files)?;
    let hold = match once::begin(state, caller, request.headers()).await? {
        Begun::Plain => None,
        Begun::Held(hold) => Some(hold),
        Begun::Answered(answered) => return once::again(state, caller, request, &answered).await,
    };
    let (address, report) = (String::new(), Report::default());
    let mut reading = Reading { state, caller, limits, files: 0, album: None, address, report };
    let mut fingerprint = hold.is_some().then(|| Fingerprint::of(caller));
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
        if !counts(&field, name.is_some()) {
            continue;
        }
        let mut seen = fingerprint.is_some().then(Sha256::new);
        let goes_on = if field == "album" && name.is_none() {
            reading.album(part, seen.as_mut()).await
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
    caller: &'a Caller<Upload>,
    limits: Limits,
    files: u32,
    album: Option<AlbumId>,
    /// From where the file came that is being taken, if it is fetched.
    address: String,
    report: Report,
}

impl Reading<'_> {
    /// The album that the files go into; whether to read on.
    async fn album(&mut self, part: Field<'_>, seen: Option<&mut Sha256>) -> bool {
        match self.named_album(part, seen).await {
            Ok(id) => self.album = Some(id),
            Err(problem) => {
                // What comes behind it isn't stored where it wasn't meant to be.
                self.report.failed(String::new(), problem);
                return false;
            }
        }
        true
    }

    /// The album whose key a part has.
    async fn named_album(&self, part: Field<'_>, seen: Option<&mut Sha256>) -> Result<AlbumId, Problem> {
        match Received::of_seen_part(self.state, part, self.limits, KEY, seen).await {
            Ok(received) => album(self.state, self.caller.user, &received.text()).await,
            // No key is so long.
            Err(Problem::FileTooLarge { .. }) => Err(no_album()),
            Err(problem) => Err(problem),
        }
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
        let limits = self.limits;
        let received = Received::of_seen_part(self.state, part, limits, limits.max_file, seen).await?;
        let accepted = received.store_once(self.state, self.caller.user, filename, made).await?;
        Ok(told(self.state, self.caller, accepted).await?)
    }

    /// Fetches and stores one picture. What was made of it by a try before isn't fetched again: it may have changed.
    async fn fetch(
        &mut self,
        part: Field<'_>,
        seen: Option<&mut Sha256>,
        made: Option<Part<'_>>,
    ) -> Result<Taken, Untaken> {
        let (state, owner, limits) = (self.state, self.caller.user, self.limits);
        // The room of the text is given back before there is any for what is fetched.
        self.address = match Received::of_seen_part(state, part, limits, fetched::ADDRESS, seen).await {
            Ok(received) => received.text().trim().to_owned(),
            Err(Problem::FileTooLarge { .. }) => return Err(AddressProblem::AddressInvalid.into()),
            Err(problem) => return Err(problem.into()),
        };
        let made = made.map(|part| part.of_text("url", &self.address));
        if let Some(part) = made
            && let Some(image) = intake::once::before(state.core(), part).await?
        {
            return Ok(told(state, self.caller, Accepted { image, existing: false }).await?);
        }
        let Fetched { name, received } = fetched::fetch(state, owner, &self.address, limits.max_file).await?;
        let accepted = received.store_once(state, owner, &name, made).await?;
        Ok(told(self.state, self.caller, accepted).await?)
    }

    /// What became of all of them.
    async fn finish(mut self) -> Report {
        if let Some(id) = self.album {
            let added =
                library::add_to_album(self.state.core(), self.caller.user, id, &self.report.ids()).await;
            // The album may be deleted by now; the images are stored all the same.
            if let Err(error) = added {
                self.report.failed(String::new(), Problem::from(error));
            }
        }
        self.report
    }
}

/// What is told of a file that was taken.
///
/// # Errors
/// [`Problem::Internal`], never.
pub(super) async fn told(
    state: &AppState,
    caller: &Caller<Upload>,
    Accepted { image, existing }: Accepted,
) -> Result<Taken, Problem> {
    let (core, owner) = (state.core(), caller.user);
    // Whoever made an image may take it back. To have its bytes isn't to have made it.
    let may_delete = !existing || caller.may(Scope::Delete);
    let delete_url = if may_delete { Some(DeleteLink::to(core, &image)?.address) } else { None };
    let similar = if !existing && caller.may(Scope::Read) {
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

/// The album of `owner` whose key a text is.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub(super) async fn album(state: &AppState, owner: UserId, text: &str) -> Result<AlbumId, Problem> {
    let id = text.trim().parse().map_err(|_| no_album())?;
    if albums::exists(state.core(), owner, id).await? { Ok(id) } else { Err(no_album()) }
}

fn no_album() -> Problem {
    invalid("album", "the key of one of your albums")
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
            error => Self::Refused(Problem::from(error).into()),
        }
    }
}
