//! The whole of an image that anybody may see, for whoever asks for nothing besides.

use std::sync::Arc;

use bytes::Bytes;
use model::types::MediaType;

use super::{
    address::{ImageAddress, Wish},
    answer::keeping,
    choice::{Choice, choose},
    images::Ready,
    views::is_own_page,
};
use crate::{http_headers::names, middleware::HSTS, state::AppState, zero_copy::Pages};

/// A `GET` without conditions and ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainRequest<'a> {
    /// The address's path, as it was sent.
    pub(crate) path: &'a str,
    /// What stands behind its question mark.
    pub(crate) query: &'a str,
    /// `Accept`.
    pub(crate) accept: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub(crate) fetch_site: Option<&'a [u8]>,
    /// Whether there is a `Referer`.
    pub(crate) has_referrer: bool,
}

/// The answer to a [`PlainRequest`]: 200, with these bytes.
#[derive(Debug)]
pub(crate) struct Whole {
    ready: Arc<Ready>,
    choice: Choice,
    is_https: bool,
}

impl Whole {
    /// Adds status line and headers, without `Date` and the empty line.
    pub(crate) fn write_head(&self, head: &mut Vec<u8>) {
        head.extend_from_slice(self.ready.head(self.choice.varies));
        for part in [b"cache-control: ", keeping(self.choice.lasts).as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
        if self.is_https {
            for part in [b"strict-transport-security: ", HSTS.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.ready.bytes
    }

    /// What they are of, where they can be sent by reference.
    pub(crate) fn pages(&self) -> Option<&Pages> {
        self.ready.pages.as_ref()
    }
}

/// The answer, and counts the view; `None` where it isn't all from memory, or another one than 200: whoever has the
/// time for that finds out which.
pub(crate) fn ready(state: &AppState, request: &PlainRequest<'_>) -> Option<Whole> {
    let address = ImageAddress::parse(request.path)?;
    let wish = Wish::parse(request.query).ok()?;
    let known = state.images.known(&address.slug)?;
    let stored = &known.stored;
    if !address.names(&stored.image) || stored.restriction.is_some() {
        return None;
    }
    let accepts = |kind: MediaType| request.accept.is_some_and(|accept| names(accept, kind.mime()));
    let choice = choose(&stored.image, wish, &accepts);
    let ready = state.images.kept(stored, choice)?;
    if !is_own_page(request.fetch_site, request.has_referrer) {
        known.count_view();
    }
    let is_https = state.core().settings.origins.images.starts_with("https://");
    Some(Whole { ready, choice, is_https })
}
