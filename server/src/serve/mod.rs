//! An image's way out: `/i/{yyyy}/{mm}/{dd}/{slug}.{ext}`.
//!
//! Touches no session and no user table. What is asked for often is answered from memory; the
//! rest is read from PostgreSQL, large files a window at a time, so that a slow reader holds
//! neither memory nor a connection.

mod address;
mod answer;
mod choice;
mod images;
mod stream;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
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

pub use self::images::Images;

/// `GET` and `HEAD` of an image or a variant.
pub async fn image(State(state): State<AppState>, mut request: Request) -> Response {
    let head = request.method() == Method::HEAD;
    if head {
        // A range means something for GET only (RFC 9110 §14.2).
        request.headers_mut().remove(header::RANGE);
    }
    match respond(&state, head, request.uri(), request.headers()).await {
        Ok(response) => response,
        Err(refusal) => answer::hardened(refusal.into_response()),
    }
}

async fn respond(state: &AppState, head: bool, uri: &Uri, headers: &HeaderMap) -> Result<Response, Refusal> {
    let address = ImageAddress::parse(uri.path()).ok_or(Problem::NotFound)?;
    let wish = Wish::parse(uri.query().unwrap_or_default())?;
    let stored = state.images.facts(state.core(), &address.slug).await?;
    if !address.names(&stored.image) {
        return Err(Problem::NotFound.into());
    }
    let choice = choose(&stored.image, wish, headers);
    let mut response = match choice.variant {
        Some(_) => {
            let etag = answer::etag(&stored, &choice);
            if etag_matches(headers, &etag) {
                answer::not_modified(&stored, &choice)
            } else {
                let made = state.images.variant(state.core(), &stored, choice).await?;
                answer::from_memory(&made, headers)?
            }
        }
        None => original(state, head, &stored, choice, headers).await?,
    };
    if choice.varies {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    }
    Ok(response)
}

async fn original(
    state: &AppState,
    head: bool,
    stored: &Arc<StoredImage>,
    choice: Choice,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let etag = answer::etag(stored, &choice);
    if etag_matches(headers, &etag) {
        return Ok(answer::not_modified(stored, &choice));
    }
    if let Some(kept) = state.images.kept(stored, choice) {
        return answer::from_memory(&kept, headers);
    }
    let size = stored.image.byte_size.bytes();
    let range = byte_range(headers, &etag, size);
    if range == ByteRange::Whole && !head && state.images.may_keep(size) {
        let loaded = state.images.original(state.core(), stored, choice).await?;
        return answer::from_memory(&loaded, headers);
    }
    answer::from_store(state.core(), stored, &choice, range, head)
}
