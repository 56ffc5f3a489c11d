//! API tokens: `rfl_`, 256 bits in hexadecimal, and a checksum by which scanners can tell a leaked
//! token from any other text. Stored as SHA-256.

use std::fmt::Write as _;

use model::types::{Action, AuditDetails, UserId};
use sha2::{Digest, Sha256};
use time::Duration;
use uuid::Uuid;

use super::AuthError;
use crate::{
    Core,
    audit::{By, Event, record},
    random,
};

const PREFIX: &str = "rfl_";
const SECRET_CHARS: usize = 64;
const CHECKSUM_CHARS: usize = 8;
/// How exact "last used" is; a write for every request would be too many.
const LAST_USED: Duration = Duration::MINUTE;

/// A new token for `user`, shown once. `name` says what it is for.
///
/// # Errors
/// The database, randomness.
pub async fn create(core: &Core, by: By<'_>, user: UserId, name: &str) -> Result<String, AuthError> {
    let now = core.now();
    let secret = hex(&random::bytes::<32>()?);
    let token = format!("{PREFIX}{secret}{}", checksum(&secret));
    let mut transaction = core.pool.begin().await?;
    sqlx::query(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(random::uuid_v7(now)?)
    .bind(user.0)
    .bind(name)
    .bind(digest(&token))
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    let event = Event::new(by, Some(user), Action::TokenCreated).with(AuditDetails::named(name));
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(token)
}

/// Whose token this is; nobody's while its owner is suspended. A text that can't be a token costs no query.
///
/// # Errors
/// The database.
pub async fn authenticate(core: &Core, token: &str) -> Result<Option<UserId>, AuthError> {
    if !is_well_formed(token) {
        return Ok(None);
    }
    let now = core.now();
    let row: Option<(Uuid, Uuid, Option<time::OffsetDateTime>)> = sqlx::query_as(
        "SELECT t.id, user_id, last_used_at FROM api_tokens t \
             JOIN users u ON u.id = user_id AND u.suspended_at IS NULL WHERE token_hash = $1",
    )
    .bind(digest(token))
    .fetch_optional(&core.pool)
    .await?;
    let Some((id, user, last_used)) = row else { return Ok(None) };
    if last_used.is_none_or(|at| at + LAST_USED <= now) {
        sqlx::query("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(&core.pool)
            .await?;
    }
    Ok(Some(UserId(user)))
}

fn is_well_formed(token: &str) -> bool {
    let Some(rest) = token.strip_prefix(PREFIX) else { return false };
    rest.len() == SECRET_CHARS + CHECKSUM_CHARS
        && rest.split_at_checked(SECRET_CHARS).is_some_and(|(secret, sum)| checksum(secret) == sum)
}

/// The first half of a SHA-256's first 8 bytes, as hexadecimal: not a secret, only a mark.
fn checksum(secret: &str) -> String {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(format!("{PREFIX}{secret}").as_bytes()).into();
    hex(&[a, b, c, d])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_token_is_told_by_its_checksum() {
        let secret = hex(&[0xAB; 32]);
        let token = format!("{PREFIX}{secret}{}", checksum(&secret));
        assert!(is_well_formed(&token));
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            assert!(!is_well_formed(&String::from_utf8(changed).unwrap()), "{place}");
        }
        for bad in ["", "rfl_", "rfl_é", "Bearer x"] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
