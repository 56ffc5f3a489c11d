//! The domain of reflect: sign-in, images and mail on PostgreSQL, without Leptos and without axum.
//!
//! By feature first, in each feature small files by step. The clock and randomness come from
//! [`Core`] or as parameters; nothing here reads the environment.

pub mod admin;
pub mod alert;
pub mod audit;
pub mod auth;
pub mod challenge;
mod clock;
mod context;
pub mod db;
pub mod fetch;
mod http_client;
pub mod images;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod oidc;
mod policy;
pub mod random;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use clock::{Clock, ManualClock, SystemClock, rfc3339};
pub use context::{Core, Settings};
pub use model;
pub use policy::PolicyCache;
