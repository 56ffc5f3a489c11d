//! Signing in with an authenticator app, and ways back.

mod attempts;
pub mod authenticator;
mod client;
pub mod device;
pub mod email;
pub mod email_code;
pub mod enrolment;
mod error;
mod named;
mod one_time;
pub mod policy;
mod qr;
pub mod recovery;
pub mod reset;
pub mod session;
pub mod sign_in;
pub mod step_up;
pub(crate) mod stretching;
#[cfg(test)]
mod tests;
mod ticket;
pub mod token;
pub mod totp;
pub mod user;

pub use self::{
    client::{Client, UserAgent},
    error::AuthError,
    stretching::Stretching,
};
