//! What an answer consists of.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::zero_copy::Pages;

/// The body of an answer: a type of its own, so that the connection sees whose pages it sends.
#[derive(Debug)]
pub enum AnswerBody {
    /// An image from memory, or a part of it.
    Memory {
        /// The bytes that are left to send.
        rest: Bytes,
        /// What they are of, where it can be sent by reference.
        pages: Option<Pages>,
    },
    /// Anything else.
    Other(axum::body::Body),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.get_mut() {
            Self::Memory { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Self::Memory { rest, .. } => Poll::Ready(Some(Ok(Frame::data(mem::take(rest))))),
            Self::Other(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Memory { rest, .. } => rest.is_empty(),
            Self::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Memory { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Other(body) => body.size_hint(),
        }
    }
}

impl From<axum::body::Body> for AnswerBody {
    fn from(body: axum::body::Body) -> Self {
        Self::Other(body)
    }
}
