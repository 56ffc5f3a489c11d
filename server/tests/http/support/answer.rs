//! What the server answered.

use std::fmt;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;

/// An answer that was read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.body.get(..2000).unwrap_or(&self.body);
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(start))
    }
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// A header's value; empty where it is missing.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The document of an answer with this status.
    #[track_caller]
    pub fn gives(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The HTML of a page with this status.
    #[track_caller]
    pub fn page(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert!(self.text().starts_with("<!DOCTYPE html>"), "{self:?}");
        self.text()
    }

    /// The problem document (RFC 9457) of a refusal.
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str) -> Value {
        let document = self.gives(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!((&document["code"], &document["status"]), (&code.into(), &status.into()), "{document}");
        assert!(!document["detail"].as_str().unwrap().is_empty());
        assert!(!document["title"].as_str().unwrap().is_empty());
        document
    }

    /// The problem that a server function answers with.
    #[track_caller]
    pub fn fails(&self, status: u16, code: &str) -> Value {
        let problem = self.gives(status);
        assert_eq!(problem["code"], code, "{self:?}");
        problem
    }

    /// The session cookie that the answer sets, as a request carries it, and its attributes.
    pub fn session_cookie(&self) -> Option<(String, Vec<String>)> {
        self.set_cookie("reflect")
    }

    /// The same of the cookie by which a trusted device is known.
    pub fn device_cookie(&self) -> Option<(String, Vec<String>)> {
        self.set_cookie("reflect-device")
    }

    fn set_cookie(&self, name: &str) -> Option<(String, Vec<String>)> {
        let mut cookies =
            self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        let set = cookies.find(|text| {
            text.split_once('=').is_some_and(|(key, _)| key.trim_start_matches("__Host-") == name)
        })?;
        let mut parts = set.split(';').map(|part| part.trim().to_owned());
        let pair = parts.next()?;
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort();
        Some((pair, attributes))
    }
}
