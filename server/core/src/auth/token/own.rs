//! A person makes, sees and revokes their tokens.

use model::types::{
    Action, ApiToken, AuditDetails, Scope, SessionHandle, TokenId, TokenMade, TokenTerms, UserId,
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    form::TokenText,
    grant::{bytes, requests, scopes},
};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError, UserAgent,
        session::{self, Lifetime},
        user,
    },
    rfc3339,
};

/// Tokens of one person that are good.
pub const MOST: i64 = 50;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    created_at: OffsetDateTime,
    expires_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
    last_network: Option<String>,
    last_agent: Option<String>,
    requests_per_minute: i32,
    max_upload: Option<i64>,
}

/// The tokens of `user`, the newest first. Those that have expired are among them for a month.
///
/// # Errors
/// The database.
pub async fn list(core: &Core, user: UserId) -> Result<Vec<ApiToken>, AuthError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, scopes, created_at, expires_at, last_used_at, last_network, last_agent, \
         requests_per_minute, max_upload FROM api_tokens WHERE user_id = $1 ORDER BY created_at DESC, id DESC",
    )
    .bind(user.0)
    .fetch_all(&core.pool)
    .await?;
    let now = core.now();
    let token = |row: Row| ApiToken {
        id: TokenId(row.id),
        name: row.name,
        scopes: scopes(&row.scopes),
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        expired: row.expires_at.is_some_and(|at| at <= now),
        last_used_at: row.last_used_at.map(rfc3339),
        network: row.last_network,
        agent: row.last_agent.map(|agent| UserAgent::new(&agent).to_string()),
        requests_per_minute: requests(row.requests_per_minute),
        max_upload: row.max_upload.map(bytes),
    };
    Ok(rows.into_iter().map(token).collect())
}

/// A new token for `user`, who asks for it in a session, or whom the command line gives it.
///
/// # Errors
/// [`AuthError::SessionEnded`], [`AuthError::NotAdministrator`] where it is to administer,
/// [`AuthError::TooManyTokens`]; the database, randomness.
pub async fn create(
    core: &Core,
    by: By<'_>,
    user: UserId,
    asked_in: Option<SessionHandle>,
    terms: &TokenTerms,
) -> Result<TokenMade, AuthError> {
    let (now, lifetime) = (core.now(), Lifetime::of(&*core.policy().await?));
    let (id, token) = (TokenId(core.random.uuid_v7(now)?), TokenText::generate(&core.random)?);
    let mut transaction = core.pool.begin().await?;
    // Whoever enrols anew ends all tokens: this one is among them, or its session has ended.
    user::lock(&mut transaction, user).await?;
    if let Some(session) = asked_in
        && !session::holds(&mut transaction, user, session, lifetime, now).await?
    {
        return Err(AuthError::SessionEnded);
    }
    let (is_admin, tokens): (bool, i64) = sqlx::query_as(
        "SELECT is_admin, (SELECT count(*) FROM api_tokens WHERE user_id = u.id AND (expires_at > $2) IS NOT FALSE) \
         FROM users u WHERE id = $1",
    )
    .bind(user.0)
    .bind(now)
    .fetch_one(&mut *transaction)
    .await?;
    if terms.reach.scopes().has(Scope::Admin) && !is_admin {
        return Err(AuthError::NotAdministrator);
    }
    if tokens >= MOST {
        return Err(AuthError::TooManyTokens);
    }
    insert(&mut transaction, (id, user), terms, &token, now).await?;
    let name = terms.name.as_str();
    let event = Event::new(by, Some(user), Action::TokenCreated).with(AuditDetails::named(name));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(TokenMade { id, token: token.reveal().to_owned() })
}

async fn insert(
    connection: &mut PgConnection,
    (id, user): (TokenId, UserId),
    terms: &TokenTerms,
    token: &TokenText,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let scopes: Vec<&str> = terms.reach.scopes().iter().map(Scope::as_str).collect();
    let most = terms.max_upload.map(|limit| i64::try_from(limit.size().bytes()).unwrap_or(i64::MAX));
    sqlx::query(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at, scopes, expires_at, \
         requests_per_minute, max_upload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id.0)
    .bind(user.0)
    .bind(terms.name.as_str())
    .bind(token.digest())
    .bind(now)
    .bind(scopes)
    .bind(terms.reach.days().map(|days| now + Duration::days(days.get().into())))
    .bind(i32::try_from(terms.requests_per_minute.get()).unwrap_or(i32::MAX))
    .bind(most)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a token of `user`; `false` if there is no such token.
///
/// # Errors
/// The database.
pub async fn revoke(core: &Core, by: By<'_>, user: UserId, token: TokenId) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let name: Option<String> =
        sqlx::query_scalar("DELETE FROM api_tokens WHERE id = $1 AND user_id = $2 RETURNING name")
            .bind(token.0)
            .bind(user.0)
            .fetch_optional(&mut *transaction)
            .await?;
    let Some(name) = name else { return Ok(false) };
    record(&mut transaction, core, &revoked_event(by, user, name)).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends all tokens of `user`; answers how many.
///
/// # Errors
/// The database.
pub async fn revoke_all(core: &Core, by: By<'_>, user: UserId) -> Result<u64, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let ended = end_all(&mut transaction, user).await?;
    let count = ended.len() as u64;
    record_ended(&mut transaction, core, by, user, ended).await?;
    transaction.commit().await?;
    Ok(count)
}

/// Ends all tokens of `user`; answers what they were called, to be [recorded](record_ended).
pub(in crate::auth) async fn end_all(
    connection: &mut PgConnection,
    user: UserId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("DELETE FROM api_tokens WHERE user_id = $1 RETURNING name")
        .bind(user.0)
        .fetch_all(connection)
        .await
}

/// Ends those tokens of `user` that administer; answers what they were called, to be [recorded](record_ended).
pub(crate) async fn end_administering(
    connection: &mut PgConnection,
    user: UserId,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("DELETE FROM api_tokens WHERE user_id = $1 AND $2 = ANY (scopes) RETURNING name")
        .bind(user.0)
        .bind(Scope::Admin.as_str())
        .fetch_all(connection)
        .await
}

/// Records that tokens of these names have ended.
pub(crate) async fn record_ended(
    connection: &mut PgConnection,
    core: &Core,
    by: By<'_>,
    user: UserId,
    ended: Vec<String>,
) -> Result<(), AuthError> {
    for name in ended {
        record(connection, core, &revoked_event(by, user, name)).await?;
    }
    Ok(())
}

fn revoked_event(by: By<'_>, user: UserId, name: String) -> Event<'_> {
    Event::new(by, Some(user), Action::TokenRevoked).with(AuditDetails::named(name))
}
