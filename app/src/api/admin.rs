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
    crate::service::admin::Administrator::current().await?;
    Ok(())
}

/// The instance at a glance.
#[server(prefix = "/api/app", endpoint = "admin-overview", input = Json)]
pub async fn admin_overview() -> Result<Overview, ApiError> {
    use crate::service::admin::{Administrator, overview};
    let administrator = Administrator::current().await?;
    Ok(overview(&administrator).await?)
}

/// One page of accounts by name; `filter` is empty, `administrators` or `suspended`.
#[server(prefix = "/api/app", endpoint = "admin-accounts", input = Json)]
pub async fn admin_accounts(
    search: String,
    filter: String,
    cursor: Option<String>,
) -> Result<Page<AccountEntry>, ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::list(&administrator, &search, &filter, crate::context::PAGE, cursor.as_deref()).await?)
}

/// An account with what is behind it.
#[server(prefix = "/api/app", endpoint = "admin-account", input = Json)]
pub async fn admin_account(id: UserId) -> Result<AccountFacts, ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::facts(&administrator, id).await?)
}

/// Gives an account another amount of space, such as `10 GiB`.
#[server(prefix = "/api/app", endpoint = "admin-set-quota", input = Json)]
pub async fn admin_set_quota(id: UserId, quota: String) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::change(&administrator, id, &accounts::TypedChange::quota(quota)).await?)
}

/// Opens administration to somebody, or closes it.
#[server(prefix = "/api/app", endpoint = "admin-set-role", input = Json)]
pub async fn admin_set_role(id: UserId, is_admin: bool) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::change(&administrator, id, &accounts::TypedChange::role(is_admin)).await?)
}

/// Keeps somebody out.
#[server(prefix = "/api/app", endpoint = "admin-suspend", input = Json)]
pub async fn admin_suspend(id: UserId) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::change(&administrator, id, &accounts::TypedChange::suspended(true)).await?)
}

/// Lets them in again.
#[server(prefix = "/api/app", endpoint = "admin-restore", input = Json)]
pub async fn admin_restore(id: UserId) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::change(&administrator, id, &accounts::TypedChange::suspended(false)).await?)
}

/// Signs somebody out everywhere, except for this session.
#[server(prefix = "/api/app", endpoint = "admin-end-sessions", input = Json)]
pub async fn admin_end_sessions(id: UserId) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::end_sessions(&administrator, id).await.map(drop)?)
}

/// Makes a way back for somebody who has lost every way in; `force` shuts all others at once.
#[server(prefix = "/api/app", endpoint = "admin-reset", input = Json)]
pub async fn admin_reset(id: UserId, force: bool) -> Result<ResetMade, ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::reset(&administrator, id, force).await?)
}

/// Deletes an account with all that is its own; `name` is its name, to confirm.
#[server(prefix = "/api/app", endpoint = "admin-remove", input = Json)]
pub async fn admin_remove(id: UserId, name: String) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, accounts};
    let administrator = Administrator::current().await?;
    Ok(accounts::remove(&administrator, id, &name).await?)
}

/// Invites that are still good.
#[server(prefix = "/api/app", endpoint = "admin-invites", input = Json)]
pub async fn admin_invites() -> Result<InvitesInForce, ApiError> {
    use crate::service::admin::{Administrator, invites};
    let administrator = Administrator::current().await?;
    Ok(invites::list(&administrator).await?)
}

/// Makes an invite. Note, quota and address may be empty.
#[server(prefix = "/api/app", endpoint = "admin-invite", input = Json)]
pub async fn admin_invite(
    note: String,
    quota: String,
    days: String,
    mail_to: String,
) -> Result<InviteMade, ApiError> {
    use crate::service::admin::{Administrator, invites};
    let administrator = Administrator::current().await?;
    Ok(invites::invite(&administrator, &invites::TypedTerms { note, quota, days, mail_to }).await?)
}

/// Takes an invite back.
#[server(prefix = "/api/app", endpoint = "admin-revoke-invite", input = Json)]
pub async fn admin_revoke_invite(id: InviteId) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, invites};
    let administrator = Administrator::current().await?;
    Ok(invites::revoke(&administrator, id).await?)
}

/// What administrators decide, and what of it was decided.
#[server(prefix = "/api/app", endpoint = "admin-policy", input = Json)]
pub async fn admin_policy() -> Result<PolicyInForce, ApiError> {
    use crate::service::admin::{Administrator, policy};
    let administrator = Administrator::current().await?;
    Ok(policy::in_force(&administrator).await?)
}

/// Decides one thing of it.
#[server(prefix = "/api/app", endpoint = "admin-decide", input = Json)]
pub async fn admin_decide(setting: Setting, value: String) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, policy};
    let administrator = Administrator::current().await?;
    Ok(policy::decide(&administrator, &[(setting, value)]).await?)
}

/// Goes back to what holds at start.
#[server(prefix = "/api/app", endpoint = "admin-undecide", input = Json)]
pub async fn admin_undecide(setting: Setting) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, policy};
    let administrator = Administrator::current().await?;
    Ok(policy::undecide(&administrator, setting).await?)
}

/// One page of the outbox, newest first.
#[server(prefix = "/api/app", endpoint = "admin-outbox", input = Json)]
pub async fn admin_outbox(state: Option<MailState>, cursor: Option<String>) -> Result<OutboxView, ApiError> {
    use reflect_core::mail::outbox::Filter;

    use crate::service::admin::{Administrator, outbox};
    let administrator = Administrator::current().await?;
    let filter = Filter { state, kind: None };
    Ok(outbox::list(&administrator, filter, crate::context::PAGE, cursor.as_deref()).await?)
}

/// Sends a failed mail once more.
#[server(prefix = "/api/app", endpoint = "admin-retry-mail", input = Json)]
pub async fn admin_retry_mail(id: MailId) -> Result<(), ApiError> {
    use crate::service::admin::{Administrator, outbox};
    let administrator = Administrator::current().await?;
    Ok(outbox::retry(&administrator, id).await?)
}

/// One page of everybody's activity, or that of one account, newest first.
#[server(prefix = "/api/app", endpoint = "admin-audit", input = Json)]
pub async fn admin_audit(
    user: Option<UserId>,
    filter: AuditFilter,
    cursor: Option<String>,
) -> Result<Page<AuditEntry>, ApiError> {
    use reflect_core::audit::Scope;

    use crate::service::admin::{Administrator, log};
    let administrator = Administrator::current().await?;
    let scope = user.map_or(Scope::All, Scope::Own);
    Ok(log::list(&administrator, scope, &filter, crate::context::PAGE, cursor.as_deref()).await?)
}
