//! The wire formats of other hosts: what their clients send, and what they read in the answers.

mod chevereto;
mod lsky;
mod same_image;
mod smms;
mod spellings;

use http::Method;

use crate::support::{App, Call, Form};

/// A call with this value of `Authorization`.
fn post<'a>(app: &'a App, path: &str, authorization: &str) -> Call<'a> {
    app.call(Method::POST, path).header("authorization", authorization)
}

/// An upload of one file as the clients of a dialect send it.
fn upload<'a>(app: &'a App, path: &str, field: &str, token: &str, bytes: &[u8]) -> Call<'a> {
    post(app, path, token).form(Form::new().file_in(field, "my cat.png", bytes))
}
