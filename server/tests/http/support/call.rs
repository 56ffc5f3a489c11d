//! A request under construction; `.await` sends it.

use std::pin::Pin;

use axum::body::Body;
use http::{Method, header, request};
use serde_json::Value;

use super::{Answer, App, Form};

#[must_use = "a call is sent when it is awaited"]
pub struct Call<'a> {
    app: &'a App,
    request: request::Builder,
    body: Body,
}

impl<'a> Call<'a> {
    pub(super) fn new(app: &'a App, method: Method, path: &str) -> Self {
        Self { app, request: request::Builder::new().method(method).uri(path), body: Body::empty() }
    }

    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.request = self.request.header(name.as_ref(), value.as_ref());
        self
    }

    /// With an API token.
    pub fn token(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// With a session.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(header::COOKIE, cookie)
    }

    /// As our own pages send it.
    pub fn same_origin(self) -> Self {
        self.header("sec-fetch-site", "same-origin")
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub fn json(self, value: &Value) -> Self {
        self.header(header::CONTENT_TYPE, "application/json").body(value.to_string())
    }

    /// With a complete upload and its length.
    pub fn form(self, form: Form) -> Self {
        let body = form.finish();
        self.header(header::CONTENT_TYPE, Form::TYPE)
            .header(header::CONTENT_LENGTH, body.len().to_string())
            .body(body)
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let request = self.request.body(self.body).unwrap();
        Box::pin(async move { Answer::read(self.app.respond(request).await).await })
    }
}
