//! Invites.

use model::{
    Problem,
    types::{InviteId, InviteMade, InviteTerms, InvitesInForce},
};
use reflect_core::{auth::enrolment, db};

use super::Administrator;
use crate::{
    context::{given, parsed},
    service::or_missing,
};

/// What is said of an invite that is to be. Everything but `days` may be empty.
#[derive(Clone, Debug)]
pub struct TypedTerms {
    /// Whom it is for.
    pub note: String,
    /// Space of the account, such as `10 GiB`.
    pub quota: String,
    /// Days that it is good for.
    pub days: String,
    /// Where it is mailed.
    pub mail_to: String,
}

impl TypedTerms {
    fn read(&self) -> Result<InviteTerms, Problem> {
        Ok(InviteTerms {
            note: given("note", &self.note)?,
            quota: given("quota", &self.quota)?,
            days: parsed("days", &self.days)?,
            mail_to: match self.mail_to.trim() {
                "" => None,
                address => Some(address.parse().map_err(|_| Problem::EmailInvalid)?),
            },
        })
    }
}

/// Invites that are still good.
///
/// # Errors
/// The database.
pub async fn list(administrator: &Administrator) -> Result<InvitesInForce, Problem> {
    let core = administrator.core();
    let policy = core.policy().await.map_err(|error| db::problem(&error))?;
    Ok(InvitesInForce {
        invites: enrolment::invites(core).await?,
        quota: policy.quota,
        can_mail: core.mail_enabled(),
        sign_up: policy.sign_up,
    })
}

/// Makes one.
///
/// # Errors
/// [`Problem::InvalidParameter`], [`Problem::EmailInvalid`]; those of [`enrolment::invite`].
pub async fn invite(administrator: &Administrator, typed: &TypedTerms) -> Result<InviteMade, Problem> {
    let (core, language) = (administrator.core(), administrator.client.language);
    let terms = typed.read()?;
    let (id, token) = enrolment::invite(core, administrator.by(), &terms, language).await?;
    let link = format!("{}{}", core.settings.origins.site, enrolment::page(&token));
    Ok(InviteMade { id, link, mailed_to: terms.mail_to })
}

/// Takes one back.
///
/// # Errors
/// [`Problem::NotFound`]; the database, randomness.
pub async fn revoke(administrator: &Administrator, id: InviteId) -> Result<(), Problem> {
    or_missing(enrolment::revoke_invite(administrator.core(), administrator.by(), id).await?)
}
