//! The accept loop.
//!
//! `axum::serve` waits for a request's headers for ever; hyper's builder, driven here, doesn't, so
//! a client that sends a byte a minute holds nothing for long.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    front::Front,
    reused_timer::ReusedTimer,
    serve::AnswerBody,
    zero_copy::{Outbox, ZeroCopyStream},
};

/// Longest time for a request's headers, and for an idle connection's next request.
const HEADERS: Duration = Duration::from_secs(20);
/// Longest time that requests under way get when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Pause after an accept that failed for want of file descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets requests under way end.
pub async fn serve(listener: TcpListener, front: Front, stop: impl Future<Output = ()>) {
    let server = builder();
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        connect(&server, &graceful, stream, peer, front.clone());
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off after {} s", FAREWELL.as_secs());
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(HEADERS).max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADERS)
        .keep_alive_timeout(HEADERS)
        .max_concurrent_streams(128)
        .max_header_list_size(64 * 1024);
    builder
}

fn connect(
    server: &auto::Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
) {
    // Small answers must not wait for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let outbox = Outbox::default();
    let stream = ZeroCopyStream::new(stream, outbox.clone());
    let service = hyper::service::service_fn(move |request| {
        let (front, outbox) = (front.clone(), outbox.clone());
        async move {
            let answer = front.answer(request, peer).await;
            if let AnswerBody::Memory { pages: Some(pages), .. } = answer.body() {
                outbox.put(pages);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut server = server.clone();
    server.http1().timer(ReusedTimer::default());
    let connection = server.serve_connection(stream, service).into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}
