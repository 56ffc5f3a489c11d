//! Administration: accounts, and the instance at a glance. Invites are in [`crate::auth::enrolment`],
//! what is decided for all in [`crate::Core::decide`], mail in [`crate::mail::outbox`].
//!
//! Who may do so is asked at the doors. What must hold at the moment of the act is kept here, under a lock: that
//! whoever acts still may, and that one administrator who can sign in always remains.

mod account;
mod accounts;
mod error;
mod overview;
mod remaining;
mod removal;
mod standing;
#[cfg(test)]
mod tests;

pub(crate) use self::standing::require as require_standing;
pub use self::{
    account::{Change, change, end_sessions, force_reset, reset},
    accounts::{Filter, UnknownFilter, facts, list},
    error::AdminError,
    overview::overview,
    removal::{remove, remove_rest},
    standing::Authority,
};
