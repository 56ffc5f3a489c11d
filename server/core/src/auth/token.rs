//! API tokens: `rfl_` and 256 bits, stored hashed.

use model::types::UserId;

use super::AuthError;
use crate::Core;

/// A new token for `user`, shown once.
pub async fn create(_core: &Core, _user: UserId, _name: &str) -> Result<String, AuthError> {
    unimplemented!()
}

/// Whose token this is.
pub async fn authenticate(_core: &Core, _token: &str) -> Result<Option<UserId>, AuthError> {
    unimplemented!()
}
