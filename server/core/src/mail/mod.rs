//! Mail: what is said, to whom, and a durable outbox that it leaves by.
//!
//! ```text
//! Mail ──texts──▶ Draft ──templates──▶ Letter ──enqueue (the caller's transaction)──▶ mail_outbox
//!      ──deliver (any node)──▶ Message ──Transport──▶ the mail server
//! ```
//! A mail goes out if and only if the transaction that it tells about is committed, and at least
//! once: a sender that dies between sending and saying so is taken over, with the same Message-ID.

mod content;
mod error;
mod letter;
mod message;
mod notice;
pub mod outbox;
#[cfg(any(test, feature = "testing"))]
mod queued;
mod recipient;
pub mod smtp;
#[cfg(test)]
mod tests;
mod texts;

pub use lettre::Message;

pub(crate) use self::outbox::withdraw;
#[cfg(any(test, feature = "testing"))]
pub use self::queued::Queued;
pub use self::{
    content::{Line, Mail, Occasion, SiteLink},
    error::MailError,
    message::{InvalidSender, Sender},
    notice::Notice,
    outbox::{Refusal, Transport, enqueue},
    recipient::Recipient,
};
