//! Images from memory, over connections that ask for nothing else.
//!
//! Whoever shows a picture of ours on a page of their own asks for pictures alone. Of what such an answer takes,
//! a seventh is reading its request into a map of headers and writing a map of headers out again. Here the request
//! is looked at where it lies, and the answer's head was written when its bytes were read. The first request that
//! isn't as simple as that, whatever it is, is handed to hyper with the connection, which stays there: nothing is
//! waited for here but the client.

mod date;
mod request;

use std::{io, pin::pin, time::Duration};

use bytes::{Buf as _, BytesMut};
use tokio::{io::AsyncReadExt as _, net::TcpStream, sync::watch, time::Instant};

use self::{
    date::DateLine,
    request::{Parsed, parse},
};
use crate::{serve, state::AppState, zero_copy::send_all};

/// What is read at once; most requests have a fraction of it.
const BUFFER: usize = 4096;

/// A connection that asks for something else, and what has been read of that.
#[derive(Debug)]
pub struct Handover {
    /// The connection.
    pub stream: TcpStream,
    /// Bytes that were read and not answered.
    pub read: BytesMut,
    /// When the request that they begin must be whole.
    pub deadline: Instant,
}

/// Answers requests for images that anybody may see and that are in memory, one after the other. `None` once the
/// connection has ended: the client went, or brought nothing for as long as `idle`, or `stop` says that the server
/// ends.
pub async fn answer(
    mut stream: TcpStream,
    state: &AppState,
    idle: Duration,
    stop: watch::Receiver<bool>,
) -> Option<Handover> {
    let mut read = BytesMut::with_capacity(BUFFER);
    let (mut date, mut head) = (DateLine::default(), Vec::with_capacity(1024));
    let mut last = Instant::now();
    let mut pause = pin!(tokio::time::sleep_until(last + idle));
    let mut stopping = stop.clone();
    let mut stopped = pin!(stopping.wait_for(|stop| *stop));
    loop {
        if read.is_empty() {
            read.reserve(BUFFER);
            tokio::select! {
                biased;
                received = stream.read_buf(&mut read) => match received {
                    Ok(0) => return None,
                    Ok(_) => {}
                    Err(error) => {
                        ended(&error);
                        return None;
                    }
                },
                // Set anew only when it fires: a timer for each request costs more than looking at the clock.
                () = &mut pause => pause.as_mut().reset(rests_until(last, idle, Instant::now())?),
                _ = &mut stopped => return None,
            }
            continue;
        }
        let plain = match parse(&read) {
            Parsed::Plain { length, request } => serve::ready(state, &request).map(|ready| (length, ready)),
            Parsed::Other => None,
        };
        let Some((length, ready)) = plain else {
            return Some(Handover { stream, read, deadline: last + idle });
        };
        head.clear();
        ready.write_head(&mut head);
        head.extend_from_slice(date.at(state.core().now()));
        head.extend_from_slice(b"\r\n");
        if let Err(error) = send_all(&stream, [&head, ready.bytes()], ready.pages()).await {
            ended(&error);
            return None;
        }
        read.advance(length);
        last = Instant::now();
        if *stop.borrow() {
            return None;
        }
    }
}

/// Until when a connection may rest that was answered `last`; `None` if that is over.
fn rests_until(last: Instant, idle: Duration, now: Instant) -> Option<Instant> {
    Some(last + idle).filter(|until| *until > now)
}

fn ended(error: &io::Error) {
    tracing::debug!(%error, "connection ended");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_since_the_last_answer() {
        let (start, idle) = (Instant::now(), Duration::from_secs(20));
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(rests_until(start, idle, after(20)), None);
        assert_eq!(rests_until(after(15), idle, after(20)), Some(after(35)));
        assert_eq!(rests_until(after(15), idle, after(35)), None);
    }
}
