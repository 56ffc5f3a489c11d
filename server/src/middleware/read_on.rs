//! Clients that are refused get to read why.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http::{StatusCode, header};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;

/// Longest time for the rest of a body that nobody wants.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of such a rest, at most.
const MOST: usize = 64 * 1024 * 1024;

/// Reads what an upload's handler left of the body before it is answered, within bounds. Most clients look for the
/// answer when they have sent everything, and find a broken connection if it was closed meanwhile. Those that
/// ask first whether to go on (`Expect`) are told by the answer itself.
pub async fn read_on(request: Request, next: Next) -> Response {
    let asks_first = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let shared = Shared::new(body);
    let response = next.run(Request::from_parts(parts, Body::new(shared.clone()))).await;
    let has_stopped = response.status() == StatusCode::REQUEST_TIMEOUT;
    if !shared.is_end_stream() && !asks_first && !has_stopped {
        let _ = tokio::time::timeout(PATIENCE, drain(shared)).await;
    }
    response
}

async fn drain(mut body: Shared) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MOST {
            return;
        }
    }
}

/// A body of which somebody else may read the rest.
#[derive(Clone)]
struct Shared(Arc<Mutex<Source>>);

struct Source {
    body: Body,
    /// It said that nothing more comes, and must not be asked again.
    is_over: bool,
}

impl Shared {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Source { body, is_over: false })))
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut source = self.source();
        if source.is_over {
            return Poll::Ready(None);
        }
        let frame = Pin::new(&mut source.body).poll_frame(context);
        source.is_over = matches!(frame, Poll::Ready(None | Some(Err(_))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        let source = self.source();
        source.is_over || source.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.source().body.size_hint()
    }
}
