//! The answer to a request for an image.

use axum::{body::Body, response::IntoResponse};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use model::{Problem, rules::filename};
use reflect_core::{
    Core,
    images::library::{Access, StoredImage},
};
use time::OffsetDateTime;

use super::{body::AnswerBody, choice::Choice, images::Ready, stream};
use crate::{
    http_headers::{ByteRange, byte_range, disposition, etag_matches},
    problem::Refusal,
};

/// An answer below `/i/`.
pub type Answer = Response<AnswerBody>;

/// An address that names a version, or an image that has one only, has the same bytes for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What is another picture once the image is changed again. After that a tag tells whether it was.
const FOR_NOW: HeaderValue = HeaderValue::from_static("public, max-age=60");
/// The same in seconds.
const MINUTE: i64 = 60;
/// What one person alone gets, or what is counted.
const NEVER: HeaderValue = HeaderValue::from_static("private, no-store");
/// The longest time that caches are told, in seconds.
const YEAR: i64 = 31_536_000;
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers of every answer below `/i/`, refusals too: whatever the bytes are, no browser takes
/// them for a document with rights, and every site may embed them.
pub(super) fn hardened(response: impl IntoResponse) -> Answer {
    let mut response = response.into_response().map(AnswerBody::Other);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    headers.insert(CORP, HeaderValue::from_static("cross-origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The entity tag: the hash of the original, and which rendition it is.
pub(super) fn etag(stored: &StoredImage, choice: &Choice) -> HeaderValue {
    let (hash, _) = stored.hash.split_at(18);
    let hash = URL_SAFE_NO_PAD.encode(hash);
    let text = match choice.variant {
        None => format!("\"{hash}\""),
        Some((width, format)) => format!("\"{hash}.{}.{}\"", width.pixels(), format.media_type().extension()),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The headers of a whole answer of `size` bytes.
pub(super) fn headers(stored: &StoredImage, choice: &Choice, size: u64) -> HeaderMap {
    let kind = choice.variant.map_or(stored.image.media_type, |(_, format)| format.media_type());
    let mut headers = tagged(stored, choice);
    headers.reserve(10);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.mime()));
    headers.insert(header::CONTENT_LENGTH, size.into());
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition("inline", &format!("{}.{}", filename::stem(&stored.image.filename), kind.extension())),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    headers.insert(CORP, HeaderValue::from_static("cross-origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    // Last, where it is also written that is only known when somebody asks.
    headers.insert(header::CACHE_CONTROL, keeping(choice.lasts));
    headers
}

/// How long an answer may be kept, and how to ask whether it still holds.
pub(super) fn caching(stored: &StoredImage, choice: &Choice) -> HeaderMap {
    let mut headers = tagged(stored, choice);
    headers.insert(header::CACHE_CONTROL, keeping(choice.lasts));
    headers
}

fn tagged(stored: &StoredImage, choice: &Choice) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, etag(stored, choice));
    if choice.varies {
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    }
    headers
}

/// How long caches may keep what an address has, for ever or not.
pub(super) const fn keeping(lasts: bool) -> HeaderValue {
    if lasts { FOR_EVER } else { FOR_NOW }
}

/// Whether caches were told to keep it for ever.
pub(super) fn lasts(answer: &Answer) -> bool {
    answer.headers().get(header::CACHE_CONTROL) == Some(&FOR_EVER)
}

/// 304, which repeats of the whole answer's headers what concerns caching (RFC 9110 §15.4.5).
pub(super) fn not_modified(whole: &HeaderMap) -> Answer {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = whole.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    hardened(response)
}

/// From bytes in memory, whole or in part.
pub(super) fn from_memory(ready: &Ready, choice: Choice, request: &HeaderMap) -> Result<Answer, Refusal> {
    let headers = ready.headers(choice.varies);
    // The answer is written for the usual case.
    let mark = |mut answer: Answer| {
        if !choice.lasts {
            answer.headers_mut().insert(header::CACHE_CONTROL, FOR_NOW);
        }
        answer
    };
    if headers.get(header::ETAG).is_some_and(|etag| etag_matches(request, etag)) {
        return Ok(mark(not_modified(headers)));
    }
    let size = ready.bytes.len() as u64;
    let range = match request.get(header::RANGE).and(headers.get(header::ETAG)) {
        Some(etag) => byte_range(request, etag, size),
        None => ByteRange::Whole,
    };
    let (bytes, part) = match range {
        ByteRange::Whole => (ready.bytes.clone(), None),
        ByteRange::Part { start, end } => {
            let cut = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(ready.bytes.len());
            (ready.bytes.slice(cut(start)..cut(end)), Some((start, end)))
        }
        ByteRange::Unsatisfiable => return Err(Problem::RangeNotSatisfiable { size }.into()),
    };
    let mut response = Response::new(AnswerBody::Memory { rest: bytes, pages: ready.pages.clone() });
    *response.headers_mut() = headers.clone();
    if let Some((start, end)) = part {
        mark_part(&mut response, start, end, size);
    }
    Ok(mark(response))
}

/// From the database, without holding it in memory. For a HEAD nothing is read.
pub(super) fn from_store(
    core: &Core,
    stored: &StoredImage,
    choice: &Choice,
    range: ByteRange,
    head: bool,
) -> Result<Answer, Refusal> {
    let size = stored.image.byte_size.bytes();
    let (start, end) = match range {
        ByteRange::Whole => (0, size),
        ByteRange::Part { start, end } => (start, end),
        ByteRange::Unsatisfiable => return Err(Problem::RangeNotSatisfiable { size }.into()),
    };
    let mut response = Response::new(AnswerBody::Other(Body::empty()));
    *response.headers_mut() = headers(stored, choice, size);
    if range != ByteRange::Whole {
        mark_part(&mut response, start, end, size);
    }
    if !head {
        let windows = stream::windows(core.pool.clone(), stored.hash, start, end);
        *response.body_mut() = AnswerBody::Other(Body::from_stream(windows));
    }
    Ok(response)
}

/// What caches may do with an answer that not everybody gets for ever.
pub(super) fn limit_caching(answer: &mut Answer, access: Access, lasts: bool, now: OffsetDateTime) {
    let headers = answer.headers_mut();
    match access {
        Access::Open { until: None } => {}
        Access::Open { until: Some(end) } => {
            let seconds = (end - now).whole_seconds().clamp(0, if lasts { YEAR } else { MINUTE });
            if let Ok(value) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
                headers.insert(header::CACHE_CONTROL, value);
            }
        }
        Access::Counted | Access::Nothing => {
            headers.insert(header::CACHE_CONTROL, NEVER);
        }
        Access::Own => {
            headers.insert(header::CACHE_CONTROL, NEVER);
            // No other site, nor another origin of this one, shows or reads what only the owner may see.
            headers.insert(CORP, HeaderValue::from_static("same-origin"));
            headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        }
    }
}

fn mark_part(response: &mut Answer, start: u64, end: u64, size: u64) {
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, (end - start).into());
    if let Ok(value) = HeaderValue::try_from(format!("bytes {start}-{}/{size}", end - 1)) {
        headers.insert(header::CONTENT_RANGE, value);
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn what_lapses_is_kept_until_then_and_not_a_second_longer() {
        let now = datetime!(2026-11-20 12:00 UTC);
        let caching_of = |until, lasts| {
            let mut answer = hardened(StatusCode::OK);
            limit_caching(&mut answer, Access::Open { until: Some(now + until) }, lasts, now);
            answer.headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned()
        };
        let caching = |until| caching_of(until, true);
        assert_eq!(caching_of(Duration::days(9000), false), "public, max-age=60", "it was changed");
        assert_eq!(caching_of(Duration::seconds(9), false), "public, max-age=9");
        assert_eq!(caching(Duration::milliseconds(90_900)), "public, max-age=90");
        assert_eq!(caching(Duration::milliseconds(900)), "public, max-age=0");
        assert_eq!(caching(Duration::days(9000)), "public, max-age=31536000");
    }
}
