//! Pages that are plain HTML: they work without JavaScript and load none of the app.

use axum::response::{Html, IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use model::rules::links::escape_html;
use sha2::{Digest as _, Sha256};

use crate::state::AppState;

/// One of them.
pub struct PlainPage<'a> {
    /// The language that it is in.
    pub lang: &'a str,
    /// What the window is called; a text.
    pub title: &'a str,
    /// What the site's style sheet lacks for it.
    pub style: &'a str,
    /// What else is in its `<head>`; HTML.
    pub head: String,
    /// What is in its `<main>`; HTML.
    pub content: String,
}

impl PlainPage<'_> {
    /// The answer. No search engine keeps it: its address is a secret that people share.
    pub fn answer(&self, state: &AppState, status: StatusCode) -> Response {
        let Self { lang, style, head, content, .. } = self;
        let (title, css) = (escape_html(self.title), &state.app.assets.css);
        let page = format!(
            "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · reflect</title>\
             <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{css}\">\
             {head}<style>{style}</style></head><body><main id=\"main\">{content}</main></body></html>"
        );
        (status, self.headers(state), Html(page)).into_response()
    }

    fn headers(&self, state: &AppState) -> HeaderMap {
        let images = &state.core().settings.origins.images;
        let style = STANDARD.encode(Sha256::digest(self.style));
        let policy = format!(
            "default-src 'none'; style-src 'self' 'sha256-{style}'; img-src 'self' {images}; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'"
        );
        let mut headers = HeaderMap::new();
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
        headers
    }
}

/// A page of a heading and what is below it, in the middle.
pub fn notice(heading: &str, content: &str) -> String {
    format!("<section class=\"empty\"><h1>{}</h1>{content}</section>", escape_html(heading))
}

/// A paragraph of text.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape_html(text))
}
