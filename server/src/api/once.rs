//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): an upload that is sent again is taken once.

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use model::{Problem, types::Slug};
use reflect_core::{
    Core,
    images::{
        ImageError,
        intake::once::{self, Answered, Claim, Claimed, UploadKey},
        library::DeleteSecret,
    },
};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

use super::{
    intake::{self, Parts},
    parameters::invalid,
    uploader::Uploader,
};
use crate::{
    delete_page,
    problem::{self, Refusal},
    state::AppState,
};

static KEY: HeaderName = HeaderName::from_static("idempotency-key");
static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What an upload has to go by.
pub(super) enum Begun {
    /// It has no key.
    Plain,
    /// It is to be taken.
    Held(Hold),
    /// It was taken.
    Answered(Answered),
}

/// Why an upload isn't looked at. No [`Problem`]: pages tell the first by its status and wait, and never do the second.
#[derive(Debug)]
pub(super) enum KeyRefusal {
    /// As any request may be.
    Refused(Refusal),
    /// One with this key is under way.
    UnderWay { retry_after: u32 },
    /// The key is another upload's.
    Reused,
}

impl<P: Into<Problem>> From<P> for KeyRefusal {
    fn from(problem: P) -> Self {
        Self::Refused(Refusal(problem.into()))
    }
}

/// The members of a refusal.
#[derive(Serialize)]
struct Members {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl KeyRefusal {
    /// The answer.
    pub(super) fn into_response(self) -> Response {
        let (status, code, detail, retry_after) = match self {
            Self::Refused(refusal) => return refusal.into_response(),
            Self::UnderWay { retry_after } => (
                StatusCode::CONFLICT,
                "upload-under-way",
                "An upload with this Idempotency-Key is under way. Send it again a little later to get its answer.",
                Some(retry_after),
            ),
            Self::Reused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Another upload was sent with this Idempotency-Key. Choose a new key for each upload, and repeat one \
                 only to send the very same again.",
                None,
            ),
        };
        let members = Members { code, retry_after };
        let mut response = problem::document(status, detail.to_owned(), None, members, Map::new());
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Looks whose turn it is to take an upload with these headers.
///
/// # Errors
/// See [`KeyRefusal`].
pub(super) async fn begin(
    state: &AppState,
    uploader: &Uploader,
    headers: &HeaderMap,
) -> Result<Begun, KeyRefusal> {
    let Some(key) = key(headers)? else { return Ok(Begun::Plain) };
    let key = uploader.key(key);
    let (core, person) = (state.core().clone(), uploader.owner);
    // Beside the request, which may end at any moment: what is claimed is left again then.
    let claiming = tokio::spawn(async move {
        Ok(match once::claim(&core, person, key).await? {
            Claimed::Ours(claim) => Ok(Begun::Held(Hold::new(core, claim))),
            Claimed::Taken(retry_after) => Err(KeyRefusal::UnderWay { retry_after }),
            Claimed::Answered(answered) => Ok(Begun::Answered(answered)),
        })
    });
    let claimed: Result<_, ImageError> = claiming.await.map_err(|_| Problem::Internal)?;
    claimed?
}

/// The key that a request brings.
fn key(headers: &HeaderMap) -> Result<Option<UploadKey>, Problem> {
    let wrong = || invalid("Idempotency-Key", "1 to 255 visible characters of ASCII, once");
    let mut values = headers.get_all(&KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| wrong())?;
    let key = text.parse().map_err(|_| wrong())?;
    if values.next().is_some() { Err(wrong()) } else { Ok(Some(key)) }
}

/// Tells the same request from others.
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    /// That of a request which has brought nothing yet. What its answer tells depends on what whoever sends it may do.
    pub(super) fn of(uploader: &Uploader) -> Self {
        let may = [uploader.may_read, uploader.may_delete].map(u8::from);
        Self(Sha256::new_with_prefix(may))
    }

    /// A part with this name, and this file name if it has one.
    pub(super) fn part(&mut self, field: &str, file_name: Option<&str>, bytes: Sha256) {
        for text in [Some(field), file_name] {
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            self.0.update(length.to_be_bytes());
            self.0.update(text.unwrap_or_default());
        }
        self.0.update(bytes.finalize());
    }

    fn finish(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// The right to take an upload, as long as it isn't dropped.
pub(super) struct Hold {
    core: Core,
    claim: Option<Claim>,
    word: JoinHandle<()>,
}

impl Hold {
    fn new(core: Core, claim: Claim) -> Self {
        let (giving, held) = (core.clone(), claim.clone());
        let word = tokio::spawn(async move {
            loop {
                tokio::time::sleep(once::WORD).await;
                if let Err(error) = held.renew(&giving).await {
                    tracing::warn!(%error, "holding the key of an upload");
                }
            }
        });
        Self { core, claim: Some(claim), word }
    }

    /// For the file at this place.
    pub(super) fn part(&self, position: u32) -> Option<once::Part<'_>> {
        self.claim.as_ref().map(|claim| once::Part::of_file(claim, position))
    }

    /// Keeps the answer for whoever sends the same again, and answers it.
    pub(super) async fn answer(
        mut self,
        fingerprint: Fingerprint,
        status: StatusCode,
        report: &impl Serialize,
    ) -> Result<Response, Problem> {
        let mut report = serde_json::to_value(report).map_err(|_| Problem::Internal)?;
        conceal(&mut report);
        let answered = Answered {
            fingerprint: fingerprint.finish(),
            status: status.as_u16().cast_signed(),
            answer: report.to_string(),
        };
        if let Some(claim) = &self.claim {
            match claim.keep(&self.core, &answered).await {
                Ok(()) => self.claim = None,
                // What was taken is durable. Sent again, it is found.
                Err(error) => tracing::warn!(%error, "keeping an upload's answer"),
            }
        }
        response(&self.core, &answered)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.word.abort();
        // The request ended without an answer that is kept, or without one.
        if let Some(claim) = self.claim.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let core = self.core.clone();
            runtime.spawn(async move {
                if let Err(error) = claim.release(&core).await {
                    tracing::warn!(%error, "leaving the key of an upload");
                }
            });
        }
    }
}

/// Answers the same request as before once it is seen to be the same.
///
/// # Errors
/// [`KeyRefusal::Reused`], [`Problem::BadMultipart`], [`Problem::TimedOut`].
pub(super) async fn again(
    state: &AppState,
    uploader: &Uploader,
    request: Request,
    answered: &Answered,
) -> Result<Response, KeyRefusal> {
    let mut fingerprint = Fingerprint::of(uploader);
    let mut parts = Parts::open(request, state).await?;
    let mut files = 0;
    while let Some(mut part) = parts.next().await? {
        let name = super::file_name::of(part.headers());
        let field = part.name().unwrap_or_default().to_owned();
        if !uploader.counts(&field, name.is_some()) {
            continue;
        }
        files += 1;
        // What has more than may be sent isn't read to an end that may never come.
        if files > state.app.max_files.saturating_add(1) {
            return Err(KeyRefusal::Reused);
        }
        let mut bytes = Sha256::new();
        while let Some(chunk) = intake::chunk(&mut part).await? {
            bytes.update(&chunk);
        }
        fingerprint.part(&field, name.as_deref(), bytes);
    }
    if fingerprint.finish() != answered.fingerprint {
        return Err(KeyRefusal::Reused);
    }
    let mut response = response(state.core(), answered)?;
    response.headers_mut().insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    Ok(response)
}

/// Takes out the links by which images are deleted: with none of them written down, none can leak.
fn conceal(report: &mut Value) {
    for link in delete_links(report) {
        *link = Value::Bool(true);
    }
}

/// What was answered.
fn response(core: &Core, answered: &Answered) -> Result<Response, Problem> {
    let mut report: Value = serde_json::from_str(&answered.answer).map_err(|_| Problem::Internal)?;
    let slugs: Vec<Option<Slug>> = images(&mut report)
        .filter(|image| image.get("delete_url").is_some())
        .map(|image| image.get("slug")?.as_str()?.parse().ok())
        .collect();
    for (link, slug) in delete_links(&mut report).zip(slugs) {
        let slug = slug.ok_or(Problem::Internal)?;
        *link = delete_page::page(core, &DeleteSecret::of(&core.keys, &slug)?.reveal()).into();
    }
    let status = u16::try_from(answered.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    Ok((status.ok_or(Problem::Internal)?, Json(report)).into_response())
}

fn images(report: &mut Value) -> impl Iterator<Item = &mut Value> {
    report.get_mut("images").and_then(Value::as_array_mut).into_iter().flatten()
}

fn delete_links(report: &mut Value) -> impl Iterator<Item = &mut Value> {
    images(report).filter_map(|image| image.get_mut("delete_url"))
}
