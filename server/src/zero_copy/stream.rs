//! A connection that sends shared pages by reference.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use rustix::{fs::sendfile, net::SendFlags};
use tokio::{io::Interest, net::TcpStream};

use super::{Pages, WeakPages};

/// What the answer under way consists of, told to the connection that it goes over. If that isn't
/// what it is asked to write, which HTTP/2 may lead to, the bytes are copied.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Mutex<WeakPages>>);

impl Outbox {
    /// The next answer's bytes are of `pages`, which an idle connection doesn't keep.
    pub fn put(&self, pages: &Pages) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = pages.downgrade();
    }

    fn look(&self) -> Option<Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}

/// A TCP connection below hyper.
#[derive(Debug)]
pub struct ZeroCopyStream {
    stream: TokioIo<TcpStream>,
    /// What was read of it before hyper had it.
    read: BytesMut,
    outbox: Outbox,
}

impl ZeroCopyStream {
    /// `stream`, of which `read` was read already; bytes of what is in the outbox are sent by reference.
    #[must_use]
    pub fn new(stream: TcpStream, read: BytesMut, outbox: Outbox) -> Self {
        Self { stream: TokioIo::new(stream), read, outbox }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Read for ZeroCopyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return self.stream().poll_read(cx, buf);
        }
        let count = self.read.len().min(buf.remaining());
        buf.put_slice(&self.read.split_to(count));
        if self.read.is_empty() {
            self.read = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for ZeroCopyStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let shared = self.outbox.look().filter(|pages| bufs.iter().any(|buf| pages.position(buf).is_some()));
        let Some(pages) = shared else { return self.stream().poll_write_vectored(cx, bufs) };
        let stream = self.stream.inner();
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_io(Interest::WRITABLE, || send(stream, bufs, Some(&pages))) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

/// Sends both, what is of `pages` by reference.
///
/// # Errors
/// The connection's end.
pub async fn send_all(stream: &TcpStream, mut parts: [&[u8]; 2], pages: Option<&Pages>) -> io::Result<()> {
    while parts.iter().any(|part| !part.is_empty()) {
        let bufs = parts.map(IoSlice::new);
        let mut sent = stream.async_io(Interest::WRITABLE, || send(stream, &bufs, pages)).await?;
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        for part in &mut parts {
            let here = sent.min(part.len());
            *part = &part[here..];
            sent -= here;
        }
    }
    Ok(())
}

/// Sends as much as the kernel takes: what is of `pages` by reference, the rest as it is.
fn send(stream: &TcpStream, bufs: &[IoSlice<'_>], pages: Option<&Pages>) -> io::Result<usize> {
    let mut sent = 0;
    for (index, buf) in bufs.iter().enumerate().filter(|(_, buf)| !buf.is_empty()) {
        let result = match pages.and_then(|pages| Some((pages, pages.position(buf)?))) {
            Some((pages, mut position)) => sendfile(stream, pages, Some(&mut position), buf.len()),
            // With what follows in one segment.
            None if index + 1 < bufs.len() => {
                rustix::net::send(stream, buf, SendFlags::NOSIGNAL | SendFlags::MORE)
            }
            None => rustix::net::send(stream, buf, SendFlags::NOSIGNAL),
        };
        match result {
            Ok(count) => {
                sent += count;
                if count < buf.len() {
                    break;
                }
            }
            Err(_) if sent > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::{
        io::AsyncReadExt as _,
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::zero_copy::PageStore;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (listener.accept().await.unwrap().0, client)
    }

    /// Writes all of it, as hyper does: what is left, again and again.
    async fn write_all(stream: &mut ZeroCopyStream, parts: &[&[u8]]) {
        let mut parts = parts.to_vec();
        while parts.iter().any(|part| !part.is_empty()) {
            let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
            let mut sent =
                poll_fn(|cx| Pin::new(&mut *stream).poll_write_vectored(cx, &slices)).await.unwrap();
            assert!(sent > 0);
            for part in &mut parts {
                let here = sent.min(part.len());
                *part = &part[here..];
                sent -= here;
            }
        }
    }

    /// What arrives of `pages`, sent twice with something around it, the second time without its first byte.
    async fn arrives(pages: &Pages, told: &Pages) -> Vec<u8> {
        let (server, mut client) = pair().await;
        let outbox = Outbox::default();
        outbox.put(told);
        let mut stream = ZeroCopyStream::new(server, BytesMut::new(), outbox);
        let sending = async move {
            write_all(&mut stream, &[b"head", pages.bytes()]).await;
            write_all(&mut stream, &[&pages.bytes()[1..], b"tail"]).await;
        };
        let reading = async {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.unwrap();
            all
        };
        tokio::join!(sending, reading).1
    }

    fn noise(size: usize, seed: usize) -> Vec<u8> {
        (0..size).map(|i| (i * seed % 251) as u8).collect()
    }

    fn expected(bytes: &[u8]) -> Vec<u8> {
        [b"head", bytes, &bytes[1..], b"tail"].concat()
    }

    #[tokio::test]
    async fn shared_pages_arrive_with_what_stands_around_them() {
        // The last is more than the kernel takes at once.
        for size in [1, 28_000, 20_000_000] {
            let bytes = noise(size, 31);
            let pages = PageStore::new().share(&bytes).unwrap();
            assert!(arrives(&pages, &pages).await == expected(&bytes), "{size}");
        }
    }

    #[tokio::test]
    async fn what_is_sent_comes_from_the_file() {
        let in_file = noise(28_000, 7);
        let pages = Pages::with_other_file(&noise(28_000, 31), &in_file);
        assert!(arrives(&pages, &pages).await == expected(&in_file));
    }

    #[tokio::test]
    async fn bytes_of_other_pages_are_copied() {
        let bytes = noise(28_000, 31);
        let pages = Pages::with_other_file(&bytes, &noise(28_000, 7));
        let told = PageStore::new().share(&bytes).unwrap();
        assert!(arrives(&pages, &told).await == expected(&bytes));
    }

    #[tokio::test]
    async fn an_outbox_keeps_nothing() {
        let outbox = Outbox::default();
        let pages = PageStore::new().share(b"x").unwrap();
        outbox.put(&pages);
        assert!(outbox.look().is_some());
        drop(pages);
        assert!(outbox.look().is_none());
    }
}
