//! What people do to many images at once.

use model::{
    Problem,
    types::{BulkAction, BulkOutcome, BulkRequest, Tagging, UserId},
};
use reflect_core::{
    Core,
    audit::By,
    images::library::{self, Bulk, Which},
};

use super::{images::lapse, search, tags::names};

/// Does what is asked, to all of the images or to none.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be; [`Problem::NotFound`] where there is no such album;
/// the database.
pub async fn bulk(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    request: &BulkRequest,
) -> Result<BulkOutcome, Problem> {
    let what = meant(core, &request.action)?;
    let invalid = |name: &str, expected: &str| Problem::InvalidParameter {
        name: name.into(),
        expected: expected.into(),
    };
    let search;
    let which = match (&request.ids, &request.search) {
        (Some(ids), None) => Which::Ids(ids),
        (None, Some(_)) if matches!(what, Bulk::Restore) => {
            return Err(invalid("search", "`ids` in its place: searches don't look into the bin"));
        }
        (None, Some(query)) => {
            search = search::to_act_on(query)?;
            Which::Search(&search)
        }
        _ => return Err(invalid("ids", "keys of images, or a `search` in their place")),
    };
    Ok(library::bulk(core, by, owner, which, &what).await?)
}

fn meant(core: &Core, action: &BulkAction) -> Result<Bulk, Problem> {
    Ok(match action {
        BulkAction::Visibility(visibility) => Bulk::Visibility(*visibility),
        BulkAction::ExpiresAt(moment) => Bulk::ExpiresAt(lapse(Some(moment), core.now())?.flatten()),
        BulkAction::Tags(Tagging { add, remove }) => {
            Bulk::Tags { add: names("add", add)?, remove: names("remove", remove)? }
        }
        BulkAction::Album(id) => Bulk::Album(*id),
        BulkAction::Delete => Bulk::Delete,
        BulkAction::Restore => Bulk::Restore,
    })
}
