//! Which identity signs whom in.

use model::types::{Action, AuditDetails, LinkedIdentity, Proof, SessionHandle, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Identity, OidcError};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError, Client,
        session::{self, Lifetime},
        user,
    },
    rfc3339,
};

/// Whom an identity signs in.
///
/// # Errors
/// [`OidcError::Unlinked`], [`AuthError::Suspended`]; the database.
pub async fn sign_in(core: &Core, client: &Client, identity: &Identity) -> Result<UserId, OidcError> {
    let mut transaction = core.pool.begin().await?;
    let user: Option<Uuid> = sqlx::query_scalar(
        "UPDATE oidc_links SET last_used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING user_id",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(core.now())
    .fetch_optional(&mut *transaction)
    .await?;
    let user = user.map(UserId).ok_or(OidcError::Unlinked)?;
    let admitted = user::admit(&mut *transaction, user).await;
    let event = match &admitted {
        Ok(()) => Event::new(By::user(client), Some(user), Action::SignedIn),
        Err(_) => Event::new(By::visitor(client), Some(user), Action::SignInFailed).failed(),
    };
    record(&mut transaction, core, &event.with(AuditDetails::by(Proof::Identity))).await?;
    transaction.commit().await?;
    admitted.map(|()| user).map_err(OidcError::Auth)
}

/// Links an identity to the account of `user`, who asked for it in `session`, in the place of the one
/// that was.
///
/// # Errors
/// [`OidcError::Taken`]; [`OidcError::Expired`] if the session has ended meanwhile; the database.
pub async fn link(
    core: &Core,
    by: By<'_>,
    user: UserId,
    asked_in: SessionHandle,
    identity: &Identity,
) -> Result<(), OidcError> {
    let (now, lifetime) = (core.now(), Lifetime::of(&*core.policy().await?));
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    if !session::holds(&mut transaction, user, asked_in, lifetime, now).await? {
        return Err(OidcError::Expired);
    }
    let same: Option<bool> = sqlx::query_scalar(
        "SELECT subject = $3 FROM oidc_links WHERE issuer = $1 AND user_id = $2 FOR UPDATE",
    )
    .bind(&identity.issuer)
    .bind(user.0)
    .bind(&identity.subject)
    .fetch_optional(&mut *transaction)
    .await?;
    let unlinked = match same {
        Some(false) => remove(&mut transaction, core, user, &identity.issuer, Some(asked_in)).await?,
        _ => None,
    };
    let linked = sqlx::query(
        "INSERT INTO oidc_links (issuer, subject, user_id, label, linked_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (issuer, subject) DO UPDATE SET label = excluded.label \
         WHERE oidc_links.user_id = excluded.user_id",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(user.0)
    .bind(&identity.label)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    if linked.rows_affected() == 0 {
        return Err(OidcError::Taken);
    }
    let unlinked = unlinked.map(|label| (Action::IdentityUnlinked, label));
    for (action, label) in unlinked.into_iter().chain([(Action::IdentityLinked, identity.label.clone())]) {
        let event = Event::new(by, Some(user), action).with(AuditDetails::named(label));
        record(&mut transaction, core, &event).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Unlinks what `user` has at `issuer`, and ends what was opened by it, except for `keep`. Answers whether there
/// was something.
///
/// # Errors
/// The database.
pub async fn unlink(
    core: &Core,
    by: By<'_>,
    user: UserId,
    issuer: &str,
    keep: Option<SessionHandle>,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let Some(label) = remove(&mut transaction, core, user, issuer, keep).await? else { return Ok(false) };
    let event = Event::new(by, Some(user), Action::IdentityUnlinked);
    record(&mut transaction, core, &event.with(AuditDetails::named(label))).await?;
    transaction.commit().await?;
    Ok(true)
}

/// The label of what was there.
async fn remove(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    issuer: &str,
    keep: Option<SessionHandle>,
) -> Result<Option<String>, sqlx::Error> {
    let label: Option<String> =
        sqlx::query_scalar("DELETE FROM oidc_links WHERE user_id = $1 AND issuer = $2 RETURNING label")
            .bind(user.0)
            .bind(issuer)
            .fetch_optional(&mut *connection)
            .await?;
    if label.is_some() {
        session::end_of_provider(connection, core, user, keep).await?;
    }
    Ok(label)
}

/// What `user` has linked at `issuer`.
///
/// # Errors
/// The database.
pub async fn find(core: &Core, user: UserId, issuer: &str) -> Result<Option<LinkedIdentity>, AuthError> {
    let row: Option<(String, OffsetDateTime, Option<OffsetDateTime>)> = sqlx::query_as(
        "SELECT label, linked_at, last_used_at FROM oidc_links WHERE user_id = $1 AND issuer = $2",
    )
    .bind(user.0)
    .bind(issuer)
    .fetch_optional(&core.pool)
    .await?;
    Ok(row.map(|(label, linked_at, last_used_at)| LinkedIdentity {
        label,
        linked_at: rfc3339(linked_at),
        last_used_at: last_used_at.map(rfc3339),
    }))
}
