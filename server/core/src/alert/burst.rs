//! Many sign-ins that fail, over all accounts.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{auth::policy::SITE, mail::Mail};

/// Failures that are counted, at most: a botnet leaves more than is worth reading while others wait.
const MOST: i64 = 10_000;

/// What has failed lately.
pub(super) async fn burst(connection: &mut PgConnection, now: OffsetDateTime) -> Result<Mail, sqlx::Error> {
    let (failures, addresses, since, until): (i64, i64, Option<OffsetDateTime>, Option<OffsetDateTime>) =
        sqlx::query_as(
            "SELECT count(*), count(DISTINCT address), min(at), max(at) FROM (SELECT address, at \
             FROM auth_attempts WHERE place IS NULL AND at > $1 ORDER BY at DESC LIMIT $2) AS last",
        )
        .bind(SITE.since(now))
        .bind(MOST)
        .fetch_one(connection)
        .await?;
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Mail::FailureBurst {
        failures: count(failures),
        addresses: count(addresses),
        since: since.unwrap_or(now),
        until: until.unwrap_or(now),
    })
}
