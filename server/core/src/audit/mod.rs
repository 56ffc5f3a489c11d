//! The audit log: who did what to which account, from where, and how it ended.
//!
//! ```text
//! hash = SHA-256(the entry before's hash, all of this entry)      anybody can recompute it
//! seal = HMAC(a key that isn't in the database, hash)             nobody else can make it
//! head = number and hash of the last entry, sealed likewise       so that a missing end shows
//! ```
//! [`record`] writes in the caller's transaction: what happened and its entry are stored together or
//! not at all. Reading is never recorded, but for an export: whoever has that has everything.

mod chain;
mod event;
mod list;
mod record;
#[cfg(test)]
mod tests;
mod verify;

pub use self::{
    chain::{Damage, Head, InvalidHead},
    event::{By, Event},
    list::{AuditError, PAGE_LIMIT, Scope, list},
    record::record,
    verify::{Report, verify},
};
