//! The protocol's headers.

use std::time::SystemTime;

use app::service::images::TERMS;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use model::Problem;
use time::OffsetDateTime;

use crate::api::parameters::invalid;

pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
/// What pieces are sent as.
pub(super) const OFFSET_STREAM: &str = "application/offset+octet-stream";

const DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
/// Bytes of `Upload-Metadata`: what is kept of it counts against nobody's space.
const MOST_METADATA: usize = 4096;

/// What `Upload-Metadata` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The file's name; clients say `filename` or `name`.
    pub(super) filename: String,
    /// What is said by names that fields of `POST /api/v1/images` have, in the order said.
    pub(super) fields: Vec<(String, String)>,
    /// All of it.
    pub(super) raw: Option<String>,
}

/// The length of what is to come, which has to be known.
pub(super) fn length(headers: &HeaderMap) -> Result<u64, Problem> {
    let length = if headers.contains_key(DEFER_LENGTH) { None } else { number(headers, LENGTH) };
    length.ok_or_else(|| invalid("Upload-Length", "the number of bytes of the file, from the beginning"))
}

/// The place of the first byte of a piece.
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    number(headers, OFFSET).ok_or_else(|| invalid("Upload-Offset", "the place of the piece's first byte"))
}

/// Digits, and nothing else.
fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    let mut all = headers.get_all(name).iter();
    let text = all.next()?.to_str().ok()?;
    // One that is said twice isn't known.
    if all.next().is_some() {
        return None;
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// What is said of what is to come.
pub(super) fn metadata(headers: &HeaderMap) -> Result<Metadata, Problem> {
    if !headers.contains_key(METADATA) {
        return Ok(Metadata::default());
    }
    // A list may come in several lines (RFC 9110, section 5.3).
    let lines: Option<Vec<&str>> = headers.get_all(METADATA).iter().map(|line| line.to_str().ok()).collect();
    let text = lines.map(|lines| lines.join(",")).filter(|text| text.len() <= MOST_METADATA);
    text.as_deref().and_then(read).ok_or_else(|| {
        invalid("Upload-Metadata", "names with values in Base64, commas between, in 4096 bytes at most")
    })
}

fn read(text: &str) -> Option<Metadata> {
    let mut metadata = Metadata { raw: Some(text.to_owned()), ..Metadata::default() };
    let mut name = None;
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok()?;
        let value = String::from_utf8_lossy(&value).into_owned();
        match key {
            "filename" => metadata.filename = value,
            "name" => name = Some(value),
            field if field == "album" || TERMS.contains(&field) => {
                metadata.fields.push((field.to_owned(), value));
            }
            _ => {}
        }
    }
    if metadata.filename.is_empty() {
        metadata.filename = name.unwrap_or_default();
    }
    Some(metadata)
}

/// A moment as headers have it.
pub(super) fn date(moment: OffsetDateTime) -> String {
    httpdate::fmt_http_date(SystemTime::from(moment))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_length_is_digits() {
        assert_eq!(length(&with(LENGTH, "0")), Ok(0));
        assert_eq!(length(&with(LENGTH, "18446744073709551615")), Ok(u64::MAX));
        for wrong in ["", "-1", "+1", "1.0", " ", "0x10", "18446744073709551616", "1,2"] {
            assert!(length(&with(LENGTH, wrong)).is_err(), "{wrong}");
        }
        assert!(length(&HeaderMap::new()).is_err());
        let mut twice = with(LENGTH, "5");
        twice.append(LENGTH, HeaderValue::from_static("5"));
        assert!(length(&twice).is_err());
        let mut deferred = with(LENGTH, "5");
        deferred.insert(DEFER_LENGTH, HeaderValue::from_static("1"));
        assert!(length(&deferred).is_err());
    }

    #[test]
    fn metadata_may_come_in_several_lines() {
        let mut lines = with(METADATA, "filename YS5wbmc=");
        lines.append(METADATA, HeaderValue::from_static("visibility cHJpdmF0ZQ=="));
        let said = metadata(&lines).unwrap();
        assert_eq!(said.filename, "a.png");
        assert_eq!(said.fields, [("visibility".into(), "private".into())]);
    }

    #[test]
    fn metadata_is_read_as_clients_write_it() {
        let of = |text: &str| metadata(&with(METADATA, text));
        let named = |filename: &str, raw: &str| Metadata {
            filename: filename.into(),
            fields: Vec::new(),
            raw: Some(raw.into()),
        };
        for (text, filename) in [
            ("filename Y2F0LnBuZw==", "cat.png"),
            ("filename Y2F0LnBuZw==,filetype aW1hZ2UvcG5n", "cat.png"),
            ("relativePath bnVsbA==,name Y2F0LnBuZw==,type aW1hZ2UvcG5n", "cat.png"),
            ("name eA==,filename Y2F0LnBuZw==", "cat.png"),
            ("is_confidential, filename 54yrLnBuZw==", "猫.png"),
            ("filename", ""),
            ("", ""),
        ] {
            assert_eq!(of(text), Ok(named(filename, text)), "{text}");
        }
        assert_eq!(metadata(&HeaderMap::new()), Ok(Metadata::default()));
        let said = of("album YWJj,visibility cHJpdmF0ZQ==,x YQ==").unwrap().fields;
        assert_eq!(said, [("album".into(), "abc".into()), ("visibility".into(), "private".into())]);
        for wrong in ["filename cat.png", "filename Y2F0LnBuZw", "filename a b", &"x".repeat(4097)] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
