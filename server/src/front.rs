//! What every request meets first.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
};
use bytes::Bytes;
use tower::{BoxError, ServiceExt as _};

use crate::{
    router::router,
    serve::{self, Answer, AnswerBody},
    state::AppState,
};

/// Images by the shortest way, everything else by the router. Cheap to clone.
///
/// An image from memory costs a few microseconds, of which matching a route, copying the state for
/// its handler and boxing futures would be a third (`docs/performance.md`).
#[derive(Clone)]
pub struct Front(Arc<(AppState, Router)>);

impl Front {
    /// The server over `state`.
    #[must_use]
    pub fn new(state: AppState) -> Self {
        let router = router(state.clone());
        Self(Arc::new((state, router)))
    }

    /// What it answers from.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.0.0
    }

    /// The answer to a request from `peer`.
    pub async fn answer<B>(self, mut request: Request<B>, peer: SocketAddr) -> Answer
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let (state, router) = &*self.0;
        if serve::is_image_path(request.uri().path()) {
            return serve::image(state, request.method(), request.uri(), request.headers(), peer).await;
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request.map(Body::new));
        match Box::pin(answer).await {
            Ok(response) => response.map(AnswerBody::Other),
            Err(never) => match never {},
        }
    }
}
