//! The commands with which people upload to an instance from a terminal.
//!
//! Knows no server code, as the server knows none of this: what they share is the JSON API that `docs/api.md`
//! describes, and the types and rules that everybody shares.

mod api;
mod clipboard;
mod command;
mod config;
mod each;
mod exit;
mod export;
mod failure;
mod form;
mod import;
mod link;
mod list;
mod login;
mod named;
mod origin;
mod remove;
mod screen;
#[cfg(test)]
mod stand_in;
mod stop;
mod transport;
mod upload;
mod verdict;
mod watch;
mod wire;

pub use self::{command::ClientCommand, exit::Exit};
