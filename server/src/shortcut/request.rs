//! Requests that are simple enough.

use crate::serve::PlainRequest;

/// Headers of a request, at most; one with more is hyper's.
const MOST_HEADERS: usize = 48;

/// What has been read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed<'a> {
    /// A whole request for an image and nothing besides.
    Plain {
        /// Bytes that it has.
        length: usize,
        /// What it asks for.
        request: PlainRequest<'a>,
    },
    /// Anything else: not whole, no HTTP/1.1, or with a header that changes what is answered.
    Other,
}

/// Looks at what has been read. By the parser that hyper has, so that nothing means one thing here and another there.
pub(super) fn parse(read: &[u8]) -> Parsed<'_> {
    plain(read).map_or(Parsed::Other, |(length, request)| Parsed::Plain { length, request })
}

fn plain(read: &[u8]) -> Option<(usize, PlainRequest<'_>)> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(read).ok()? else { return None };
    if request.method != Some("GET") || request.version != Some(1) {
        return None;
    }
    let target = request.path?;
    if !target.bytes().all(is_usual) {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut plain = PlainRequest { path, query, accept: None, fetch_site: None, has_referrer: false };
    for header in request.headers {
        match known(header.name) {
            Some(Known::Accept) if plain.accept.is_some() => return None,
            Some(Known::Accept) => plain.accept = Some(text(header.value)?),
            Some(Known::FetchSite) if plain.fetch_site.is_some() => return None,
            Some(Known::FetchSite) => plain.fetch_site = Some(header.value),
            Some(Known::Referrer) => plain.has_referrer = true,
            Some(Known::Connection) if header.value.eq_ignore_ascii_case(b"keep-alive") => {}
            Some(Known::Connection | Known::Else) => return None,
            None => {}
        }
    }
    Some((length, plain))
}

/// What paths and queries are made of (RFC 3986 §3.3, §3.4). What else is let through, hyper has to say.
const fn is_usual(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'/'
                | b'?'
        )
}

/// What is visible ASCII, as `HeaderValue::to_str` takes it.
fn text(value: &[u8]) -> Option<&str> {
    let is_plain = value.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    if is_plain { std::str::from_utf8(value).ok() } else { None }
}

/// Headers that mean something for the answer or the connection.
#[derive(Clone, Copy)]
enum Known {
    Accept,
    FetchSite,
    Referrer,
    Connection,
    /// One that asks for another answer.
    Else,
}

fn known(name: &str) -> Option<Known> {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    // Most names are told apart by their length alone.
    match name.len() {
        2 if is("te") => Some(Known::Else),
        5 if is("range") => Some(Known::Else),
        6 if is("accept") => Some(Known::Accept),
        6 if is("expect") => Some(Known::Else),
        7 if is("referer") => Some(Known::Referrer),
        7 if is("upgrade") || is("trailer") => Some(Known::Else),
        8 if is("if-range") || is("if-match") => Some(Known::Else),
        10 if is("connection") => Some(Known::Connection),
        13 if is("if-none-match") || is("authorization") => Some(Known::Else),
        14 if is("content-length") || is("sec-fetch-site") => {
            Some(if is("sec-fetch-site") { Known::FetchSite } else { Known::Else })
        }
        16 if is("proxy-connection") => Some(Known::Else),
        17 if is("if-modified-since") || is("transfer-encoding") => Some(Known::Else),
        19 if is("if-unmodified-since") => Some(Known::Else),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: PlainRequest<'_> =
        PlainRequest { path: "/i/a", query: "", accept: None, fetch_site: None, has_referrer: false };

    fn asked(text: &str) -> Parsed<'_> {
        parse(text.as_bytes())
    }

    #[test]
    fn a_request_for_an_image_is_taken_up_to_its_end() {
        let first = "GET /i/a?w=160&f=auto HTTP/1.1\r\nHost: a\r\nAccept: image/webp\r\nReferer: https://b/\r\n\
                     Sec-Fetch-Site: same-origin\r\nCookie: x=y\r\nConnection: Keep-Alive\r\n\r\n";
        let both = format!("{first}GET /");
        let request = PlainRequest {
            query: "w=160&f=auto",
            accept: Some("image/webp"),
            fetch_site: Some(b"same-origin"),
            has_referrer: true,
            ..PLAIN
        };
        assert_eq!(asked(&both), Parsed::Plain { length: first.len(), request });
        let least = "GET /i/a HTTP/1.1\r\n\r\n";
        assert_eq!(asked(least), Parsed::Plain { length: least.len(), request: PLAIN });
    }

    #[test]
    fn what_is_not_whole_or_not_http_1_1_is_not() {
        for other in [
            "",
            "GET /i/a HTTP/1.1\r\nhost: a\r\n",
            "GET /i/a HTTP/1.0\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "HEAD /i/a HTTP/1.1\r\n\r\n",
            "get /i/a HTTP/1.1\r\n\r\n",
            "GET /i/a HTTP/1.1\r\na b: c\r\n\r\n",
            "GET /i/a HTTP/1.1\r\naccept: a\r\naccept: b\r\n\r\n",
            "GET /i/a HTTP/1.1\r\naccept: image/webp, \u{e9}\r\n\r\n",
            "GET /i/a?v=1#&w=160 HTTP/1.1\r\n\r\n",
            "GET /i/a?v=< HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(asked(other), Parsed::Other, "{other:?}");
        }
        let many = format!("GET /i/a HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MOST_HEADERS + 1));
        assert_eq!(asked(&many), Parsed::Other);
    }

    #[test]
    fn headers_that_change_the_answer_are_not_ignored() {
        for header in [
            "Range: bytes=0-1",
            "If-None-Match: \"x\"",
            "If-Match: *",
            "If-Range: \"x\"",
            "If-Modified-Since: Fri, 20 Nov 2026 12:00:00 GMT",
            "If-Unmodified-Since: Fri, 20 Nov 2026 12:00:00 GMT",
            "Authorization: Bearer x",
            "Content-Length: 0",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "Connection: close",
            "Connection: keep-alive, upgrade",
            "Proxy-Connection: close",
            "TE: trailers",
            "Trailer: a",
        ] {
            for header in [header.to_owned(), header.to_ascii_lowercase(), header.to_ascii_uppercase()] {
                let text = format!("GET /i/a HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n");
                assert_eq!(asked(&text), Parsed::Other, "{header}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_address_is_read_as_hyper_reads_it(target in "/[ -~]{0,9}([?][ -~]{0,9})?") {
            if let Parsed::Plain { request, .. } = asked(&format!("GET {target} HTTP/1.1\r\n\r\n")) {
                let uri: http::Uri = target.parse().unwrap();
                prop_assert_eq!((uri.path(), uri.query().unwrap_or_default()), (request.path, request.query));
            }
        }

        #[test]
        fn any_bytes_will_do(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
            let _ = parse(&[b"GET /i/", &bytes[..], b" HTTP/1.1\r\n\r\n"].concat());
        }
    }
}
