//! What the tests share: an instance over a test's own database, requests, people, pictures.

mod answer;
mod app;
mod call;
mod form;
pub mod pictures;
mod provider;

pub use self::{
    answer::Answer,
    app::{App, Person, SITE, Setup},
    call::Call,
    form::Form,
    provider::{Home, SigningKey},
};

/// The part of `text` behind the first `start` and before the `end` that follows it.
#[track_caller]
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    let Some((found, _)) = found else { panic!("no {start:?} … {end:?} in {text}") };
    found
}

/// The path and query of an address of the instance.
#[track_caller]
pub fn path(url: &serde_json::Value) -> &str {
    let path = url.as_str().and_then(|url| url.strip_prefix(SITE));
    path.unwrap_or_else(|| panic!("{url} is not an address of {SITE}"))
}
