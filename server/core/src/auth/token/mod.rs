//! Tokens with which programs call the API.

mod form;
mod grant;
mod own;
mod rate;

pub(super) use self::own::end_all;
pub(crate) use self::own::{end_administering, record_ended};
pub use self::{
    grant::{Grant, authenticate, holds},
    own::{MOST, create, list, revoke, revoke_all},
    rate::{Quota, TokenRates},
};
