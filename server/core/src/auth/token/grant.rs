//! What a token opens.

use std::net::IpAddr;

use model::types::{ByteSize, RequestsPerMinute, Scope, Scopes, TokenId, UserId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::form::TokenText;
use crate::{
    Core,
    auth::{AuthError, Client, session::network},
};

/// How exact "last used" is; a write for every request would be too many.
const LAST_USED: Duration = Duration::MINUTE;

/// What somebody let a program do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// By which token.
    pub token: TokenId,
    /// What that is called.
    pub name: String,
    /// In whose name.
    pub user: UserId,
    /// What.
    pub scopes: Scopes,
    /// How often.
    pub requests_per_minute: RequestsPerMinute,
    /// Bytes of one file, where that is less than the instance takes.
    pub max_upload: Option<ByteSize>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    user_id: Uuid,
    scopes: Vec<String>,
    requests_per_minute: i32,
    max_upload: Option<i64>,
    last_used_at: Option<OffsetDateTime>,
}

impl From<Row> for Grant {
    fn from(row: Row) -> Self {
        Self {
            token: TokenId(row.id),
            name: row.name,
            user: UserId(row.user_id),
            scopes: scopes(&row.scopes),
            requests_per_minute: requests(row.requests_per_minute),
            max_upload: row.max_upload.map(bytes),
        }
    }
}

/// What `token`, which `client` brings, opens; nothing when it has ended, or while its owner is suspended. A
/// text that can't be a token costs no query.
///
/// # Errors
/// The database.
pub async fn authenticate(core: &Core, token: &str, client: &Client) -> Result<Option<Grant>, AuthError> {
    let Ok(token) = token.parse::<TokenText>() else { return Ok(None) };
    let now = core.now();
    let row: Option<Row> = sqlx::query_as(
        "SELECT t.id, t.name, user_id, scopes, requests_per_minute, max_upload, last_used_at FROM api_tokens t \
         JOIN users u ON u.id = user_id AND u.suspended_at IS NULL \
         WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(token.digest())
    .bind(now)
    .fetch_optional(&core.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.last_used_at.is_none_or(|at| at + LAST_USED <= now) {
        note_use(core, row.id, client, now).await?;
    }
    Ok(Some(row.into()))
}

/// Whether this token opens anything still: for what goes on for longer than a request takes to be let in.
///
/// # Errors
/// The database.
pub async fn holds(core: &Core, token: TokenId) -> Result<bool, AuthError> {
    let holds = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM api_tokens t JOIN users u ON u.id = user_id AND u.suspended_at IS NULL \
         WHERE t.id = $1 AND (expires_at IS NULL OR expires_at > $2))",
    );
    Ok(holds.bind(token.0).bind(core.now()).fetch_one(&core.pool).await?)
}

/// Of parallel requests one writes; the others find that it has.
async fn note_use(core: &Core, id: Uuid, client: &Client, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE api_tokens SET last_used_at = $2, last_network = $3, last_agent = $4 \
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $5)",
    )
    .bind(id)
    .bind(now)
    .bind(network_text(client.address))
    .bind(client.agent.as_str())
    .bind(now - LAST_USED)
    .execute(&core.pool)
    .await?;
    Ok(())
}

/// The network that an address is in, as people write it.
fn network_text(address: IpAddr) -> String {
    let network = network(address);
    let bits = if network.is_ipv4() { 24 } else { 48 };
    format!("{network}/{bits}")
}

/// Scopes as they are stored. One that another version knows opens nothing here.
pub(super) fn scopes(stored: &[String]) -> Scopes {
    stored.iter().filter_map(|name| name.parse::<Scope>().ok()).collect()
}

pub(super) fn requests(stored: i32) -> RequestsPerMinute {
    RequestsPerMinute::nearest(u32::try_from(stored).unwrap_or_default())
}

pub(super) fn bytes(stored: i64) -> ByteSize {
    ByteSize(u64::try_from(stored).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_by_its_network() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ] {
            assert_eq!(network_text(address.parse().unwrap()), network);
        }
    }

    #[test]
    fn a_scope_of_another_version_opens_nothing() {
        let stored = ["upload", "everything"].map(str::to_owned);
        assert_eq!(scopes(&stored), [Scope::Upload].into_iter().collect());
    }
}
