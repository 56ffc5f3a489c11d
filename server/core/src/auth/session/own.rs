//! A person sees and ends their own sessions.

use model::types::{Action, AuditDetails, DeviceId, SessionEntry, SessionHandle, UserId};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Lifetime, NOTED, Opened, SIGNED_IN, SignedIn, digest, note};
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{AuthError, user},
    rfc3339,
};

/// The handle of the session with this id.
#[must_use]
pub fn handle(id: &[u8]) -> SessionHandle {
    handle_of(&digest(id))
}

fn handle_of(hash: &[u8]) -> SessionHandle {
    SessionHandle(hash.first_chunk().map_or_else(Uuid::nil, |start| Uuid::from_bytes(*start)))
}

#[derive(sqlx::FromRow)]
struct Row {
    id_hash: Vec<u8>,
    signed_in: Json<SignedIn>,
    device: Option<String>,
    created_at: OffsetDateTime,
    last_seen_at: OffsetDateTime,
}

/// The sessions of `user` that hold now, the last used first.
///
/// # Errors
/// The database.
pub async fn list(
    core: &Core,
    user: UserId,
    current: Option<SessionHandle>,
) -> Result<Vec<SessionEntry>, AuthError> {
    let lifetime = Lifetime::of(&*core.policy().await?);
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT s.id_hash, s.data->$4 AS signed_in, d.name AS device, s.created_at, s.last_seen_at \
         FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN trusted_devices d \
         ON d.user_id = s.user_id AND d.id::text = s.data->$4->>'device' \
         WHERE s.user_id = $5 AND s.data ? $4 AND ",
        holds!(),
        " ORDER BY s.last_seen_at DESC, s.id_hash"
    ))
    .bind(core.now())
    .bind(lifetime.idle)
    .bind(lifetime.absolute)
    .bind(SIGNED_IN)
    .bind(user.0)
    .fetch_all(&core.pool)
    .await?;
    let entry = |row: Row| {
        let id = handle_of(&row.id_hash);
        SessionEntry {
            id,
            agent: row.signed_in.agent.to_string(),
            address: row.signed_in.address.to_string(),
            device: row.device,
            created_at: rfc3339(row.created_at),
            last_seen_at: rfc3339(row.last_seen_at),
            current: Some(id) == current,
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// Ends one session of `user`; `false` if there is no such session.
///
/// # Errors
/// The database.
pub async fn end(core: &Core, by: By<'_>, user: UserId, session: SessionHandle) -> Result<bool, AuthError> {
    end_as(core, Event::new(by, Some(user), Action::SessionEnded), user, session).await
}

/// Ends the session that asks for it; `false` if it had ended.
///
/// # Errors
/// The database.
pub async fn sign_out(
    core: &Core,
    by: By<'_>,
    user: UserId,
    session: SessionHandle,
) -> Result<bool, AuthError> {
    end_as(core, Event::new(by, Some(user), Action::SignedOut), user, session).await
}

async fn end_as(
    core: &Core,
    event: Event<'_>,
    user: UserId,
    session: SessionHandle,
) -> Result<bool, AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, user).await?;
    let ended: Option<(Option<Json<SignedIn>>,)> = sqlx::query_as(
        "DELETE FROM sessions WHERE user_id = $1 AND substr(id_hash, 1, 16) = $2 RETURNING data->$3",
    )
    .bind(user.0)
    .bind(bytes(Some(session)))
    .bind(SIGNED_IN)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((signed_in,)) = ended else { return Ok(false) };
    void_offers(&mut transaction, user).await?;
    let details = signed_in.map(|signed_in| AuditDetails::named(signed_in.agent.to_string()));
    record(&mut transaction, core, &event.with(details.unwrap_or_default())).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends every session of `user` but `keep`. Answers how many.
///
/// # Errors
/// The database.
pub async fn end_others(
    core: &Core,
    by: By<'_>,
    user: UserId,
    keep: Option<SessionHandle>,
) -> Result<u64, AuthError> {
    let mut transaction = core.pool.begin().await?;
    let ended = end_all_but(&mut transaction, core, user, keep).await?;
    if ended > 0 {
        let event = Event::new(by, Some(user), Action::SessionEnded);
        record(&mut transaction, core, &event.with(AuditDetails::counted(ended))).await?;
    }
    transaction.commit().await?;
    Ok(ended)
}

/// Whoever was found to be `user` before this moment, and has no session yet, opens none: what they showed may be
/// what ends. Sessions that are there stay; what is on offer goes. To be done when whatever showed it is gone
/// already, in a transaction that locked the account before it took anything else of theirs.
async fn end_underway(connection: &mut PgConnection, core: &Core, user: UserId) -> Result<(), sqlx::Error> {
    // The moment is that at which the lock is there, or a try that came while this waited would be later.
    user::lock(&mut *connection, user).await?;
    sqlx::query("UPDATE users SET sessions_since = greatest(sessions_since, $2) WHERE id = $1")
        .bind(user.0)
        .bind(core.now())
        .execute(&mut *connection)
        .await?;
    void_offers(connection, user).await
}

/// Voids authenticators and recovery codes that wait to be confirmed: they may have been asked for in a session that
/// ends, and would take effect after it.
async fn void_offers(connection: &mut PgConnection, user: UserId) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM authenticator_offers WHERE user_id = $1",
        "DELETE FROM recovery_code_offers WHERE user_id = $1",
    ] {
        sqlx::query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The same within what a caller does at once.
pub(crate) async fn end_all_but(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    keep: Option<SessionHandle>,
) -> Result<u64, sqlx::Error> {
    end_underway(connection, core, user).await?;
    let ended =
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND substr(id_hash, 1, 16) IS DISTINCT FROM $2")
            .bind(user.0)
            .bind(bytes(keep))
            .execute(connection)
            .await?;
    Ok(ended.rows_affected())
}

/// Ends what was opened by a trusted device, or by any where none is given, but not `keep`.
///
/// # Errors
/// The database.
pub(in crate::auth) async fn end_of_device(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    device: Option<DeviceId>,
    keep: Option<SessionHandle>,
) -> Result<(), sqlx::Error> {
    end_underway(connection, core, user).await?;
    sqlx::query(
        "DELETE FROM sessions WHERE user_id = $1 AND substr(id_hash, 1, 16) IS DISTINCT FROM $4 \
         AND CASE WHEN $2::uuid IS NULL THEN data->$3->>'device' IS NOT NULL \
             ELSE data->$3->>'device' = $2::text END",
    )
    .bind(user.0)
    .bind(device.map(|device| device.0))
    .bind(SIGNED_IN)
    .bind(bytes(keep))
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends what was opened by the OpenID Connect provider, but not `keep`.
///
/// # Errors
/// The database.
pub(crate) async fn end_of_provider(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
    keep: Option<SessionHandle>,
) -> Result<(), sqlx::Error> {
    end_underway(connection, core, user).await?;
    sqlx::query(
        "DELETE FROM sessions WHERE user_id = $1 AND substr(id_hash, 1, 16) IS DISTINCT FROM $3 \
         AND (data->$2->>'by_provider')::boolean",
    )
    .bind(user.0)
    .bind(SIGNED_IN)
    .bind(bytes(keep))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether that session of `user` holds still. To be asked under the lock on the account by whatever would
/// outlive an enrolment anew that ends the session.
///
/// # Errors
/// The database.
pub(crate) async fn holds(
    connection: &mut PgConnection,
    user: UserId,
    session: SessionHandle,
    lifetime: Lifetime,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(concat!(
        "SELECT EXISTS (SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.user_id = $4 AND substr(s.id_hash, 1, 16) = $5 AND ",
        holds!(),
        ")"
    ))
    .bind(now)
    .bind(lifetime.idle)
    .bind(lifetime.absolute)
    .bind(user.0)
    .bind(bytes(Some(session)))
    .fetch_one(connection)
    .await
}

impl Opened {
    /// Whether the session is there still, and its person isn't suspended. Counts as a use.
    ///
    /// # Errors
    /// The database.
    pub async fn holds(self, core: &Core) -> Result<bool, AuthError> {
        let lifetime = Lifetime::of(&*core.policy().await?);
        let now = core.now();
        let found: Option<(Vec<u8>, OffsetDateTime)> = sqlx::query_as(concat!(
            "SELECT id_hash, last_seen_at FROM sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.user_id = $4 AND (s.data->$5->>'since')::bigint = $6 AND ",
            holds!()
        ))
        .bind(now)
        .bind(lifetime.idle)
        .bind(lifetime.absolute)
        .bind(self.user.0)
        .bind(SIGNED_IN)
        .bind(self.since)
        .fetch_optional(&core.pool)
        .await?;
        let Some((id_hash, last_seen_at)) = found else { return Ok(false) };
        if last_seen_at + NOTED <= now {
            note(&core.pool, &id_hash, lifetime, now).await?;
        }
        Ok(true)
    }
}

fn bytes(handle: Option<SessionHandle>) -> Option<Vec<u8>> {
    handle.map(|handle| handle.0.as_bytes().to_vec())
}
