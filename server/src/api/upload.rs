//! `POST /api/v1/images`: multipart, one or more parts named `file`.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequest as _, Multipart, Request, State, multipart::Field},
    response::{IntoResponse as _, Response},
};
use bytes::{Bytes, BytesMut};
use http::{StatusCode, header};
use model::{
    Problem,
    rules::filename,
    types::{ByteSize, UserId},
};
use reflect_core::{db, images::intake};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{caller::Caller, images::LinkedImage};
use crate::{problem::Refusal, state::AppState};

/// Longest pause within an upload.
const PAUSE: Duration = Duration::from_secs(30);
/// What a part's headers and boundary take, generously.
const PART_OVERHEAD: u64 = 4096;

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
    images: Vec<LinkedImage>,
    errors: Vec<Failure>,
}

/// 201 where all files were taken, 207 where some were, the first failure's status where none was.
/// Every image in the answer is durable, whatever becomes of the files after it.
pub(super) async fn upload(
    State(state): State<AppState>,
    Caller(owner): Caller,
    request: Request,
) -> Result<Response, Refusal> {
    let max_file = state.core().policy().await.map_err(|error| db::problem(&error))?.max_upload.size();
    let max_files = state.app.max_files;
    let most = (max_file.bytes() + PART_OVERHEAD).saturating_mul(max_files.into());
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most) {
        let limit = ByteSize(max_file.bytes().saturating_mul(max_files.into()));
        return Err(Problem::FileTooLarge { limit }.into());
    }
    let mut parts =
        Multipart::from_request(request, &state).await.map_err(|_| Refusal(Problem::BadMultipart))?;
    let mut report = Report::default();
    let mut files = 0_u32;
    loop {
        let part = match pausing(parts.next_field()).await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(problem) => {
                report.errors.push(Failure::new(String::new(), problem));
                break;
            }
        };
        if part.name() != Some("file") && part.file_name().is_none() {
            continue;
        }
        files += 1;
        let filename = part.file_name().unwrap_or_default().to_owned();
        let outcome = if files > max_files {
            Err(Problem::TooManyFiles { limit: max_files })
        } else {
            // What this part can take at most: the rest of the request, or the limit of a file.
            let expected = announced.unwrap_or(u64::MAX).min(max_file.bytes());
            take(&state, owner, &filename, part, (max_file, expected)).await
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
    Ok(answer(report))
}

/// Receives and stores one file of at most `limit` bytes, of which `expected` can come.
async fn take(
    state: &AppState,
    owner: UserId,
    filename: &str,
    part: Field<'_>,
    (limit, expected): (ByteSize, u64),
) -> Result<LinkedImage, Problem> {
    let _room = state.upload_memory.hold(expected).await;
    let bytes = receive(part, limit, expected).await?;
    let image = intake::accept(state.core(), owner, filename, bytes).await?;
    Ok(LinkedImage::new(image, &state.core().settings.origins))
}

/// The part's bytes. What is too large is read to its end but not kept, so that the files behind
/// it are reached and the client gets an answer rather than a broken connection.
async fn receive(mut part: Field<'_>, limit: ByteSize, expected: u64) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0).min(1 << 20));
    let mut too_large = false;
    while let Some(chunk) = pausing(part.chunk()).await? {
        too_large = too_large || (bytes.len() + chunk.len()) as u64 > limit.bytes();
        if too_large {
            bytes = BytesMut::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_large { Err(Problem::FileTooLarge { limit }) } else { Ok(bytes.freeze()) }
}

/// The next piece of the body, within [`PAUSE`].
async fn pausing<T>(
    next: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>,
) -> Result<T, Problem> {
    match tokio::time::timeout(PAUSE, next).await {
        Ok(read) => read.map_err(|_| Problem::BadMultipart),
        Err(_) => Err(Problem::TimedOut),
    }
}

fn answer(report: Report) -> Response {
    let status = match (report.images.is_empty(), report.errors.is_empty()) {
        (true, true) => return Refusal(Problem::NoFile).into_response(),
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
