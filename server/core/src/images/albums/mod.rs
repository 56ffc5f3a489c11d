//! A person's albums: ordered, nested one level, each with images in an order of its own.
//!
//! An image may be in several. While it is in the bin it isn't shown in any, and is in its place again when
//! it comes back. Locks are taken in the order image, owner's albums, album.

mod contents;
mod error;
mod former;
pub mod guests;
mod row;
mod sequence;
mod share;
mod shelf;
mod unlock;

use model::types::{AlbumId, UserId};
use sqlx::PgConnection;

pub use self::{
    contents::{images, place, remove},
    error::AlbumError,
    former::make,
    row::{find, list, numbered, with_number},
    share::{ShareChange, SharedAlbum, SharedImage, shared, shared_images},
    shelf::{Change, MOST, NewAlbum, change, count, create, delete, exists},
    unlock::{GOOD_FOR, is_open, sweep, unlock},
};
pub(in crate::images) use self::{
    contents::{places, put},
    former::{hold, put_back},
};
use crate::db;

/// Waits until nobody else makes, moves or nests albums of `owner`'s, and has others wait until this transaction ends.
async fn lock_all(connection: &mut PgConnection, owner: UserId) -> Result<(), AlbumError> {
    Ok(db::lock(connection, &[b"albums".as_slice(), owner.0.as_bytes()].concat()).await?)
}

/// The same with what is in one of them.
///
/// # Errors
/// [`AlbumError::NotFound`], [`AlbumError::Database`].
async fn lock(connection: &mut PgConnection, owner: UserId, id: AlbumId) -> Result<(), AlbumError> {
    let found = sqlx::query("SELECT FROM albums WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE")
        .bind(id.0)
        .bind(owner.0)
        .fetch_optional(connection)
        .await?;
    found.map(drop).ok_or(AlbumError::NotFound)
}

#[cfg(test)]
mod tests;
