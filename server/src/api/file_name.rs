//! The name that a part of a form gives its file, in every spelling that clients have for it.

use http::{HeaderMap, header};
use percent_encoding::percent_decode;

/// What browsers write for what would end the name (HTML standard, multipart encoding), and what it means.
/// A per cent sign they leave as it is, so nothing else is an escape.
const ESCAPES: [(&str, &str); 3] = [("%22", "\""), ("%0A", "\n"), ("%0D", "\r")];

/// The file name; none where the part is no file. One that can't be read still says that it is one.
pub(super) fn of(part: &HeaderMap) -> Option<String> {
    let disposition = part.get(header::CONTENT_DISPOSITION)?.as_bytes();
    let (mut plain, mut extended) = (None, None);
    for (name, value) in parameters(disposition) {
        if name.eq_ignore_ascii_case(b"filename") {
            plain.get_or_insert(value);
        } else if name.eq_ignore_ascii_case(b"filename*") {
            extended.get_or_insert(value);
        }
    }
    let is_file = plain.is_some() || extended.is_some();
    let name = extended.and_then(|value| decoded(&value)).or_else(|| plain.map(|value| unescaped(&value)));
    is_file.then(|| name.unwrap_or_default())
}

/// The header's parameters, in their order.
fn parameters(disposition: &[u8]) -> Vec<(&[u8], Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = after(disposition, b';');
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'=' | b';')) {
        let (name, behind) = rest.split_at(end);
        if behind.starts_with(b";") {
            rest = after(behind, b';');
            continue;
        }
        let (value, behind) = value(after(behind, b'=').trim_ascii_start());
        found.push((name.trim_ascii(), value));
        rest = after(behind, b';');
    }
    found
}

/// What stands behind the first `mark`.
fn after(text: &[u8], mark: u8) -> &[u8] {
    text.splitn(2, |byte| *byte == mark).nth(1).unwrap_or_default()
}

/// A parameter's value, and what stands behind it. One in quotes without an end goes on to the header's.
fn value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(mut rest) = text.strip_prefix(b"\"") else {
        let end = text.iter().position(|byte| *byte == b';').unwrap_or(text.len());
        let (value, behind) = text.split_at(end);
        return (value.trim_ascii().to_vec(), behind);
    };
    let mut value = Vec::new();
    loop {
        rest = match rest {
            [] => return (value, rest),
            [b'"', behind @ ..] => return (value, behind),
            // Some clients escape so. Others don't, and a backslash of theirs stands before something else.
            [b'\\', escaped @ (b'"' | b'\\'), behind @ ..] | [escaped, behind @ ..] => {
                value.push(*escaped);
                behind
            }
        };
    }
}

/// What `filename` says.
fn unescaped(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value).into_owned();
    ESCAPES.into_iter().fold(text, |text, (escape, meant)| text.replace(escape, meant))
}

/// What `filename*` says (RFC 8187): the character set, a language, and the name in its bytes.
fn decoded(value: &[u8]) -> Option<String> {
    let mut pieces = value.splitn(3, |byte| *byte == b'\'');
    let (set, _language, name) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let bytes: Vec<u8> = percent_decode(name).collect();
    if set.eq_ignore_ascii_case(b"utf-8") {
        String::from_utf8(bytes).ok()
    } else if set.eq_ignore_ascii_case(b"iso-8859-1") {
        Some(bytes.into_iter().map(char::from).collect())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn name(disposition: &[u8]) -> Option<String> {
        let value = HeaderValue::from_bytes(disposition).ok()?;
        of(&HeaderMap::from_iter([(header::CONTENT_DISPOSITION, value)]))
    }

    #[test]
    fn each_spelling_is_read() {
        for (disposition, expected) in [
            // Browsers, curl.
            (r#"form-data; name="file"; filename="猫.png""#, "猫.png"),
            (r#"form-data; name="file"; filename="say %22hi%22%0D%0A100%.png""#, "say \"hi\"\r\n100%.png"),
            (r#"form-data; name="file"; filename="%E7%8C%AB.png""#, "%E7%8C%AB.png"),
            (r#"form-data; name="file"; filename="a\"b\\c.png"; size=3"#, "a\"b\\c.png"),
            (r#"form-data; name="file"; filename="C:\pictures\cat.png""#, r"C:\pictures\cat.png"),
            (r#"form-data; name="a; filename=b"; filename="c;d=e.png""#, "c;d=e.png"),
            // urllib3 before its second version, aiohttp.
            ("form-data; name=\"file\"; filename*=utf-8''%E7%8C%AB%20a.png", "猫 a.png"),
            ("form-data; name=\"file\"; filename=\"x.png\"; filename*=UTF-8'en'%E7%8C%AB.png", "猫.png"),
            ("form-data; filename*=iso-8859-1''Z%FCrich.png; filename=x.png; name=file", "Zürich.png"),
            // What can't be read says at least that it is a file.
            ("form-data; name=\"file\"; filename*=utf-8''%FF; filename=\"x.png\"", "x.png"),
            ("form-data; name=\"file\"; filename*=utf-16''%00a", ""),
            ("form-data; name=\"file\"; filename*=nothing", ""),
            // None of these is well-formed.
            ("form-data; name=\"file\"; filename = cat.png ", "cat.png"),
            ("form-data; name=\"file\"; FileName=\"cat.png", "cat.png"),
            ("form-data;;name=file;;filename=\"\"", ""),
        ] {
            assert_eq!(name(disposition.as_bytes()).as_deref(), Some(expected), "{disposition}");
        }
        assert_eq!(name(b"form-data; filename=\"\xe9t\xe9.png\"").unwrap(), "\u{fffd}t\u{fffd}.png");
    }

    #[test]
    fn what_is_no_file_has_no_name() {
        for text in ["form-data; name=\"file\"", "", "filename=a", "form-data; name=\"filename=a\"; filename"]
        {
            assert_eq!(name(text.as_bytes()), None, "{text}");
        }
        assert_eq!(of(&HeaderMap::new()), None);
    }

    proptest! {
        #[test]
        fn no_header_is_too_much(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b";=\"\\%'* "[..])], 0..60),
        ) {
            name(&bytes);
            name(&[b"form-data; filename*=", &bytes[..]].concat());
            name(&[b"form-data; filename=\"", &bytes[..]].concat());
        }

        #[test]
        fn what_browsers_and_programs_write_comes_back(text in "[^\\p{Cc}\\\\%]{0,40}") {
            let quoted = text.replace('"', "%22");
            prop_assert_eq!(name(format!("form-data; name=\"file\"; filename=\"{quoted}\"").as_bytes()), Some(text.clone()));
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(name(format!("form-data; filename*=utf-8''{encoded}").as_bytes()), Some(text));
        }
    }
}
