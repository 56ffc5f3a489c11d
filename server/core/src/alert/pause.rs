//! What is told at most once a day.

use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Core, audit::Event, auth::AuthError};

const PAUSE: Duration = Duration::DAY;

/// Whether a day has gone by since this was last answered with yes for what `event` is, at its account
/// or the instance.
///
/// # Errors
/// The database.
pub(crate) async fn once_a_day(
    connection: &mut PgConnection,
    core: &Core,
    event: &Event<'_>,
) -> Result<bool, AuthError> {
    let now = core.now();
    let told = sqlx::query(
        "INSERT INTO alert_pauses AS p (action, subject, told_at) VALUES ($1, $2, $3) \
         ON CONFLICT (action, subject) DO UPDATE SET told_at = $3 WHERE p.told_at <= $4",
    )
    .bind(event.action.as_str())
    .bind(event.user.map_or_else(Uuid::nil, |user| user.0))
    .bind(now)
    .bind(now - PAUSE)
    .execute(connection)
    .await?;
    Ok(told.rows_affected() > 0)
}

pub(super) async fn sweep(pool: &PgPool, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query("DELETE FROM alert_pauses WHERE told_at <= $1").bind(now - PAUSE);
    Ok(gone.execute(pool).await?.rows_affected())
}
