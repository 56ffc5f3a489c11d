//! Reading request headers, and writing one of answers.

use http::{HeaderMap, HeaderValue, header};

/// `Content-Disposition` with the name to save under (RFC 6266): ASCII for old clients, and the name as it is.
#[must_use]
pub fn disposition(kind: &str, name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut text = format!("{kind}; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // RFC 8187 attr-char, the part of it that needs no thought.
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
                text.push(byte.into());
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Whether `If-None-Match` names this entity tag (RFC 9110 §13.1.2: weak comparison), so that 304
/// is the answer.
#[must_use]
pub fn etag_matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    fn opaque(tag: &[u8]) -> &[u8] {
        tag.strip_prefix(b"W/").unwrap_or(tag)
    }
    let wanted = opaque(etag.as_bytes());
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|tag| tag == b"*" || opaque(tag) == wanted)
    })
}

/// Whether `Accept-Encoding` takes `encoding` (RFC 9110 §12.5.3). Without the header nothing but
/// the plain form is.
#[must_use]
pub fn accepts_encoding(headers: &HeaderMap, encoding: &str) -> bool {
    listed(headers, &header::ACCEPT_ENCODING, |name| name.eq_ignore_ascii_case(encoding))
}

/// Whether `Accept` names `media_type` itself. A wildcard isn't enough: every client sends one,
/// and only those that can show the newer formats name them.
#[must_use]
pub fn accepts_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    listed(headers, &header::ACCEPT, |name| name.eq_ignore_ascii_case(media_type))
}

fn listed(headers: &HeaderMap, name: &header::HeaderName, wanted: impl Fn(&str) -> bool) -> bool {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|list| lists(list, &wanted))
}

fn lists(list: &str, wanted: impl Fn(&str) -> bool) -> bool {
    list.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        parts.next().is_some_and(&wanted) && !parts.any(is_zero)
    })
}

/// [`accepts_media_type`] of one header's text.
#[must_use]
pub fn names(accept: &str, media_type: &str) -> bool {
    lists(accept, |name| name.eq_ignore_ascii_case(media_type))
}

/// `q=0`, `q=0.000`: not taken.
fn is_zero(parameter: &str) -> bool {
    let quality = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
    quality.is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0))
}

/// A range of bytes, `start..end`, that `Range` asks for (RFC 9110 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// Everything: no range, several, or one that isn't understood.
    Whole,
    /// One part.
    Part {
        /// The first byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// None of it exists.
    Unsatisfiable,
}

/// What `Range` asks of `size` bytes. `If-Range` must name the entity tag, else all is sent
/// (RFC 9110 §13.1.5); a date doesn't, since no answer here carries one.
#[must_use]
pub fn byte_range(headers: &HeaderMap, etag: &HeaderValue, size: u64) -> ByteRange {
    let Some(range) = headers.get(header::RANGE) else { return ByteRange::Whole };
    if headers.get(header::IF_RANGE).is_some_and(|tag| tag != etag) {
        return ByteRange::Whole;
    }
    let spec = range.to_str().ok().and_then(|text| text.trim().strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else { return ByteRange::Whole };
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean a place beyond any end.
        true => Some(text.parse().unwrap_or(u64::MAX)),
        false => None,
    };
    let (Some(a), Some(b)) = (number(first), number(last)) else { return ByteRange::Whole };
    match (first.is_empty(), last.is_empty()) {
        (true, true) => ByteRange::Whole,
        (true, false) if b == 0 || size == 0 => ByteRange::Unsatisfiable,
        (true, false) => ByteRange::Part { start: size.saturating_sub(b), end: size },
        (false, false) if b < a => ByteRange::Whole,
        (false, _) if a >= size => ByteRange::Unsatisfiable,
        (false, true) => ByteRange::Part { start: a, end: size },
        (false, false) => ByteRange::Part { start: a, end: b.saturating_add(1).min(size) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAG: HeaderValue = HeaderValue::from_static("\"abc\"");

    #[test]
    fn the_name_to_save_under_survives_in_both_spellings() {
        assert_eq!(disposition("inline", "cat.webp"), "inline; filename=\"cat.webp\"");
        assert_eq!(
            disposition("attachment", "a \"b\" ä.png"),
            "attachment; filename=\"a _b_ _.png\"; filename*=UTF-8''a%20%22b%22%20%C3%A4.png"
        );
    }

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::try_from(*value).unwrap())).collect()
    }

    fn range(text: &str, size: u64) -> ByteRange {
        byte_range(&headers(&[(header::RANGE, text)]), &TAG, size)
    }

    #[test]
    fn ranges_are_cut_to_what_there_is() {
        use ByteRange::{Part, Unsatisfiable, Whole};
        assert_eq!(range("bytes=0-9", 100), Part { start: 0, end: 10 });
        assert_eq!(range("bytes=90-", 100), Part { start: 90, end: 100 });
        assert_eq!(range("bytes=90-900", 100), Part { start: 90, end: 100 });
        assert_eq!(range("bytes=-10", 100), Part { start: 90, end: 100 });
        assert_eq!(range("bytes=-1000", 100), Part { start: 0, end: 100 });
        assert_eq!(range("bytes=100-", 100), Unsatisfiable);
        assert_eq!(range("bytes=99999999999999999999-", 100), Unsatisfiable);
        assert_eq!(range("bytes=-0", 100), Unsatisfiable);
        for whole in ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "bytes=+1-2"] {
            assert_eq!(range(whole, 100), Whole, "{whole}");
        }
        assert_eq!(byte_range(&HeaderMap::new(), &TAG, 100), Whole);
    }

    #[test]
    fn a_changed_entity_is_sent_whole() {
        let asked =
            |tag| byte_range(&headers(&[(header::RANGE, "bytes=0-0"), (header::IF_RANGE, tag)]), &TAG, 9);
        assert_eq!(asked("\"abc\""), ByteRange::Part { start: 0, end: 1 });
        assert_eq!(asked("\"old\""), ByteRange::Whole);
        assert_eq!(asked("Sat, 21 Nov 2026 07:00:00 GMT"), ByteRange::Whole);
    }

    proptest! {
        #[test]
        fn a_part_lies_within(text in "bytes=[0-9]{0,21}-[0-9]{0,21}", size in any::<u64>()) {
            if let ByteRange::Part { start, end } = range(&text, size) {
                prop_assert!(start < end && end <= size);
            }
        }

        #[test]
        fn any_text_is_read_without_harm(text in "[ -~]{0,40}") {
            let all = headers(&[(header::RANGE, &text), (header::IF_NONE_MATCH, &text), (header::ACCEPT, &text)]);
            let _ = byte_range(&all, &TAG, 10);
            let _ = etag_matches(&all, &TAG);
            let _ = accepts_media_type(&all, "image/webp");
        }
    }

    #[test]
    fn tags_match_in_lists_and_weakly() {
        let asked = |value| etag_matches(&headers(&[(header::IF_NONE_MATCH, value)]), &TAG);
        assert!(asked("\"x\", W/\"abc\"") && asked("*") && asked("\"abc\""));
        assert!(!asked("\"x\"") && !asked("abc") && !etag_matches(&HeaderMap::new(), &TAG));
    }

    #[test]
    fn formats_must_be_named() {
        let takes = |value| accepts_media_type(&headers(&[(header::ACCEPT, value)]), "image/webp");
        assert!(takes("image/avif,image/webp,*/*;q=0.8") && takes("IMAGE/WEBP;q=0.5"));
        assert!(!takes("image/*,*/*") && !takes("image/webp;q=0") && !takes("image/webp-next"));
    }
}
