//! What people do to get in and to change how, what they say of their images, and what administrators do:
//! parse what was typed, ask the core, keep the session.
//!
//! There are two doors to it, the app's own (server functions, `crate::api`) and the JSON API of
//! `server`. Both call these, so that neither can be laxer than the other.

pub mod account;
pub mod activity;
pub mod admin;
pub mod albums;
pub mod authenticators;
pub mod bulk;
pub mod devices;
pub mod elevate;
pub mod email;
pub mod enrolment;
pub mod export;
pub mod guests;
pub mod images;
pub mod import;
pub mod profiles;
pub mod recovery_codes;
pub mod reset;
pub mod search;
pub mod sessions;
pub mod sign_in;
pub mod statistics;
pub mod tags;
pub mod tokens;

use model::Problem;

/// Refuses where `found` says that there is no such thing.
fn or_missing(found: bool) -> Result<(), Problem> {
    if found { Ok(()) } else { Err(Problem::NotFound) }
}
