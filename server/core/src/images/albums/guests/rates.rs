//! How much guests send from one address.
//!
//! By all links together, and counted in PostgreSQL, so that it holds over several nodes: whoever finds a link without
//! limits is not to fill its owner's space in an hour, nor keep the server decoding.

use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use crate::{
    Core,
    auth::{AuthError, policy::address_key},
};

/// Files from one address in [`WINDOW`]: what a hall full of guests behind one router sends, and no more.
pub(super) const MOST: i32 = 1_000;
/// How long they count, from the first one on.
const WINDOW: Duration = Duration::HOUR;

/// Counts a file from there, whatever becomes of it.
///
/// # Errors
/// [`AuthError::TooManyAttempts`], after which it wasn't counted; the database.
pub async fn count_file(core: &Core, from: IpAddr) -> Result<(), AuthError> {
    let (address, now) = (address_key(from), core.now());
    let counted = sqlx::query(
        "INSERT INTO guest_rates AS r (address, since, files) VALUES ($1, $2, 1) \
         ON CONFLICT (address) DO UPDATE SET \
         since = CASE WHEN r.since > $3 THEN r.since ELSE excluded.since END, \
         files = CASE WHEN r.since > $3 THEN r.files + 1 ELSE 1 END \
         WHERE r.since <= $3 OR r.files < $4",
    )
    .bind(&address)
    .bind(now)
    .bind(now - WINDOW)
    .bind(MOST)
    .execute(&core.pool)
    .await?;
    if counted.rows_affected() == 1 {
        return Ok(());
    }
    let since: Option<OffsetDateTime> =
        sqlx::query_scalar("SELECT since FROM guest_rates WHERE address = $1")
            .bind(&address)
            .fetch_optional(&core.pool)
            .await?;
    let left = since.map_or(Duration::ZERO, |since| since + WINDOW - now);
    let seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
    Err(AuthError::TooManyAttempts { retry_after: u32::try_from(seconds).unwrap_or(1).max(1) })
}

/// Forgets addresses whose hour is over; answers how many.
///
/// # Errors
/// The database.
pub async fn sweep(core: &Core) -> Result<u64, sqlx::Error> {
    let old = sqlx::query("DELETE FROM guest_rates WHERE since <= $1").bind(core.now() - WINDOW);
    Ok(old.execute(&core.pool).await?.rows_affected())
}
