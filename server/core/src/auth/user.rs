//! Accounts.

use model::types::{Me, UserId, Username};

use crate::Core;

/// The person with this key.
pub async fn me(_core: &Core, _id: UserId) -> Result<Option<Me>, sqlx::Error> {
    unimplemented!()
}

/// The key of the person with this name.
pub async fn find(_core: &Core, _name: &Username) -> Result<Option<UserId>, sqlx::Error> {
    unimplemented!()
}
