//! The instance at a glance.

use std::collections::BTreeMap;

use model::types::{Action, ByteSize, Day, Overview};
use time::{Duration, OffsetDateTime, Time};

use super::AdminError;
use crate::{Core, mail::outbox, rfc3339};

/// Days of the plots.
const DAYS: i64 = 30;

#[derive(sqlx::FromRow)]
struct Counts {
    accounts: i64,
    suspended: i64,
    administrators: i64,
    used: i64,
    images: i64,
    stored: i64,
}

/// Counts, and the last 30 days.
///
/// # Errors
/// The database.
pub async fn overview(core: &Core) -> Result<Overview, AdminError> {
    let counts: Counts = sqlx::query_as(
        "SELECT count(*) AS accounts, count(suspended_at) AS suspended, \
         count(*) FILTER (WHERE is_admin) AS administrators, coalesce(sum(used_bytes), 0)::bigint AS used, \
         (SELECT count(*) FROM images WHERE deleted_at IS NULL) AS images, \
         (SELECT coalesce(sum(size), 0)::bigint FROM blobs) AS stored FROM users",
    )
    .fetch_one(&core.pool)
    .await?;
    Ok(Overview {
        accounts: number(counts.accounts),
        suspended: number(counts.suspended),
        administrators: number(counts.administrators),
        images: number(counts.images),
        used: ByteSize(number(counts.used)),
        stored: ByteSize(number(counts.stored)),
        outbox: outbox::counts(core).await?,
        days: days(core, number(counts.used)).await?,
    })
}

/// The days, from what came on each backwards from what there is now.
async fn days(core: &Core, used: u64) -> Result<Vec<Day>, AdminError> {
    let today = core.now().replace_time(Time::MIDNIGHT);
    let first = today - Duration::days(DAYS - 1);
    let came = came(core, first).await?;
    let tries = tries(core, first).await?;
    let mut stored = used;
    let mut days: Vec<Day> = (0..DAYS)
        .map(|ago| {
            let date = rfc3339(today - Duration::days(ago)).date().to_owned();
            let (images, bytes) = came.get(&date).copied().unwrap_or_default();
            let (sign_ins, failures) = tries.get(&date).copied().unwrap_or_default();
            let day = Day { date, stored, images, sign_ins, failures };
            stored = stored.saturating_sub(bytes);
            day
        })
        .collect();
    days.reverse();
    Ok(days)
}

/// Images and bytes that came on each day and are still there, those of earlier versions included. Keys are UUIDv7: those from a moment
/// on are a range of the primary key, which needs no index besides.
async fn came(core: &Core, first: OffsetDateTime) -> Result<BTreeMap<String, (u64, u64)>, AdminError> {
    let millis = u64::try_from(first.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    let from = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, sum(images)::bigint, sum(bytes)::bigint FROM (\
         SELECT created_at AS at, 1 AS images, CASE WHEN changed_at IS NULL THEN byte_size ELSE 0 END AS bytes \
             FROM images WHERE id >= $1 \
         UNION ALL SELECT changed_at, 0, byte_size FROM images WHERE changed_at >= $2 \
         UNION ALL SELECT made_at, 0, byte_size FROM image_versions WHERE made_at >= $2) AS came GROUP BY day",
    )
    .bind(from)
    .bind(first)
    .fetch_all(&core.pool)
    .await?;
    Ok(by_day(rows))
}

/// Sign-ins of each day, and those that failed.
async fn tries(core: &Core, first: OffsetDateTime) -> Result<BTreeMap<String, (u64, u64)>, AdminError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, \
         count(*) FILTER (WHERE action = $2), count(*) FILTER (WHERE action = $3) \
         FROM audit_log WHERE at >= $1 AND action IN ($2, $3) GROUP BY day",
    )
    .bind(first)
    .bind(Action::SignedIn.as_str())
    .bind(Action::SignInFailed.as_str())
    .fetch_all(&core.pool)
    .await?;
    Ok(by_day(rows))
}

fn by_day(rows: Vec<(String, i64, i64)>) -> BTreeMap<String, (u64, u64)> {
    rows.into_iter().map(|(day, one, other)| (day, (number(one), number(other)))).collect()
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
