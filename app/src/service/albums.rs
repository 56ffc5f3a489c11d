//! What people make of albums.

use model::{
    Problem,
    types::{Album, AlbumChange, AlbumDraft, AlbumId, ShareChange, UserId},
};
use reflect_core::{
    Core,
    audit::By,
    images::albums::{self, Change, NewAlbum},
};

use super::images::{given, lapse};
use crate::context::{self, parsed};

/// Makes an album.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be; the database.
pub async fn create(core: &Core, owner: UserId, typed: &AlbumDraft) -> Result<Album, Problem> {
    let new = NewAlbum {
        name: parsed("name", &typed.name)?,
        description: typed
            .description
            .as_deref()
            .map(|text| context::given("description", text))
            .transpose()?
            .flatten(),
        parent: typed.parent,
    };
    Ok(albums::create(core, owner, &new).await?)
}

/// Changes one of `owner`'s albums, in all that is asked or in nothing.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be what it is to become; [`Problem::NotFound`];
/// the database.
pub async fn change(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: AlbumId,
    typed: &AlbumChange,
) -> Result<Album, Problem> {
    let change = Change {
        name: typed.name.as_deref().map(|name| parsed("name", name)).transpose()?,
        description: given("description", typed.description.as_ref())?,
        parent: typed.parent,
        before: typed.before,
        cover: typed.cover,
        share: typed
            .share
            .as_ref()
            .map(|share| share.as_ref().map(|share| sharing(share, core)).transpose())
            .transpose()?,
    };
    Ok(albums::change(core, by, owner, id, &change).await?)
}

fn sharing(typed: &ShareChange, core: &Core) -> Result<albums::ShareChange, Problem> {
    let password = typed.password.as_ref();
    Ok(albums::ShareChange {
        // Only `null` takes it away: a field that was left blank must not open the album.
        password: password
            .map(|text| text.as_deref().map(|text| parsed("password", text)).transpose())
            .transpose()?,
        expires_at: lapse(typed.expires_at.as_ref(), core.now())?,
    })
}
