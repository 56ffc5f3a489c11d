//! The built files: scripts, styles, WASM, icons.
//!
//! Names with a hash are cached for ever. Compressed siblings (`.br`, `.gz`) were made at build
//! time; what has none is sent as it is.

use std::{borrow::Cow, collections::HashMap};

use app::context::SiteAssets;
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::http_headers::{accepts_encoding, etag_matches};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECKED: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Every file by its path, which begins with a slash.
#[derive(Debug, Default)]
pub struct Site {
    files: HashMap<String, File>,
    assets: SiteAssets,
}

#[derive(Debug)]
struct File {
    media_type: HeaderValue,
    etag: HeaderValue,
    hashed: bool,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// `assets.json`, as `cargo xtask site` writes it.
#[derive(Default, Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
    #[serde(default)]
    files: HashMap<String, String>,
}

/// Why the built files can't be served.
#[derive(Debug, thiserror::Error)]
#[error(
    "the site that was built into this program has no usable assets.json ({0}): build it with `cargo xtask build`"
)]
pub struct SiteError(String);

impl Site {
    /// From the files of the site's folder, by their paths without a leading slash.
    ///
    /// # Errors
    /// Without a manifest, or where it names a file that isn't there.
    pub fn new(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Result<Self, SiteError> {
        let mut all: HashMap<String, Bytes> = files
            .into_iter()
            .map(|(path, data)| match data {
                Cow::Borrowed(bytes) => (path, Bytes::from_static(bytes)),
                Cow::Owned(bytes) => (path, Bytes::from(bytes)),
            })
            .collect();
        let manifest = all.remove("assets.json").ok_or_else(|| SiteError("it is missing".into()))?;
        let manifest: Manifest =
            serde_json::from_slice(&manifest).map_err(|error| SiteError(error.to_string()))?;
        let named = |path: &str| {
            if all.contains_key(path) {
                Ok(format!("/{path}"))
            } else {
                Err(SiteError(format!("it names `{path}`, which is missing")))
            }
        };
        let worker = |name: &str| match manifest.files.get(name) {
            Some(path) => named(path),
            None => Err(SiteError(format!("it names no {name}"))),
        };
        let assets = SiteAssets {
            js: named(&manifest.js)?,
            wasm: named(&manifest.wasm)?,
            css: named(&manifest.css)?,
            preview_worker: worker("preview-worker.js")?,
            work_worker: worker("work-worker.js")?,
        };
        let sibling = |path: &str, ending: &str| all.get(&format!("{path}{ending}")).cloned();
        let files = all
            .iter()
            .filter(|(path, _)| !is_compressed(path, &all))
            .map(|(path, plain)| {
                let file = File {
                    media_type: media_type(path),
                    etag: etag(plain),
                    hashed: path.starts_with("pkg/"),
                    plain: plain.clone(),
                    brotli: sibling(path, ".br"),
                    gzip: sibling(path, ".gz"),
                };
                (format!("/{path}"), file)
            })
            .collect();
        Ok(Self { files, assets })
    }

    /// The addresses of what every page loads.
    #[must_use]
    pub fn assets(&self) -> SiteAssets {
        self.assets.clone()
    }

    /// Every address, for the router.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The answer to a GET or HEAD of `path`; the router leaves the body of a HEAD away.
    #[must_use]
    pub fn answer(&self, path: &str, request: &HeaderMap) -> Response {
        let Some(file) = self.files.get(path) else { return StatusCode::NOT_FOUND.into_response() };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, file.media_type.clone());
        headers.insert(header::ETAG, file.etag.clone());
        headers.insert(header::CACHE_CONTROL, if file.hashed { FOR_EVER } else { CHECKED });
        if file.brotli.is_some() || file.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if etag_matches(request, &file.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let compressed = [("br", &file.brotli), ("gzip", &file.gzip)];
        let chosen = compressed.into_iter().find_map(|(name, bytes)| {
            bytes.as_ref().filter(|_| accepts_encoding(request, name)).map(|b| (name, b))
        });
        let body = match chosen {
            Some((name, bytes)) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
                bytes
            }
            None => &file.plain,
        };
        (headers, Body::from(body.clone())).into_response()
    }
}

fn is_compressed(path: &str, all: &HashMap<String, Bytes>) -> bool {
    [".br", ".gz"].iter().any(|ending| path.strip_suffix(ending).is_some_and(|plain| all.contains_key(plain)))
}

fn media_type(path: &str) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let text = if mime.type_() == mime_guess::mime::TEXT {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_string()
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// Weak, since the compressed forms of a file share it (RFC 9110 §8.8.3.3).
fn etag(bytes: &[u8]) -> HeaderValue {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(bytes).into();
    let text = format!("W/\"{:016x}\"", u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("W/\"\""))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const MANIFEST: &[u8] =
        br#"{"js":"pkg/a.1.js","wasm":"pkg/a.2.wasm","css":"pkg/a.3.css","files":{"preview-worker.js":"pkg/w.4.js","work-worker.js":"pkg/w.4.js"}}"#;

    fn site() -> Site {
        let files: [(&str, &'static [u8]); 8] = [
            ("assets.json", MANIFEST),
            ("pkg/a.1.js", b"script"),
            ("pkg/a.1.js.br", b"short"),
            ("pkg/a.1.js.gz", b"shorter"),
            ("pkg/a.2.wasm", b"wasm"),
            ("pkg/a.3.css", b"style"),
            ("pkg/w.4.js", b"worker"),
            ("robots.txt", b"User-agent: *"),
        ];
        Site::new(files.map(|(path, data)| (path.to_owned(), Cow::Borrowed(data)))).unwrap()
    }

    fn asking(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    async fn body(response: Response) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn what_the_browser_takes_decides_the_form() {
        let site = site();
        let answer = |encodings| site.answer("/pkg/a.1.js", &asking(header::ACCEPT_ENCODING, encodings));
        for (encodings, name, bytes) in [
            ("gzip, br", Some("br"), "short"),
            ("gzip", Some("gzip"), "shorter"),
            ("gzip;q=0.5, br;q=0", Some("gzip"), "shorter"),
            ("identity", None, "script"),
        ] {
            let response = answer(encodings);
            assert_eq!(response.headers().get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap()), name);
            assert_eq!(response.headers()[header::VARY], "Accept-Encoding");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(body(response).await, bytes, "{encodings}");
        }
    }

    #[tokio::test]
    async fn hashed_names_are_kept_for_ever_and_others_are_asked_about() {
        let site = site();
        let hashed = site.answer("/pkg/a.2.wasm", &HeaderMap::new());
        assert_eq!(hashed.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(hashed.headers()[header::CONTENT_TYPE], "application/wasm");
        let robots = site.answer("/robots.txt", &HeaderMap::new());
        assert_eq!(robots.headers()[header::CACHE_CONTROL], CHECKED);
        let again = HeaderMap::from_iter([(header::IF_NONE_MATCH, robots.headers()[header::ETAG].clone())]);
        let again = site.answer("/robots.txt", &again);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(body(again).await.is_empty());
    }

    #[test]
    fn compressed_siblings_have_no_address_of_their_own() {
        let site = site();
        assert_eq!(site.answer("/pkg/a.1.js.br", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        assert_eq!(site.answer("/assets.json", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        assert_eq!(site.paths().count(), 5);
        assert_eq!(site.assets().js, "/pkg/a.1.js");
    }

    #[test]
    fn a_site_that_lacks_a_named_file_is_refused() {
        let error = Site::new([("assets.json".to_owned(), Cow::Borrowed(MANIFEST))]).unwrap_err().to_string();
        assert!(error.contains("pkg/a.1.js") && error.contains("cargo xtask build"), "{error}");
        assert!(Site::new([]).unwrap_err().to_string().contains("missing"));
    }
}
