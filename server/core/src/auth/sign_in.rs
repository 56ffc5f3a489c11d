//! Signing in.

use std::net::IpAddr;

use model::types::{RecoveryCode, SignInForm, TotpCode, UserId, Username};

use super::AuthError;
use crate::Core;

/// What the page has to ask for.
pub async fn form(_core: &Core) -> Result<SignInForm, AuthError> {
    unimplemented!()
}

/// With six digits; without a name only where the instance has one account.
pub async fn with_code(
    _core: &Core,
    _from: IpAddr,
    _name: Option<&Username>,
    _code: TotpCode,
) -> Result<UserId, AuthError> {
    unimplemented!()
}

/// With a recovery code, which is used up.
pub async fn with_recovery_code(
    _core: &Core,
    _from: IpAddr,
    _name: Option<&Username>,
    _code: RecoveryCode,
) -> Result<UserId, AuthError> {
    unimplemented!()
}
