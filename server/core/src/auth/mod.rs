//! Signing in with an authenticator app, and ways back.

pub mod enrolment;
mod error;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod user;

pub use error::AuthError;
