//! Images from memory, over connections that ask for nothing else.
//!
//! Whoever shows a picture of ours on a page of their own asks for pictures alone. Of what such an answer takes,
//! a seventh is reading its request into a map of headers and writing a map of headers out again. Here the request
//! is looked at where it lies, and the answer's head was written when its bytes were read. The first request that
//! isn't as simple as that, whatever it is, is handed to hyper with the connection, which stays there.

mod date;
mod request;

use std::{io, pin::pin, time::Duration};

use bytes::{Buf as _, BytesMut};
use tokio::{io::AsyncReadExt as _, net::TcpStream, sync::watch};

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
}

/// Answers requests for images that anybody may see, one after the other. `None` once the connection has ended: the
/// client went, or brought nothing for as long as `idle`, or `stop` says that the server ends.
pub async fn answer(
    mut stream: TcpStream,
    state: &AppState,
    idle: Duration,
    mut stop: watch::Receiver<bool>,
) -> Option<Handover> {
    let mut read = BytesMut::with_capacity(BUFFER);
    let (mut date, mut head) = (DateLine::default(), Vec::with_capacity(1024));
    let (mut answered, mut answered_before) = (0_u64, 0_u64);
    let mut pause = pin!(tokio::time::sleep(idle));
    let mut stopped = pin!(stop.wait_for(|stop| *stop));
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
                // Set anew only when it fires: a timer for each request costs more than looking for one.
                () = &mut pause => {
                    if answered == answered_before {
                        return None;
                    }
                    answered_before = answered;
                    pause.as_mut().reset(tokio::time::Instant::now() + idle);
                }
                _ = &mut stopped => return None,
            }
            continue;
        }
        let Parsed::Plain { length, request } = parse(&read) else { return Some(Handover { stream, read }) };
        let Some(ready) = serve::ready(state, &request).await else {
            return Some(Handover { stream, read });
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
        answered += 1;
    }
}

fn ended(error: &io::Error) {
    tracing::debug!(%error, "connection ended");
}
