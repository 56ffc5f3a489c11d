//! From where and with what an account is used: everything else is new.

use model::types::{AuditOutcome, Proof, UserId};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use crate::{Core, audit::Event, auth::session::network};

/// How long a place stays known after its last use.
const KNOWN: Duration = Duration::days(90);

/// Remembers where the sign-in that `event` is came from. Whether its owner is told: it was shown who
/// they are by something that can be had from elsewhere, at a place that isn't known.
///
/// A place is the program by its name ("Firefox on Linux") and its network: a `User-Agent` is another
/// one with each update.
pub(super) async fn arrive(
    connection: &mut PgConnection,
    core: &Core,
    event: &Event<'_>,
) -> Result<bool, sqlx::Error> {
    let (Some(client), Some(user), AuditOutcome::Success) = (event.by.client, event.user, event.outcome)
    else {
        return Ok(false);
    };
    let now = core.now();
    let known: bool = sqlx::query_scalar(
        "WITH known AS (SELECT FROM known_places \
             WHERE user_id = $1 AND agent = $2 AND network = $3 AND seen_at > $5), \
         seen AS (INSERT INTO known_places (user_id, agent, network, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, agent, network) DO UPDATE SET seen_at = $4) \
         SELECT EXISTS (SELECT FROM known)",
    )
    .bind(user.0)
    .bind(client.agent.to_string())
    .bind(network(client.address).to_string())
    .bind(now)
    .bind(now - KNOWN)
    .fetch_one(connection)
    .await?;
    // Who has just enrolled is where they are, and a trusted device is known wherever it is.
    Ok(!known && !matches!(event.details.by, Some(Proof::Enrolment | Proof::Device)))
}

/// Forgets where `user` was.
pub(super) async fn forget(connection: &mut PgConnection, user: Option<UserId>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM known_places WHERE user_id = $1")
        .bind(user.map(|user| user.0))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query(
        "DELETE FROM known_places AS p \
         WHERE seen_at <= $1 OR NOT EXISTS (SELECT FROM users WHERE id = p.user_id)",
    );
    Ok(gone.bind(now - KNOWN).execute(pool).await?.rows_affected())
}
