//! A person's tags: words that find images again, with colours.
//!
//! Names are told from each other whatever their case, and stored in NFC, so that what looks the same is the
//! same. Tags are made by using them. Locks are taken in the order image, owner's tags.

mod error;
mod name;
mod store;
mod tagging;

use model::types::UserId;
use sqlx::PgConnection;

pub(in crate::images) use self::tagging::{replace, retag};
pub use self::{
    error::TagError,
    name::Name,
    store::{Change, change, delete, known, list, make},
    tagging::{MOST, MOST_ON_IMAGE},
};
use crate::db;

/// Waits until nobody else makes, changes or uses tags of `owner`'s, and has others wait until this transaction
/// ends.
pub(in crate::images) async fn lock(connection: &mut PgConnection, owner: UserId) -> Result<(), TagError> {
    Ok(db::lock(connection, &[b"tags".as_slice(), owner.0.as_bytes()].concat()).await?)
}

#[cfg(test)]
mod tests;
