//! Accounts, as administration sees and changes them.

use model::{
    Problem,
    types::{AccountEntry, AccountFacts, Page, ResetMade, UserId},
};
use reflect_core::admin::{self, Change};

use super::Administrator;
use crate::context::parsed;

/// What becomes of an account, as it was typed. What isn't named stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TypedChange {
    /// Space, such as `10 GiB`.
    pub quota: Option<String>,
    /// Whether administration is open to them.
    pub is_admin: Option<bool>,
    /// Whether they are kept out.
    pub suspended: Option<bool>,
}

impl TypedChange {
    pub(crate) fn quota(text: String) -> Self {
        Self { quota: Some(text), ..Self::default() }
    }

    pub(crate) fn role(is_admin: bool) -> Self {
        Self { is_admin: Some(is_admin), ..Self::default() }
    }

    pub(crate) fn suspended(suspended: bool) -> Self {
        Self { suspended: Some(suspended), ..Self::default() }
    }
}

/// One page of accounts by name; `filter` is empty, `administrators` or `suspended`.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub async fn list(
    administrator: &Administrator,
    search: &str,
    filter: &str,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<AccountEntry>, Problem> {
    let filter = if filter.is_empty() { None } else { Some(parsed("filter", filter)?) };
    Ok(admin::list(administrator.core(), search, filter, limit, cursor).await?)
}

/// An account with what is behind it.
///
/// # Errors
/// [`Problem::NotFound`]; the database.
pub async fn facts(administrator: &Administrator, id: UserId) -> Result<AccountFacts, Problem> {
    Ok(admin::facts(administrator.core(), id).await?)
}

/// Changes an account, in all that is asked or in nothing. Roles are changed, and suspensions lifted, in person.
///
/// # Errors
/// [`Problem::Forbidden`], [`Problem::InvalidParameter`]; those of [`admin::change`].
pub async fn change(administrator: &Administrator, id: UserId, typed: &TypedChange) -> Result<(), Problem> {
    if typed.is_admin.is_some() || typed.suspended == Some(false) {
        administrator.require_person()?;
    }
    let quota = typed.quota.as_deref().map(|text| parsed("quota", text)).transpose()?;
    let change = Change { quota, is_admin: typed.is_admin, suspended: typed.suspended };
    Ok(admin::change(administrator.core(), administrator.by(), id, change).await?)
}

/// Signs somebody out everywhere, except for this session; answers of how many sessions.
///
/// # Errors
/// [`Problem::NotFound`]; the database.
pub async fn end_sessions(administrator: &Administrator, id: UserId) -> Result<u64, Problem> {
    let keep = administrator.session();
    Ok(admin::end_sessions(administrator.core(), administrator.by(), id, keep).await?)
}

/// Makes a way back for somebody who has lost every way in, in person; `force` also takes the account out of
/// strange hands until they have come back.
///
/// # Errors
/// [`Problem::Forbidden`]; those of [`admin::reset`].
pub async fn reset(administrator: &Administrator, id: UserId, force: bool) -> Result<ResetMade, Problem> {
    administrator.require_person()?;
    let (core, by) = (administrator.core(), administrator.by());
    Ok(if force { admin::force_reset(core, by, id).await? } else { admin::reset(core, by, id).await? })
}

/// Deletes an account with all that is its own, in person; `name` is its name, to confirm.
///
/// # Errors
/// [`Problem::Forbidden`]; those of [`admin::remove`].
pub async fn remove(administrator: &Administrator, id: UserId, name: &str) -> Result<(), Problem> {
    administrator.require_person()?;
    Ok(admin::remove(administrator.core(), administrator.by(), id, name, None).await?)
}
