//! From a one-time link to an account.

use model::types::{
    ConfirmedEnrolment, EmailAddress, EnrolmentLinkInfo, EnrolmentOffer, RecoveryCode, TotpCode, UserId,
    Username,
};

use super::AuthError;
use crate::Core;

/// What `enrol_now` made; for scripts, shown once.
pub struct EnrolledNow {
    /// The account.
    pub user_id: UserId,
    /// The secret in base32.
    pub secret: String,
    /// The `otpauth://` link.
    pub otpauth_url: String,
    /// The recovery codes.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A fresh set-up link's token where no account exists yet (older set-up links are voided);
/// `None` once there is one.
pub async fn setup_link(_core: &Core) -> Result<Option<String>, AuthError> {
    unimplemented!()
}

/// A link, valid 24 hours, with which `name` enrols.
pub async fn create_link(_core: &Core, _name: &Username, _is_admin: bool) -> Result<String, AuthError> {
    unimplemented!()
}

/// What the link is good for.
pub async fn link_info(_core: &Core, _token: &str) -> Result<EnrolmentLinkInfo, AuthError> {
    unimplemented!()
}

/// Makes a secret and keeps it sealed for ten minutes.
pub async fn begin(
    _core: &Core,
    _token: &str,
    _name: Username,
    _email: Option<EmailAddress>,
) -> Result<EnrolmentOffer, AuthError> {
    unimplemented!()
}

/// Takes the first code and answers with ten recovery codes.
pub async fn confirm(_core: &Core, _ticket: &str, _code: TotpCode) -> Result<ConfirmedEnrolment, AuthError> {
    unimplemented!()
}

/// Takes one of the recovery codes back (without using it up) and makes the account.
pub async fn finish(_core: &Core, _ticket: &str, _typed: RecoveryCode) -> Result<UserId, AuthError> {
    unimplemented!()
}

/// Makes an account with its secret and codes at once.
pub async fn enrol_now(
    _core: &Core,
    _name: Username,
    _email: Option<EmailAddress>,
    _is_admin: bool,
) -> Result<EnrolledNow, AuthError> {
    unimplemented!()
}
