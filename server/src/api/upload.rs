//! `POST /api/v1/images`: multipart, one or more parts named `file`, and perhaps the `album` that they go into.

use axum::{
    Json,
    extract::{Request, State, multipart::Field},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::{
    Problem,
    rules::filename,
    types::{AlbumId, ByteSize, ImageId, Scope, UserId},
};
use reflect_core::images::{albums, intake::Accepted, library};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    caller::{Caller, Upload},
    file_name,
    images::LinkedImage,
    intake::{Limits, Parts, Received},
    parameters::invalid,
};
use crate::{delete_page::DeleteLink, problem::Refusal, state::AppState};

/// Bytes of a key, and white space around it.
const KEY: ByteSize = ByteSize(64);

/// One file that was taken. Whoever sends it may also delete it.
#[derive(Debug, Serialize)]
struct Taken {
    #[serde(flatten)]
    image: LinkedImage,
    /// Whether the same bytes were there before: this is their image, and nothing was stored.
    existing: bool,
    /// Others that show the same in other bytes, to who may read.
    similar: Vec<LinkedImage>,
    /// Not of an image that was there before, to who may not delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_url: Option<String>,
}

/// One file that was not taken.
#[derive(Debug, Serialize)]
struct Failure {
    filename: String,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    problem: Problem,
}

impl Failure {
    fn new(filename: String, problem: Problem) -> Self {
        Self { filename, code: problem.code(), detail: problem.to_string(), limit: problem.limit(), problem }
    }
}

/// What became of the files, in the order sent.
#[derive(Debug, Default, Serialize)]
struct Report {
    images: Vec<Taken>,
    errors: Vec<Failure>,
}

/// 201 where all files were taken (200 where each of them was there before), 207 where some were, the first failure's
/// status where none was.
/// Every image in the answer is durable, whatever becomes of the files after it.
pub(super) async fn upload(
    State(state): State<AppState>,
    caller: Caller<Upload>,
    request: Request,
) -> Result<Response, Refusal> {
    let limits = Limits::of(&state, request.headers()).await?.within(caller.max_upload());
    let max_files = state.app.max_files;
    limits.check_announced(max_files)?;
    let mut parts = Parts::open(request, &state).await?;
    let mut report = Report::default();
    let (mut files, mut album) = (0_u32, None);
    loop {
        let part = match parts.next().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(problem) => {
                report.errors.push(Failure::new(String::new(), problem));
                break;
            }
        };
        let name = file_name::of(part.headers());
        if part.name() == Some("album") && name.is_none() {
            match named_album(&state, caller.user, part, limits).await {
                Ok(id) => album = Some(id),
                Err(problem) => {
                    // What comes behind it isn't stored where it wasn't meant to be.
                    report.errors.push(Failure::new(String::new(), problem));
                    break;
                }
            }
            continue;
        }
        if part.name() != Some("file") && name.is_none() {
            continue;
        }
        files += 1;
        let filename = name.unwrap_or_default();
        let outcome = if files > max_files {
            Err(Problem::TooManyFiles { limit: max_files })
        } else {
            take(&state, &caller, &filename, part, limits).await
        };
        match outcome {
            Ok(image) => report.images.push(image),
            Err(problem) => {
                // After these nothing more is read: it can't be, or there is no end to it.
                let ends = matches!(
                    problem,
                    Problem::BadMultipart | Problem::TimedOut | Problem::TooManyFiles { .. }
                );
                report.errors.push(Failure::new(filename::clean(&filename), problem));
                if ends {
                    break;
                }
            }
        }
    }
    if let Some(id) = album {
        let taken: Vec<ImageId> = report.images.iter().map(|taken| taken.image.id()).collect();
        // The album may be deleted by now; the images are stored all the same.
        if let Err(error) = library::add_to_album(state.core(), caller.user, id, &taken).await {
            report.errors.push(Failure::new(String::new(), error.into()));
        }
    }
    Ok(answer(report))
}

/// The album whose key a part has.
async fn named_album(
    state: &AppState,
    owner: UserId,
    part: Field<'_>,
    limits: Limits,
) -> Result<AlbumId, Problem> {
    let wrong = || invalid("album", "the key of one of your albums");
    let text = match Received::of_part(state, part, limits, KEY).await {
        Err(Problem::FileTooLarge { .. }) => Err(wrong()),
        other => other,
    }?;
    let id = text.text().trim().parse().map_err(|_| wrong())?;
    if albums::exists(state.core(), owner, id).await? { Ok(id) } else { Err(wrong()) }
}

/// Receives and stores one file.
async fn take(
    state: &AppState,
    caller: &Caller<Upload>,
    filename: &str,
    part: Field<'_>,
    limits: Limits,
) -> Result<Taken, Problem> {
    let received = Received::of_part(state, part, limits, limits.max_file).await?;
    let owner = caller.user;
    let Accepted { image, existing } = received.store(state, owner, filename).await?;
    // Whoever made an image may take it back. To have its bytes isn't to have made it.
    let may_delete = !existing || caller.may(Scope::Delete);
    let delete_url = if may_delete { Some(DeleteLink::to(state.core(), &image)?.address) } else { None };
    let similar = if !existing && caller.may(Scope::Read) {
        // The image is stored, whatever becomes of this.
        library::similar(state.core(), owner, image.id).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "looking for similar images");
            Vec::new()
        })
    } else {
        Vec::new()
    };
    let linked = |image| LinkedImage::new(image, &state.core().settings.origins);
    let similar = similar.into_iter().map(linked).collect();
    Ok(Taken { image: linked(image), existing, similar, delete_url })
}

fn answer(report: Report) -> Response {
    let status = match (report.images.is_empty(), report.errors.is_empty()) {
        (true, true) => return Refusal(Problem::NoFile).into_response(),
        (false, true) if report.images.iter().all(|taken| taken.existing) => StatusCode::OK,
        (false, true) => StatusCode::CREATED,
        (false, false) => StatusCode::MULTI_STATUS,
        (true, false) => {
            let Some(first) = report.errors.first().map(|failure| failure.problem.clone()) else {
                return Refusal(Problem::Internal).into_response();
            };
            let mut more = Map::new();
            more.insert("images".into(), Value::Array(Vec::new()));
            more.insert("errors".into(), serde_json::to_value(&report.errors).unwrap_or_default());
            return Refusal(first).with(more);
        }
    };
    (status, Json(report)).into_response()
}
