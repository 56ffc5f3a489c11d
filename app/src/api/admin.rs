//! Administration: every function wants an administrator with a fresh code.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{
    AccountEntry, AccountFacts, AuditEntry, AuditFilter, InviteId, InviteMade, InvitesInForce, MailId,
    MailState, OutboxView, Overview, Page, PolicyInForce, ResetMade, Setting, UserId,
};

use crate::ApiError;

/// Nothing, if the person may administer.
#[server(prefix = "/api/app", endpoint = "admin", input = Json)]
pub async fn admin() -> Result<(), ApiError> {
    Ok(crate::context::Request::current().await?.require_admin().await.map(drop)?)
}

/// The instance at a glance.
#[server(prefix = "/api/app", endpoint = "admin-overview", input = Json)]
pub async fn admin_overview() -> Result<Overview, ApiError> {
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    reflect_core::admin::overview(&request.app.core).await.map_err(crate::context::fail)
}

/// One page of accounts by name; `filter` is empty, `administrators` or `suspended`.
#[server(prefix = "/api/app", endpoint = "admin-accounts", input = Json)]
pub async fn admin_accounts(
    search: String,
    filter: String,
    cursor: Option<String>,
) -> Result<Page<AccountEntry>, ApiError> {
    use crate::context::{PAGE, fail, parsed};
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    let filter = if filter.is_empty() { None } else { Some(parsed("filter", &filter)?) };
    let page = reflect_core::admin::list(&request.app.core, &search, filter, PAGE, cursor.as_deref()).await;
    page.map_err(fail)
}

/// An account with what is behind it.
#[server(prefix = "/api/app", endpoint = "admin-account", input = Json)]
pub async fn admin_account(id: UserId) -> Result<AccountFacts, ApiError> {
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    reflect_core::admin::facts(&request.app.core, id).await.map_err(crate::context::fail)
}

/// Gives an account another amount of space, such as `10 GiB`.
#[server(prefix = "/api/app", endpoint = "admin-set-quota", input = Json)]
pub async fn admin_set_quota(id: UserId, quota: String) -> Result<(), ApiError> {
    use crate::context::{fail, parsed};
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let (core, by) = (&request.app.core, request.by_admin(&admin));
    reflect_core::admin::set_quota(core, by, id, parsed("quota", &quota)?).await.map_err(fail)
}

/// Opens administration to somebody, or closes it.
#[server(prefix = "/api/app", endpoint = "admin-set-role", input = Json)]
pub async fn admin_set_role(id: UserId, is_admin: bool) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    reflect_core::admin::set_role(&request.app.core, by, id, is_admin).await.map_err(crate::context::fail)
}

/// Keeps somebody out.
#[server(prefix = "/api/app", endpoint = "admin-suspend", input = Json)]
pub async fn admin_suspend(id: UserId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    reflect_core::admin::suspend(&request.app.core, by, id).await.map_err(crate::context::fail)
}

/// Lets them in again.
#[server(prefix = "/api/app", endpoint = "admin-restore", input = Json)]
pub async fn admin_restore(id: UserId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    reflect_core::admin::restore(&request.app.core, by, id).await.map_err(crate::context::fail)
}

/// Signs somebody out everywhere, except for this session.
#[server(prefix = "/api/app", endpoint = "admin-end-sessions", input = Json)]
pub async fn admin_end_sessions(id: UserId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let (core, by) = (&request.app.core, request.by_admin(&admin));
    reflect_core::admin::end_sessions(core, by, id, request.handle()).await.map_err(crate::context::fail)
}

/// Makes a way back for somebody who has lost every way in.
#[server(prefix = "/api/app", endpoint = "admin-reset", input = Json)]
pub async fn admin_reset(id: UserId) -> Result<ResetMade, ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    reflect_core::admin::reset(&request.app.core, by, id).await.map_err(crate::context::fail)
}

/// Deletes an account with all that is its own; `name` is its name, to confirm.
#[server(prefix = "/api/app", endpoint = "admin-remove", input = Json)]
pub async fn admin_remove(id: UserId, name: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    reflect_core::admin::remove(&request.app.core, by, id, &name).await.map_err(crate::context::fail)
}

/// Invites that are still good.
#[server(prefix = "/api/app", endpoint = "admin-invites", input = Json)]
pub async fn admin_invites() -> Result<InvitesInForce, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    let core = &request.app.core;
    let policy = core.policy().await.map_err(|error| fail(reflect_core::db::problem(&error)))?;
    Ok(InvitesInForce {
        invites: reflect_core::auth::enrolment::invites(core).await.map_err(fail)?,
        quota: policy.quota,
        can_mail: core.mail_enabled(),
    })
}

/// Makes an invite. Note, quota and address may be empty.
#[server(prefix = "/api/app", endpoint = "admin-invite", input = Json)]
pub async fn admin_invite(
    note: String,
    quota: String,
    days: String,
    mail_to: String,
) -> Result<InviteMade, ApiError> {
    use model::{Problem, types::InviteTerms};
    use reflect_core::auth::enrolment;

    use crate::context::{fail, parsed};
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let given = |text: &str| !text.trim().is_empty();
    let terms = InviteTerms {
        note: if given(&note) { Some(parsed("note", &note)?) } else { None },
        quota: if given(&quota) { Some(parsed("quota", &quota)?) } else { None },
        days: parsed("days", &days)?,
        mail_to: match mail_to.trim() {
            "" => None,
            address => Some(address.parse().map_err(|_| fail(Problem::EmailInvalid))?),
        },
    };
    let (core, by) = (&request.app.core, request.by_admin(&admin));
    let token = enrolment::invite(core, by, &terms, request.client.language).await.map_err(fail)?;
    let link = format!("{}{}", core.settings.origins.site, enrolment::page(&token));
    Ok(InviteMade { link, mailed_to: terms.mail_to })
}

/// Takes an invite back.
#[server(prefix = "/api/app", endpoint = "admin-revoke-invite", input = Json)]
pub async fn admin_revoke_invite(id: InviteId) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    let revoked = reflect_core::auth::enrolment::revoke_invite(&request.app.core, by, id).await;
    if revoked.map_err(fail)? { Ok(()) } else { Err(fail(model::Problem::NotFound)) }
}

/// What administrators decide, and what of it was decided.
#[server(prefix = "/api/app", endpoint = "admin-policy", input = Json)]
pub async fn admin_policy() -> Result<PolicyInForce, ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    let policy = request.app.core.policy_in_force().await;
    policy.map_err(|error| fail(reflect_core::db::problem(&error)))
}

/// Decides one thing of it.
#[server(prefix = "/api/app", endpoint = "admin-decide", input = Json)]
pub async fn admin_decide(setting: Setting, value: String) -> Result<(), ApiError> {
    use crate::context::fail;
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let decision = setting.read(&value).map_err(|expected| {
        fail(model::Problem::InvalidParameter { name: setting.as_str().into(), expected })
    })?;
    request.app.core.decide(request.by_admin(&admin), decision).await.map_err(fail)
}

/// Goes back to what holds at start.
#[server(prefix = "/api/app", endpoint = "admin-undecide", input = Json)]
pub async fn admin_undecide(setting: Setting) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    let admin = request.require_admin().await?;
    let by = request.by_admin(&admin);
    request.app.core.undecide(by, setting).await.map_err(crate::context::fail)
}

/// One page of the outbox, newest first.
#[server(prefix = "/api/app", endpoint = "admin-outbox", input = Json)]
pub async fn admin_outbox(state: Option<MailState>, cursor: Option<String>) -> Result<OutboxView, ApiError> {
    use reflect_core::mail::outbox::{Filter, counts, list};

    use crate::context::{PAGE, fail};
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    let core = &request.app.core;
    let filter = Filter { state, kind: None };
    Ok(OutboxView {
        page: list(core, filter, PAGE, cursor.as_deref()).await.map_err(fail)?,
        counts: counts(core).await.map_err(fail)?,
        can_mail: core.mail_enabled(),
    })
}

/// Sends a failed mail once more.
#[server(prefix = "/api/app", endpoint = "admin-retry-mail", input = Json)]
pub async fn admin_retry_mail(id: MailId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    reflect_core::mail::outbox::retry(&request.app.core, id).await.map_err(crate::context::fail)
}

/// One page of everybody's activity, newest first.
#[server(prefix = "/api/app", endpoint = "admin-audit", input = Json)]
pub async fn admin_audit(filter: AuditFilter, cursor: Option<String>) -> Result<Page<AuditEntry>, ApiError> {
    use reflect_core::audit::{Scope, list};

    use crate::context::{PAGE, fail};
    let request = crate::context::Request::current().await?;
    request.require_admin().await?;
    list(&request.app.core, Scope::All, &filter, PAGE, cursor.as_deref()).await.map_err(fail)
}
