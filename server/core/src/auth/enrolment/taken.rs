//! Whether a name is free. Who asks for one must be told; who asks for many lists the accounts.

use model::types::Username;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    Core,
    auth::{
        AuthError, Client,
        one_time::digest,
        policy::{Budget, address_key},
    },
    db,
};

/// Names that are found taken by one link, and from one address. Few need a third.
const TAKEN: Budget = Budget { failures: 10, window: Duration::HOUR };

/// Refuses a name that somebody has, to whoever chooses theirs by the link with this token; and every name, once
/// too many were taken.
///
/// # Errors
/// [`AuthError::NameTaken`], [`AuthError::TooManyAttempts`]; the database, randomness.
pub(super) async fn choose(
    core: &Core,
    client: &Client,
    token: &str,
    name: &Username,
) -> Result<(), AuthError> {
    let (now, link, address) = (core.now(), digest(token), address_key(client.address));
    let mut transaction = core.pool.begin().await?;
    // Tries at once queue, so that they don't all find room. Everybody takes the two in this order.
    db::lock(&mut transaction, &[b"names by link ", link.as_slice()].concat()).await?;
    db::lock(&mut transaction, format!("names from {address}").as_bytes()).await?;
    let by_link =
        sqlx::query_scalar("SELECT at FROM taken_names WHERE link_hash = $1 AND at > $2").bind(&link);
    let from_there =
        sqlx::query_scalar("SELECT at FROM taken_names WHERE address = $1 AND at > $2").bind(&address);
    for counted in [by_link, from_there] {
        let counted: Vec<OffsetDateTime> =
            counted.bind(TAKEN.since(now)).fetch_all(&mut *transaction).await?;
        if let Some(retry_after) = TAKEN.wait(&counted, now) {
            return Err(AuthError::TooManyAttempts { retry_after });
        }
    }
    let Err(refusal) = refuse(&mut transaction, name).await else { return Ok(()) };
    sqlx::query("INSERT INTO taken_names (id, link_hash, address, at) VALUES ($1, $2, $3, $4)")
        .bind(core.random.uuid_v7(now)?)
        .bind(link)
        .bind(address)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Err(refusal)
}

/// Refuses a name that somebody has.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database.
pub(super) async fn refuse(connection: &mut PgConnection, name: &Username) -> Result<(), AuthError> {
    let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE name_folded = $1)")
        .bind(name.folded())
        .fetch_one(connection)
        .await?;
    if taken { Err(AuthError::NameTaken) } else { Ok(()) }
}
