//! Signing in with an authenticator app, and ways back.

pub mod enrolment;
mod error;
pub mod limits;
mod qr;
mod recovery;
pub mod session;
pub mod sign_in;
#[cfg(test)]
mod tests;
pub mod token;
pub mod totp;
pub mod user;

pub use error::AuthError;
