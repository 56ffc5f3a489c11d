//! The process: command line, configuration, router, JSON API, serving, sessions.
//!
//! A library, so that tests call it whole; `main.rs` parses and composes.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]

mod album_page;
pub mod api;
pub mod commands;
pub mod config;
mod database;
mod delete_page;
mod front;
mod health;
mod http_headers;
mod jobs;
pub mod listen;
mod middleware;
mod oidc;
mod plain_page;
mod problem;
mod profile_page;
mod reused_timer;
mod router;
mod serve;
mod session;
pub mod shortcut;
mod site;
mod state;
mod zero_copy;

pub use front::Front;
pub use jobs::sweep;
pub use site::{Site, SiteError};
pub use state::AppState;
