//! Pages of what people have made public.

use model::{
    Problem,
    types::{OwnProfile, ProfileChange, UserId},
};
use reflect_core::{
    Core,
    audit::By,
    images::profile::{self, Change},
};

use super::images::given;

/// Changes one's own page, in all that is asked or in nothing.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be; the database.
pub async fn change(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    typed: &ProfileChange,
) -> Result<OwnProfile, Problem> {
    let change = Change { is_on: typed.is_on, bio: given("bio", typed.bio.as_ref())? };
    Ok(profile::change(core, by, owner, &change).await?)
}
