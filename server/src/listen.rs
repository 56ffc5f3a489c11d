//! The accept loop.
//!
//! `axum::serve` waits for a request's headers for ever; hyper's builder, driven here, doesn't, so
//! a client that sends a byte a minute, or none, holds nothing for long.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    front::Front,
    reused_timer::ReusedTimer,
    serve::AnswerBody,
    shortcut::{self, Handover},
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
    let (stopping, stopped) = watch::channel(false);
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
        connect(&server, graceful.watcher(), stream, peer, front.clone(), stopped.clone());
    }
    drop(listener);
    stopping.send_replace(true);
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

/// Whether a connection has brought a request. hyper's limits begin only when it knows which version of HTTP is
/// spoken, and it waits for the bytes that tell for as long as they take.
#[derive(Clone, Default)]
struct Begun(Arc<(AtomicBool, Notify)>);

impl Begun {
    /// A request is there.
    fn note(&self) {
        let (is_noted, told) = &*self.0;
        // Looked at first: a connection has many requests, and this changes with one of them.
        if !is_noted.load(Ordering::Relaxed) && !is_noted.swap(true, Ordering::Relaxed) {
            told.notify_one();
        }
    }

    /// Goes on with `connection` for as long as it takes, if its first request is whole within `limit`; otherwise
    /// ends it.
    async fn in_time<F: Future>(self, connection: F, limit: Duration) -> Option<F::Output> {
        let mut connection = pin!(connection);
        tokio::select! {
            biased;
            ended = &mut connection => return Some(ended),
            () = self.0.1.notified() => {}
            () = tokio::time::sleep(limit) => return None,
        }
        Some(connection.await)
    }
}

fn connect(
    server: &auto::Builder<TokioExecutor>,
    watcher: Watcher,
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    stopped: watch::Receiver<bool>,
) {
    // Small answers must not wait for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let mut server = server.clone();
    tokio::spawn(async move {
        let shortcut = shortcut::answer(stream, front.state(), HEADERS, stopped).await;
        let Some(Handover { stream, read, deadline }) = shortcut else { return };
        let left = deadline.saturating_duration_since(Instant::now());
        // Boxed: most of a connection's state, which those that never come here needn't hold.
        Box::pin(async move {
            let outbox = Outbox::default();
            let stream = ZeroCopyStream::new(stream, read, outbox.clone());
            let begun = Begun::default();
            let first = begun.clone();
            let service = service_fn(move |request| {
                first.note();
                let (front, outbox) = (front.clone(), outbox.clone());
                async move {
                    let answer = front.answer(request, peer).await;
                    if let AnswerBody::Memory { pages: Some(pages), .. } = answer.body() {
                        outbox.put(pages);
                    }
                    Ok::<_, Infallible>(answer)
                }
            });
            server.http1().timer(ReusedTimer::default());
            let connection = watcher.watch(server.serve_connection(stream, service).into_owned());
            match begun.in_time(connection, left).await {
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::debug!(%error, "connection ended"),
                None => tracing::debug!("a connection brought no request"),
            }
        })
        .await;
    });
}

#[cfg(test)]
mod tests {
    use http::{Request, Response};
    use hyper::body::Incoming;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(50);
    /// For what should come in a moment, on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A connection that has brought `bytes`, and must bring a request within `limit`; the client's end, and what
    /// becomes of the server's.
    async fn connected(
        bytes: &[u8],
        limit: Duration,
    ) -> (DuplexStream, impl Future<Output = Option<bool>> + Send + 'static) {
        let (mut client, server) = tokio::io::duplex(4096);
        client.write_all(bytes).await.unwrap();
        let begun = Begun::default();
        let first = begun.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            first.note();
            async { Ok::<_, Infallible>(Response::new("here".to_owned())) }
        });
        let connected = async move {
            let mut builder = builder();
            builder.http1().timer(ReusedTimer::default());
            let connection = builder.serve_connection(TokioIo::new(server), service);
            begun.in_time(connection, limit).await.map(|ended| ended.is_ok())
        };
        (client, connected)
    }

    /// Reads up to the end of the one body there is.
    async fn answer(client: &mut DuplexStream) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"here") {
            assert!(client.read_buf(&mut read).await.unwrap() > 0, "cut off");
        }
        String::from_utf8(read).unwrap()
    }

    #[tokio::test]
    async fn who_brings_no_request_is_cut_off() {
        for bytes in
            ["", "PRI * HT", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
        {
            let (mut client, connected) = connected(bytes.as_bytes(), MOMENT).await;
            let ended = tokio::time::timeout(PATIENCE, connected).await;
            assert_eq!(ended.unwrap(), None, "{bytes:?}");
            // Whatever was said meanwhile, it is over.
            client.read_to_end(&mut Vec::new()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn who_brought_one_may_take_time_for_the_next() {
        const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let (mut client, connected) = connected(GET, MOMENT).await;
        let connected = tokio::spawn(connected);
        assert!(answer(&mut client).await.starts_with("HTTP/1.1 200 OK\r\n"));
        tokio::time::sleep(2 * MOMENT).await;
        client.write_all(GET).await.unwrap();
        answer(&mut client).await;
        drop(client);
        assert_eq!(tokio::time::timeout(PATIENCE, connected).await.unwrap().unwrap(), Some(true));
    }
}
