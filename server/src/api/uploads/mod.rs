//! `/api/v1/uploads`: files that come in pieces, as tus 1.0.0 has it (<https://tus.io/protocols/resumable-upload>), with
//! its extensions creation, expiration and termination; and by `GET` what became of them, which tus doesn't tell.

mod headers;
mod receive;
mod refusal;
mod settle;

use app::service;
use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{head, post},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use model::{
    Problem,
    types::{ByteSize, Timestamp},
};
use reflect_core::{
    images::intake::{
        Accepted, Terms,
        pieces::{self, NewUpload, PieceError, Upload, UploadId, UploadState},
    },
    rfc3339,
};
use serde::Serialize;

use self::refusal::TusRefusal;
use super::{
    archive::Asker,
    caller::{Caller, Upload as MayUpload},
    intake::Limits,
    parameters::Key,
    upload::{self, Report},
    uploader::Uploader,
    uploading,
};
use crate::{middleware::deadline, state::AppState};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,expiration,termination";
const ADDRESS: &str = "/api/v1/uploads";

/// The routes of uploads.
pub(super) fn routes() -> Router<AppState> {
    let one = head(look).get(tell).patch(go_on).delete(forget).post(instead);
    Router::new()
        .route(ADDRESS, post(create).options(offer))
        .layer(from_fn(deadline))
        .route("/api/v1/uploads/{id}", uploading(one))
        .layer(from_fn(speak))
}

/// Refuses other versions of the protocol, and says this one. `GET` is none of its methods.
async fn speak(request: Request, next: Next) -> Response {
    let is_tus = !matches!(*request.method(), Method::OPTIONS | Method::GET);
    let version = request.headers().get(headers::RESUMABLE);
    let mut response = if is_tus && version.is_none_or(|version| version != VERSION) {
        let mut response = TusRefusal::Version.into_response();
        response.headers_mut().insert(headers::VERSION, HeaderValue::from_static(VERSION));
        response
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(headers::RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// `OPTIONS`: what is spoken here.
async fn offer(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, TusRefusal> {
    let most = Limits::of(&state, &headers).await?.max_file;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let told = response.headers_mut();
    told.insert(headers::VERSION, HeaderValue::from_static(VERSION));
    told.insert(headers::EXTENSION, HeaderValue::from_static(EXTENSIONS));
    told.insert(headers::MAX_SIZE, most.bytes().into());
    Ok(response)
}

/// `POST /api/v1/uploads`: a file of `Upload-Length` bytes is to come.
async fn create(
    State(state): State<AppState>,
    caller: Caller<MayUpload>,
    headers: HeaderMap,
) -> Result<Response, TusRefusal> {
    let length = headers::length(&headers)?;
    let said = headers::metadata(&headers)?;
    let (mut terms, mut album) = (Terms::default(), None);
    for (field, text) in &said.fields {
        if field == "album" {
            album = Some(upload::album(&state, caller.user, text).await?);
        } else {
            service::images::term(&mut terms, field, text, state.core().now())?;
        }
    }
    let new = NewUpload {
        length: ByteSize(length),
        most: caller.max_upload(),
        filename: &said.filename,
        terms,
        album,
        metadata: said.raw.as_deref(),
    };
    let begun = pieces::create(state.core(), caller.user, &new).await?;
    let mut response = StatusCode::CREATED.into_response();
    let told = response.headers_mut();
    set(told, header::LOCATION, format!("{ADDRESS}/{}", begun.id.0));
    set(told, headers::EXPIRES, headers::date(begun.expires_at));
    Ok(response)
}

/// `HEAD /api/v1/uploads/{id}`: where to go on.
async fn look(
    State(state): State<AppState>,
    caller: Caller<MayUpload>,
    Key(id): Key<UploadId>,
) -> Result<Response, TusRefusal> {
    let upload = settle::settled(&state, caller.user, id).await.map_err(TusRefusal::kept)?;
    let metadata = upload.metadata.clone();
    let mut response = reached(StatusCode::OK, upload)?;
    if let Some(metadata) = metadata {
        set(response.headers_mut(), headers::METADATA, metadata);
    }
    Ok(response)
}

/// `PATCH /api/v1/uploads/{id}`: more of it, from `Upload-Offset` on. Answered once that is durable, and with the last
/// piece once it is known that it is an image.
async fn go_on(
    State(state): State<AppState>,
    caller: Caller<MayUpload>,
    Key(id): Key<UploadId>,
    request: Request,
) -> Result<Response, TusRefusal> {
    let (parts, body) = request.into_parts();
    if parts.headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != headers::OFFSET_STREAM) {
        return Err(TusRefusal::ContentType);
    }
    let offset = headers::offset(&parts.headers)?;
    let mut upload = settle::settled(&state, caller.user, id).await?;
    if let Some(limit) = caller.max_upload().filter(|most| upload.length > most.bytes()) {
        return Err(Problem::FileTooLarge { limit }.into());
    }
    if offset != upload.received {
        return Err(PieceError::Elsewhere(upload.received).into());
    }
    if upload.state == UploadState::UnderWay {
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > upload.length - offset) {
            return Err(TusRefusal::too_much(upload.length - offset));
        }
        let sender = Asker { user: caller.user, standing: caller.standing() };
        upload = receive::more(&state, sender, id, offset, body).await?;
    }
    reached(StatusCode::NO_CONTENT, upload)
}

/// `DELETE /api/v1/uploads/{id}`: nothing more comes. An image that it became stays.
async fn forget(
    State(state): State<AppState>,
    caller: Caller<MayUpload>,
    Key(id): Key<UploadId>,
) -> Result<StatusCode, TusRefusal> {
    pieces::forget(state.core(), caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/uploads/{id}` with `X-HTTP-Method-Override`, by clients that can't send other methods.
async fn instead(
    state: State<AppState>,
    caller: Caller<MayUpload>,
    id: Key<UploadId>,
    request: Request,
) -> Result<Response, TusRefusal> {
    match request.headers().get(headers::METHOD_OVERRIDE).map(HeaderValue::as_bytes) {
        Some(b"PATCH") => go_on(state, caller, id, request).await,
        Some(b"HEAD") => look(state, caller, id).await,
        Some(b"DELETE") => forget(state, caller, id).await.map(IntoResponse::into_response),
        _ => Err(Problem::MethodNotAllowed.into()),
    }
}

/// An upload that isn't finished.
#[derive(Serialize)]
struct UnderWay {
    status: &'static str,
    offset: u64,
    length: u64,
    expires_at: Timestamp,
}

/// `GET /api/v1/uploads/{id}`: what became of it, told as `POST /api/v1/images` does.
async fn tell(
    State(state): State<AppState>,
    caller: Caller<MayUpload>,
    Key(id): Key<UploadId>,
) -> Result<Response, TusRefusal> {
    let upload = settle::settled(&state, caller.user, id).await?;
    let mut report = Report::default();
    match upload.state {
        UploadState::UnderWay | UploadState::Whole => {
            let (offset, length) = (upload.received, upload.length);
            let expires_at = rfc3339(upload.expires_at);
            return Ok(Json(UnderWay { status: "under_way", offset, length, expires_at }).into_response());
        }
        UploadState::Taken { image, existing, problem } => {
            let image = pieces::image(state.core(), caller.user, image).await?;
            report.taken(upload::told(&state, &Uploader::from(&caller), Accepted { image, existing }).await?);
            if let Some(problem) = problem {
                report.failed(String::new(), problem);
            }
        }
        UploadState::Refused(problem) => report.failed(upload.filename, problem),
    }
    Ok(report.into_response())
}

/// How far an upload has come.
///
/// # Errors
/// Why it is refused, if it is.
fn reached(status: StatusCode, upload: Upload) -> Result<Response, TusRefusal> {
    let is_over = match upload.state {
        UploadState::Refused(problem) => return Err(problem.into()),
        UploadState::Taken { .. } => true,
        UploadState::UnderWay | UploadState::Whole => false,
    };
    let mut response = status.into_response();
    let told = response.headers_mut();
    told.insert(headers::OFFSET, upload.received.into());
    if status == StatusCode::OK {
        told.insert(headers::LENGTH, upload.length.into());
    }
    if !is_over {
        set(told, headers::EXPIRES, headers::date(upload.expires_at));
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
