//! Links by which people without an account put images into an album.

use std::{fmt, str::FromStr};

use model::{
    Problem,
    types::{AlbumId, GuestDoor, GuestLink, GuestLinkDraft, UserId},
};
use reflect_core::{
    Core,
    audit::By,
    images::albums::guests::{self, NewGuestLink},
};

use super::images::{filled, moment};
use crate::context::parsed;

/// Makes a link to one of `owner`'s albums.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be; [`Problem::NotFound`]; the database.
pub async fn make(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    album: AlbumId,
    typed: &GuestLinkDraft,
) -> Result<GuestLink, Problem> {
    let expires_at = filled(typed.expires_at.as_ref());
    let new = NewGuestLink {
        name: parsed("name", &typed.name)?,
        expires_at: expires_at.map(|text| moment(text, core.now())).transpose()?,
        max_images: limit("max_images", typed.max_images.as_ref())?,
        max_bytes: limit("max_bytes", typed.max_bytes.as_ref())?,
    };
    Ok(guests::make(core, by, owner, album, &new).await?)
}

/// What whoever has the secret in a link's address is told.
///
/// # Errors
/// [`Problem::NotFound`]; the database.
pub async fn look(core: &Core, secret: &str) -> Result<GuestDoor, Problem> {
    let slug = secret.parse().map_err(|_| Problem::NotFound)?;
    Ok(guests::open(core, &slug).await?.door)
}

/// A limit as it was typed, unless nothing was.
fn limit<T: FromStr<Err: fmt::Display>>(name: &str, typed: Option<&String>) -> Result<Option<T>, Problem> {
    filled(typed).map(|text| parsed(name, text)).transpose()
}
