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
mod plain;
mod restricted;
mod stream;
mod views;

use std::net::SocketAddr;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use model::Problem;
use reflect_core::images::{library::StoredImage, variants};

pub(crate) use self::stream::windows;
use self::{
    address::{ImageAddress, Wish},
    choice::{Choice, choose, meanwhile},
};
use crate::{
    http_headers::{ByteRange, accepts_media_type, byte_range, etag_matches},
    middleware::HSTS,
    problem::Refusal,
    state::AppState,
};

pub(crate) use self::plain::{PlainRequest, ready};
pub use self::{answer::Answer, body::AnswerBody, images::Images};

/// Whether [`image`] answers for this path.
#[must_use]
pub fn is_image_path(path: &str) -> bool {
    path.starts_with(address::ROOT)
}

/// A request, as every step of the answer needs it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    state: &'a AppState,
    /// Whether only the headers are sent.
    head: bool,
    headers: &'a HeaderMap,
    peer: SocketAddr,
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
        Method::GET => respond(Asked { state, head, headers, peer }, uri).await,
        Method::HEAD => {
            // A range means something for GET only (RFC 9110 §14.2).
            let mut headers = headers.clone();
            headers.remove(header::RANGE);
            respond(Asked { state, head, headers: &headers, peer }, uri).await
        }
        _ => {
            let mut response = answer::hardened(Refusal(Problem::MethodNotAllowed));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            return response;
        }
    };
    let mut answer = answer.unwrap_or_else(answer::hardened);
    if state.core().settings.origins.images.starts_with("https://") {
        answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if head { answer.map(|_| Body::empty().into()) } else { answer }
}

async fn respond(asked: Asked<'_>, uri: &Uri) -> Result<Answer, Refusal> {
    let state = asked.state;
    let address = ImageAddress::parse(uri.path()).ok_or(Problem::NotFound)?;
    let wish = Wish::parse(uri.query().unwrap_or_default())?;
    let known = match state.images.known(&address.slug) {
        Some(known) => known,
        // Boxed, as what follows: an answer from memory shall not carry the weight of a query's state.
        None => Box::pin(state.images.facts(state.core(), &address.slug)).await?,
    };
    let stored = &known.stored;
    if !address.names(&stored.image) {
        return Err(Problem::NotFound.into());
    }
    let choice = choose(&stored.image, wish, &|kind| accepts_media_type(asked.headers, kind.mime()));
    match &stored.restriction {
        None => {
            let answer = send(asked, stored, choice).await?;
            if views::is_view(asked, &answer) {
                known.count_view();
            }
            Ok(answer)
        }
        Some(limits) => Box::pin(restricted::send(asked, &known, limits, choice)).await,
    }
}

/// The bytes, to whoever may have them.
async fn send(asked: Asked<'_>, stored: &StoredImage, choice: Choice) -> Result<Answer, Refusal> {
    match asked.state.images.kept(stored, choice) {
        Some(ready) => answer::from_memory(&ready, choice, asked.headers),
        None => Box::pin(first_time(asked, stored, choice)).await,
    }
}

/// What isn't in memory.
async fn first_time(asked: Asked<'_>, stored: &StoredImage, mut choice: Choice) -> Result<Answer, Refusal> {
    let Asked { state, head, headers, .. } = asked;
    let is_there = |choice: Choice| etag_matches(headers, &answer::etag(stored, &choice));
    if !is_there(choice)
        && let Some(other) = unless_made(asked, stored, choice).await?
    {
        if let Some(ready) = state.images.kept(stored, other) {
            return answer::from_memory(&ready, other, headers);
        }
        choice = other;
    }
    if is_there(choice) {
        return Ok(answer::not_modified(&answer::caching(stored, &choice)));
    }
    let etag = answer::etag(stored, &choice);
    if choice.variant.is_none() {
        let size = stored.image.byte_size.bytes();
        let range = byte_range(headers, &etag, size);
        if range != ByteRange::Whole || head || !state.images.may_keep(size) {
            return answer::from_store(state.core(), stored, &choice, range, head);
        }
    }
    let ready = state.images.load(state.core(), stored, choice).await?;
    answer::from_memory(&ready, choice, headers)
}

/// What is sent instead while a variant is made that takes long, and has that made.
async fn unless_made(
    asked: Asked<'_>,
    stored: &StoredImage,
    choice: Choice,
) -> Result<Option<Choice>, Refusal> {
    let core = asked.state.core();
    let other = meanwhile(&stored.image, choice, &|kind| accepts_media_type(asked.headers, kind.mime()));
    let (Some(other), Some((width, format))) = (other, choice.variant) else { return Ok(None) };
    if variants::is_kept(core, &stored.hash, width, format).await? {
        return Ok(None);
    }
    variants::make_later(core, stored, width, format);
    Ok(Some(other))
}
