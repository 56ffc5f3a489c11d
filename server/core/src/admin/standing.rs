//! Whether an administrator still is one, at the moment at which what they decided is done.
//!
//! The doors ask before: who isn't one is told so, and who is types a fresh code. But between that and the act they
//! may be demoted, suspended, deleted or put out, and nothing of theirs may come after that.

use model::types::{Scope, SessionHandle, TokenId, UserId};
use sqlx::PgConnection;

use super::remaining;
use crate::{
    Core,
    audit::By,
    auth::{
        AuthError,
        session::{self, Lifetime},
        user,
    },
};

/// By what an administrator acts, which ends what they do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The session in which they typed a code.
    Session(SessionHandle),
    /// The API token of a program.
    Token(TokenId),
}

/// Refuses an administrator who is none any more, or whose session or token has ended; nobody else is one. Holds
/// that until the transaction ends. To be asked first in a transaction: decisions of administrators queue here.
///
/// # Errors
/// [`AuthError::NotAdministrator`], [`AuthError::SessionEnded`]; the database.
pub(crate) async fn require(connection: &mut PgConnection, core: &Core, by: By<'_>) -> Result<(), AuthError> {
    remaining::lock(&mut *connection).await?;
    let Some(actor) = by.acting_administrator() else { return Ok(()) };
    // Whoever ends their sessions comes before this or after the act.
    user::lock(&mut *connection, actor).await?;
    let administers: Option<bool> = sqlx::query_scalar(
        "SELECT is_admin AND suspended_at IS NULL AND removed_at IS NULL FROM users WHERE id = $1",
    )
    .bind(actor.0)
    .fetch_optional(&mut *connection)
    .await?;
    if administers != Some(true) {
        return Err(AuthError::NotAdministrator);
    }
    match by.authority {
        Some(Authority::Session(session)) => require_session(connection, core, actor, session).await,
        Some(Authority::Token(token)) => require_token(connection, core, actor, token).await,
        None => Ok(()),
    }
}

async fn require_session(
    connection: &mut PgConnection,
    core: &Core,
    actor: UserId,
    session: SessionHandle,
) -> Result<(), AuthError> {
    let lifetime = Lifetime::of(&*core.policy().await?);
    let holds = session::holds(connection, actor, session, lifetime, core.now()).await?;
    if holds { Ok(()) } else { Err(AuthError::SessionEnded) }
}

async fn require_token(
    connection: &mut PgConnection,
    core: &Core,
    actor: UserId,
    token: TokenId,
) -> Result<(), AuthError> {
    let found = sqlx::query(
        "SELECT 1 FROM api_tokens WHERE id = $1 AND user_id = $2 AND $3 = ANY (scopes) AND expires_at > $4 \
         FOR KEY SHARE",
    )
    .bind(token.0)
    .bind(actor.0)
    .bind(Scope::Admin.as_str())
    .bind(core.now())
    .execute(connection)
    .await?;
    if found.rows_affected() == 0 { Err(AuthError::NotAdministrator) } else { Ok(()) }
}
