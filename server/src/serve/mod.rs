//! An image's way out: `/i/{yyyy}/{mm}/{dd}/{slug}.{ext}`.
//!
//! Touches no session and no user table, unless an image isn't for everybody. What is asked for often is
//! answered from memory; the rest is read from PostgreSQL, large files a window at a time, so that a slow
//! reader holds neither memory nor a connection.

mod address;
mod answer;
mod body;
mod choice;
mod images;
mod restricted;
mod stream;

use std::net::SocketAddr;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use model::Problem;
use reflect_core::images::library::StoredImage;

use self::{
    address::{ImageAddress, Wish},
    choice::{Choice, choose},
};
use crate::{
    http_headers::{ByteRange, byte_range, etag_matches},
    problem::Refusal,
    state::AppState,
};

pub use self::{answer::Answer, body::AnswerBody, images::Images};

/// Whether [`image`] answers for this path.
#[must_use]
pub fn is_image_path(path: &str) -> bool {
    path.starts_with(address::ROOT)
}

/// An image or a variant, for whoever asks from `peer`.
pub async fn image(
    state: &AppState,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Answer {
    let head = *method == Method::HEAD;
    let answer = match *method {
        Method::GET => respond(state, head, uri, headers, peer).await,
        Method::HEAD => {
            // A range means something for GET only (RFC 9110 §14.2).
            let mut headers = headers.clone();
            headers.remove(header::RANGE);
            respond(state, head, uri, &headers, peer).await
        }
        _ => {
            let mut response = answer::hardened(Refusal(Problem::MethodNotAllowed));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            return response;
        }
    };
    let answer = answer.unwrap_or_else(answer::hardened);
    if head { answer.map(|_| Body::empty().into()) } else { answer }
}

async fn respond(
    state: &AppState,
    head: bool,
    uri: &Uri,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Answer, Refusal> {
    let address = ImageAddress::parse(uri.path()).ok_or(Problem::NotFound)?;
    let wish = Wish::parse(uri.query().unwrap_or_default())?;
    let stored = match state.images.known(&address.slug) {
        Some(stored) => stored,
        // Boxed, as what follows: an answer from memory shall not carry the weight of a query's state.
        None => Box::pin(state.images.facts(state.core(), &address.slug)).await?,
    };
    if !address.names(&stored.image) {
        return Err(Problem::NotFound.into());
    }
    let choice = choose(&stored.image, wish, headers);
    match &stored.restriction {
        None => send(state, head, &stored, choice, headers).await,
        Some(limits) => {
            Box::pin(restricted::send(state, head, (&stored, limits), choice, headers, peer)).await
        }
    }
}

/// The bytes, to whoever may have them.
async fn send(
    state: &AppState,
    head: bool,
    stored: &StoredImage,
    choice: Choice,
    headers: &HeaderMap,
) -> Result<Answer, Refusal> {
    match state.images.kept(stored, choice) {
        Some(ready) => answer::from_memory(&ready, choice.varies, headers),
        None => Box::pin(first_time(state, head, stored, choice, headers)).await,
    }
}

/// What isn't in memory.
async fn first_time(
    state: &AppState,
    head: bool,
    stored: &StoredImage,
    choice: Choice,
    headers: &HeaderMap,
) -> Result<Answer, Refusal> {
    let etag = answer::etag(stored, &choice);
    if etag_matches(headers, &etag) {
        return Ok(answer::not_modified(&answer::caching(stored, &choice)));
    }
    if choice.variant.is_none() {
        let size = stored.image.byte_size.bytes();
        let range = byte_range(headers, &etag, size);
        if range != ByteRange::Whole || head || !state.images.may_keep(size) {
            return answer::from_store(state.core(), stored, &choice, range, head);
        }
    }
    let ready = state.images.load(state.core(), stored, choice).await?;
    answer::from_memory(&ready, choice.varies, headers)
}
