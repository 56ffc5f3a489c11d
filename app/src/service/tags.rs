//! What people do with tags.

use model::{
    Problem,
    types::{Tag, TagChange, TagId, UserId},
};
use reflect_core::{
    Core,
    images::tags::{self, Change, MOST_ON_IMAGE, Name},
};

use crate::context::parsed;

/// Names of tags that were typed as `member`: as many as one image may have.
pub(super) fn names(member: &str, typed: &[String]) -> Result<Vec<Name>, Problem> {
    if typed.len() > MOST_ON_IMAGE {
        let expected = format!("at most {MOST_ON_IMAGE} of one image");
        return Err(Problem::InvalidParameter { name: member.to_owned(), expected });
    }
    typed.iter().map(|name| parsed(member, name)).collect()
}

/// Changes one of `owner`'s tags.
///
/// # Errors
/// [`Problem::InvalidParameter`], [`Problem::NameTaken`] unless they may become one, [`Problem::NotFound`]; the
/// database.
pub async fn change(core: &Core, owner: UserId, id: TagId, typed: &TagChange) -> Result<Tag, Problem> {
    let name = typed.name.as_deref().map(|name| parsed("name", name)).transpose()?;
    let change = Change { name, color: typed.color, merge: typed.merge };
    Ok(tags::change(core, owner, id, &change).await?)
}
