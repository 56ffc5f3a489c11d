//! The Leptos application: pages, components and the typed door between browser and server.
//!
//! Rendered on the server and hydrated in the browser, where its router takes over so that a
//! change of page never stops an upload.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]

/// Which half this is. Code that only one half has is behind its module instead.
pub(crate) const ON_SERVER: bool = cfg!(feature = "ssr");

pub mod api;
mod app;
pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
mod dates;
mod error;
pub mod import;
mod later;
pub mod pages;
pub mod platform;
#[cfg(feature = "ssr")]
pub mod service;
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
mod text;
pub mod toasts;
pub mod uploads;

#[expect(
    missing_docs,
    unused_qualifications,
    clippy::expect_used,
    clippy::match_same_arms,
    reason = "generated from `locales/` at build time"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::i18n;

pub use app::{App, LANGUAGE_COOKIE};
pub use error::ApiError;
pub use model::{Problem, rules, types};
