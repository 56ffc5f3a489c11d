//! What was begun is done to its end, whoever hangs up.

use std::panic::resume_unwind;

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use model::Problem;
use tracing::Instrument as _;

use super::deadline::DEADLINE;
use crate::{api, problem::Refusal};

/// Where codes are judged: `/api/v1/auth/…`, and the functions that pages call.
const JUDGING: [&str; 2] = ["/api/v1/auth/", "/api/app/"];

/// Goes on with whatever judges a code when the client is gone: a try is counted before it is judged, and what
/// came of it is recorded after that. Somebody who always hangs up in between would leave no trace in the log, and
/// have nobody told.
///
/// The body is read first, which still ends with the client, so that nothing goes on for somebody who sends slowly.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    let judges = JUDGING.iter().any(|start| request.uri().path().starts_with(start));
    if !judges || request.method().is_safe() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(read) = tokio::time::timeout(DEADLINE, read(body)).await else {
        return Refusal(Problem::TimedOut).into_response();
    };
    let body = match read {
        Ok(whole) => Body::from(whole),
        // Its handler refuses it, and judges nothing.
        Err(broken) => return next.run(Request::from_parts(parts, broken)).await,
    };
    let answer = next.run(Request::from_parts(parts, body)).in_current_span();
    match tokio::spawn(answer).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Refusal(Problem::Internal).into_response(),
        },
    }
}

/// The whole body; or the same body if it is too large for any of them, or breaks off.
async fn read(mut body: Body) -> Result<Bytes, Body> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| frame.into_data().unwrap_or_default()) {
            Ok(data) => read.extend_from_slice(&data),
            Err(error) => {
                let broken = [Ok(Bytes::from(read)), Err(error)];
                return Err(Body::from_stream(stream::iter(broken)));
            }
        }
        if read.len() > api::KEYS {
            let begin = stream::iter([Ok(Bytes::from(read))]);
            return Err(Body::from_stream(begin.chain(body.into_data_stream())));
        }
    }
    Ok(read.into())
}
